import { beforeEach, describe, expect, it } from "vitest";
import { EMPTY } from "../../src/bytes.ts";
import type { PinnedRoot } from "../../src/client/chain.ts";
import { Client } from "../../src/client/client.ts";
import { queryJob } from "../../src/client/job.ts";
import type { Transport } from "../../src/client/transport.ts";
import { queryDomainAttributes } from "../../src/commands/query-domain-attributes.ts";
import type { KeyPair } from "../../src/core/api.ts";
import { TransportError } from "../../src/errors.ts";
import { createModule, createRoot, type OaRoot } from "../../src/unit/module.ts";
import { attachOaSignature, decodeOaCertificate, encodeOaBody } from "../../src/wire/oa-certificate.ts";
import { createRig, type Rig } from "../support/rig.ts";
import { tap } from "../support/tap.ts";

let rig: Rig;

beforeEach(async () => {
  rig = await createRig({ instances: { one: { operational: 2, recovery: 2 } }, modules: 2 });
});

const pin = ({ ski, publicKey }: OaRoot): PinnedRoot => ({ name: "root", ski, publicKey });

async function asked(roots: readonly PinnedRoot[] = [pin(rig.root)], transport: Transport = rig.transport) {
  const client = new Client({ transport, core: rig.cores.administrators, roots });
  return client.query(rig.units("one").map((unit) => queryJob(unit, queryDomainAttributes, undefined)));
}

/** Other certificates for the first module, whose key stays. Units of the second module must not notice. */
function recertify(certificates: (now: readonly Uint8Array[]) => readonly Uint8Array[]): void {
  const module = rig.store.modules.get("93RIG000")!;
  rig.store.modules.set(module.serial, { ...module, certificates: certificates(module.certificates) });
}

/** A certificate of the simulator's, but for the key and the identifiers that are given. */
function certificate(subject: { publicKey: Uint8Array; ski: Uint8Array }, signer: OaRoot): Uint8Array {
  const template = decodeOaCertificate(rig.store.modules.get("93RIG000")!.certificates[1]!);
  const body = encodeOaBody({
    ...template,
    publicKey: subject.publicKey,
    subjectSki: subject.ski,
    signerSki: signer.ski,
  });
  const [signature] = rig.cores.units.sign([{ key: signer.key, message: body }]);
  return attachOaSignature(body, signer.ski, signature!);
}

const flipped = (bytes: Uint8Array, at: number): Uint8Array => bytes.with(at, bytes[at]! ^ 1);

const refusal = (text: RegExp, check = "oa-chain") => {
  const error = expect.objectContaining({ check, message: expect.stringMatching(text) });
  return { ok: false, error };
};

async function expectFirstModuleRefused(text: RegExp, check?: string): Promise<void> {
  const outcomes = await asked();
  const units = rig.units("one");
  outcomes.forEach((outcome, at) => {
    if (units[at]!.serial === "93RIG000") expect(outcome).toMatchObject(refusal(text, check));
    else expect(outcome.ok).toBe(true);
  });
}

