// The roots that are known by name: their keys against the identifiers that IBM's client knows them by, and chains that end at them.

import { p521 } from "@noble/curves/nist.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/bytes.ts";
import { type Chain, verifyChains } from "../../src/client/chain.ts";
import { type Outcome, success } from "../../src/client/outcome.ts";
import { IBM_ROOTS, knownRoot, type PinnedRoot, rootsNamed } from "../../src/client/roots.ts";
import { noTotals } from "../../src/client/statistics.ts";
import { type CryptoUnit, UnitType } from "../../src/client/units.ts";
import { Verifier } from "../../src/client/verification.ts";
import { CheckError, UsageError } from "../../src/errors.ts";
import { attachOaSignature, decodeOaCertificate, encodeOaBody } from "../../src/wire/oa-certificate.ts";
import { testCore } from "../support/core.ts";
import { readVectors } from "../support/vectors.ts";

/** ep11-wire.md 9.4. */
const SKIS = {
  "ibm-cex6": "5f4717480b75b8bcbc224c62dfbd7a3b8987e54193d40a1a664fa221e5387123",
  "ibm-cex7": "b23884d4dea35eaabab109e0a6c400b2f5bea652f14ab23d2a47220696eb0e6b",
};

describe("IBM's roots", () => {
  it.each(Object.entries(SKIS))("%s: the identifier is the hash of the key, which is a point of P-521", (name, ski) => {
    const [root, ...others] = rootsNamed([name]);
    expect(others).toEqual([]);
    expect(toHex(root!.ski)).toBe(ski);
    expect(toHex(sha512(root!.publicKey).subarray(0, 32))).toBe(ski);
    expect(toHex(p521.Point.fromBytes(root!.publicKey).toBytes(false))).toBe(toHex(root!.publicKey));
    expect(knownRoot(fromHex(ski))).toBe(root);
  });

  it("ibm is all of them, each once", () => {
    expect(rootsNamed(["ibm"])).toEqual(IBM_ROOTS);
    expect(rootsNamed(["ibm-cex7", "ibm", "ibm-cex6"])).toEqual(IBM_ROOTS);
    expect(IBM_ROOTS.map(({ name }) => name)).toEqual(Object.keys(SKIS));
    expect(rootsNamed([])).toEqual([]);
  });

  it("no other name is known", () => {
    expect(() => rootsNamed(["ibm", "cex7"])).toThrow(UsageError);
    expect(() => rootsNamed(["cex7"])).toThrow("--root: want ibm-cex6, ibm-cex7, ibm, got 'cex7'.");
    expect(knownRoot(new Uint8Array(32))).toBeUndefined();
  });
});

interface ChainVector {
  readonly kind: string;
  readonly name: string;
  readonly root: { readonly ski: string; readonly x: string; readonly y: string };
  readonly certificates: readonly (string | { readonly certificate: string })[];
  readonly accept: boolean;
}

const UNIT: CryptoUnit = {
  id: "unit",
  instance: "instance",
  type: UnitType.Operational,
  location: "[r].[h].[00].[00]",
  moduleIndex: 0,
  domainIndex: 0,
  serial: "93AABDA1",
};

describe("chains", async () => {
  const core = await testCore();
  const verifier = new Verifier(core, noTotals());
  const { cases } = readVectors<ChainVector>("oa2-cert.json");
  // Not those that are about what a module answers besides its certificates.
  const chains = cases.filter(
    ({ kind, name }) => kind.endsWith("chain") && !/end of chain|header only|cut short/.test(name),
  );
  const rootOf = ({ root: { ski, x, y } }: ChainVector): PinnedRoot => ({
    name: "vectors",
    ski: fromHex(ski),
    publicKey: Uint8Array.of(4, ...fromHex(x), ...fromHex(y)),
  });
  const chainOf = (certificates: readonly Uint8Array[]): Chain => ({
    unit: UNIT,
    certificates: certificates.map((bytes) => decodeOaCertificate(bytes)),
    answers: [],
    complete: true,
  });
  const bytesOf = ({ certificates }: ChainVector): Uint8Array[] =>
    certificates.map((one) => fromHex(typeof one === "string" ? one : one.certificate));
  const verdict = (chain: Chain, roots: readonly PinnedRoot[]): Outcome<Uint8Array> =>
    verifyChains(verifier, roots, [success(chain)])[0]!;
  const refusal = (outcome: Outcome<Uint8Array>): string => {
    if (outcome.ok) throw new Error("accepted");
    expect(outcome.error).toBeInstanceOf(CheckError);
    return outcome.error.message;
  };

  it("are all here", () => {
    expect(chains.map(({ accept }) => accept)).toEqual([...Array(5).fill(true), ...Array(7).fill(false)]);
  });

  it.each(chains.map((vector) => [vector.name, vector] as const))("of IBM's client: %s", (_name, vector) => {
    const certificates = bytesOf(vector);
    const outcome = verdict(chainOf(certificates), [...IBM_ROOTS, rootOf(vector)]);
    if (vector.accept) expect(outcome).toEqual(success(decodeOaCertificate(certificates[0]!).publicKey));
    else refusal(outcome);
  });

  it("at a root that nobody knows say which, and what to do", () => {
    const vector = chains.find(({ accept }) => accept)!;
    const message = refusal(verdict(chainOf(bytesOf(vector)), rootsNamed(["ibm"])));
    expect(message).toContain(`want a root that is trusted, ibm-cex6 (${SKIS["ibm-cex6"]}), ibm-cex7 `);
    expect(message).toContain(`got ${vector.root.ski}; trust it with '--root-file' only if`);
  });

  /** A chain of one certificate that says it was signed by `root`, and was signed by somebody else. */
  const inTheNameOf = (root: PinnedRoot): Chain => {
    const vector = chains.find(({ accept }) => accept)!;
    const template = decodeOaCertificate(bytesOf(vector)[0]!);
    const [stranger] = core.keyGenerate(1);
    const body = encodeOaBody({ ...template, signerSki: root.ski });
    const [signature] = core.sign([{ key: stranger!.slot, message: body }]);
    return chainOf([attachOaSignature(body, root.ski, signature!)]);
  };

  it.each(IBM_ROOTS.map((root) => [root.name, root] as const))("at %s are refused unless it is named", (name, root) => {
    const others = IBM_ROOTS.filter((other) => other !== root);
    for (const roots of [[], others])
      expect(refusal(verdict(inTheNameOf(root), roots))).toContain(
        `got ${toHex(root.ski)}; that is IBM's root ${name}: trust it with '--root ${name}' if the endpoint is IBM's`,
      );
  });

  it("that name IBM's root without its signature are refused even so", () => {
    for (const root of IBM_ROOTS)
      expect(refusal(verdict(inTheNameOf(root), IBM_ROOTS))).toContain("the signature of certificate 0 is not good");
  });

  it("need the root's key: a root of the same identifier does not do", () => {
    const vector = chains.find(({ accept }) => accept)!;
    const impostor = { ...IBM_ROOTS[0]!, ski: rootOf(vector).ski };
    expect(refusal(verdict(chainOf(bytesOf(vector)), [impostor]))).toMatch(
      /the signature of certificate \d is not good/,
    );
  });
});