describe("certificate chains", () => {
  it("of two certificates end at the pinned root", async () => {
    expect((await asked()).every(({ ok }) => ok)).toBe(true);
  });

  it("of one certificate do too", async () => {
    rig = await createRig({ instances: { one: { recovery: 1 } }, modules: 1, depth: 1 });
    expect((await asked()).every(({ ok }) => ok)).toBe(true);
  });

  it("of eight certificates do too, and longer ones are refused", async () => {
    const oa = rig.store.modules.get("93RIG000")!.oaPublicKey;
    const keys = rig.cores.units.keyGenerate(8);
    const named = (pair: KeyPair): OaRoot => ({
      key: pair.slot,
      publicKey: pair.publicKey,
      ski: rig.cores.units.sha512(pair.publicKey).subarray(0, 32),
    });
    const signers = [...keys.map(named), rig.root];
    const chain = (length: number) => {
      const path = [...signers.slice(0, length - 1), rig.root];
      const subjects = [{ publicKey: oa, ski: rig.cores.units.sha512(oa).subarray(0, 32) }, ...path.slice(0, -1)];
      return subjects.map((subject, at) => certificate(subject, path[at]!));
    };
    recertify(() => chain(8));
    expect((await asked()).every(({ ok }) => ok)).toBe(true);
    recertify(() => chain(9));
    await expectFirstModuleRefused(/93RIG000: more than 8 certificates/);
  });

  it("are refused at a root that is not pinned", async () => {
    const other = createRoot(rig.cores.units);
    for (const outcome of await asked([pin(other)]))
      expect(outcome).toMatchObject(refusal(/want a root that is trusted/));
    for (const outcome of await asked([])) expect(outcome).toMatchObject(refusal(/of which there is none/));
  });

  it("are refused at a root that has the pinned identifier and another key", async () => {
    const other = createRoot(rig.cores.units);
    const outcomes = await asked([{ ...pin(rig.root), publicKey: other.publicKey }]);
    for (const outcome of outcomes)
      expect(outcome).toMatchObject(refusal(/the signature of certificate 1 is not good/));
  });

  it("are refused if another root made them, in the name of the pinned one", async () => {
    const forged = { ...createRoot(rig.cores.units), ski: rig.root.ski };
    const module = createModule(rig.cores.units, forged, { serial: "93RIG000", instance: new Uint8Array(8) });
    rig.store.modules.set(module.serial, module);
    await expectFirstModuleRefused(/the signature of certificate 1 is not good/);
  });

  it("are refused with a self-signed link", async () => {
    recertify(([epoch, module]) => {
      const { publicKey, subjectSki } = decodeOaCertificate(module!);
      const own = rig.cores.units.keyGenerate(1)[0]!;
      return [epoch!, certificate({ publicKey, ski: subjectSki }, { ...rig.root, key: own.slot, ski: subjectSki })];
    });
    await expectFirstModuleRefused(/certificate 1 is self-signed/);
  });

  it("are refused if they do not follow from each other", async () => {
    recertify(([epoch]) => [epoch!, rig.store.modules.get("93RIG001")!.certificates[1]!]);
    await expectFirstModuleRefused(/certificate 1 is not that of the signer of certificate 0/);
  });

  it("are refused if they are cut short", async () => {
    recertify(([epoch]) => [epoch!]);
    await expectFirstModuleRefused(/want a root that is trusted/);
  });

  it.each([0, 1])("are refused if a signature in certificate %i is not good", async (index) => {
    recertify((now) => now.map((bytes, at) => (at === index ? flipped(bytes, bytes.length - 20) : bytes)));
    await expectFirstModuleRefused(new RegExp(`the signature of certificate ${index} is not good`));
  });

  it("are refused if they are another module's, good as they may be", async () => {
    recertify(() => rig.store.modules.get("93RIG001")!.certificates);
    await expectFirstModuleRefused(/not sent by the module/, "oa-signature");
  });

  it("are refused if a certificate is malformed or there is none", async () => {
    recertify(([, module]) => [EMPTY, module!]);
    await expectFirstModuleRefused(/malformed answer/, "answer");
    recertify(() => []);
    const outcomes = await asked();
    expect(outcomes[0]).toMatchObject({ ok: false, error: { returnCode: 96, reasonCode: 60 } });
  });

  it("are read through another unit of the module if one can't be reached", async () => {
    const down = new TransportError("line down", { retryable: true });
    const line = tap(rig.transport, (answer, { unit }) => (unit === "unit-1" ? down : answer));
    const outcomes = await asked(undefined, line);
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, true, true, true]);
    const { location } = rig.units("one")[0]!;
    expect(outcomes[0]).toMatchObject({ error: { message: `${location}: line down`, retryable: true, cause: down } });
  });

  it("that failed are read again at the next call", async () => {
    let down = true;
    const line = tap(rig.transport, (answer) => (down ? new Error("line down") : answer));
    const client = new Client({ transport: line, core: rig.cores.administrators, roots: [pin(rig.root)] });
    const jobs = [queryJob(rig.units("one")[0]!, queryDomainAttributes, undefined)];
    expect((await client.query(jobs))[0]!.ok).toBe(false);
    down = false;
    expect((await client.query(jobs))[0]!.ok).toBe(true);
  });

  it("keep commands and queries from being sent to modules that are not trusted", async () => {
    const line = tap(rig.transport);
    await asked([], line);
    expect(new Set(line.requests.map(({ command }) => command))).toEqual(new Set(["QueryDeviceCertificate"]));
  });
});

describe("modules met before", () => {
  const serialOf = (at: number) => rig.units("one")[at]!.serial;
  const keyOf = (serial: string) => rig.store.modules.get(serial)!.oaPublicKey;
  const client = (known: ReadonlyMap<string, Uint8Array>) =>
    new Client({ transport: rig.transport, core: rig.cores.administrators, roots: [pin(rig.root)], known });

  it("are trusted with the key they had; the client tells it", async () => {
    const known = new Map([...rig.store.modules].map(([serial, { oaPublicKey }]) => [serial, oaPublicKey]));
    expect(known.size).toBe(2);
    const outcomes = await client(known).oaKeys(rig.units("one"));
    expect(outcomes).toEqual(rig.units("one").map(({ serial }) => ({ ok: true, value: keyOf(serial) })));
  });

  it("are refused with another key, though its chain is good; others are not", async () => {
    const [first, second] = [serialOf(0), serialOf(1)];
    expect(first).not.toBe(second);
    const mixed = client(new Map([[first, keyOf(second)]]));
    const outcomes = await mixed.query(
      rig.units("one").map((unit) => queryJob(unit, queryDomainAttributes, undefined)),
    );
    for (const [at, { serial }] of rig.units("one").entries())
      if (serial === first)
        expect(outcomes[at]).toMatchObject(
          refusal(/the OA key of module 93RIG\d+ is not the one that was recorded/, "oa-key"),
        );
      else expect(outcomes[at]!.ok).toBe(true);
  });

  it("that were never met have no key if their chain is not good", async () => {
    const stranger = new Client({ transport: rig.transport, core: rig.cores.administrators, roots: [] });
    const outcomes = await stranger.oaKeys(rig.units("one"));
    expect(outcomes.length).toBe(4);
    for (const outcome of outcomes) expect(outcome).toMatchObject(refusal(/want a root that is trusted/));
  });
});
