// Requests that IBM's TKE SDK made: units set up with their signers answer them. Vectors: htp-requests.json.

import { beforeAll, describe, expect, it } from "vitest";
import { createUnit } from "../../src/unit/module.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { certificate, fromHexText, hexOf, payloadOf, readAnswer, spki } from "../support/handmade.ts";
import { ALL_PERMISSIONS, Lab, OPERATIONAL, type Secrets } from "../support/unit-lab.ts";
import { readVectors } from "../support/vectors.ts";

interface SignerVector {
  readonly type: string;
  readonly ski: string;
  readonly privateKey: { readonly d?: string };
}

interface RequestVector {
  readonly kind: string;
  readonly name: string;
  readonly domainIndex: number;
  readonly domainInstance?: string;
  readonly moduleId: string;
  readonly transactionCounterBefore?: string;
  readonly transactionCounter: string;
  readonly commandInput: string;
  readonly signers?: readonly SignerVector[];
  readonly parts?: readonly { readonly signers: readonly SignerVector[] }[];
  readonly cprb: string;
}

const ZERO_1SIGN = 0x40;
const CP_1SIGN = 0x20;

const { cases } = readVectors<RequestVector>("htp-requests.json");
const queries = cases.filter(({ kind, name }) => kind === "unsigned" && !name.endsWith("-info"));
const infos = cases.filter(({ kind, name }) => kind === "unsigned" && name.endsWith("-info"));
const commands = cases.filter(({ kind }) => kind === "signed" || kind === "signed-nested");

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const signersOf = ({ signers, parts }: RequestVector): readonly SignerVector[] =>
  signers ?? (parts ?? []).flatMap((part) => part.signers);

/** A unit that the request is for: its domain, instance and counter, its signers installed; none of them RSA. */
function unitFor(vector: RequestVector, secrets: Secrets): string {
  const serial =
    vector.moduleId === "" ? lab.module.serial : Buffer.from(fromHexText(vector.moduleId).slice(0, 8)).toString();
  if (
    vector.moduleId !== "" &&
    hexOf(lab.store.modules.get(serial)?.instance ?? new Uint8Array()) !== vector.moduleId.slice(16)
  ) {
    lab.addModule(serial, fromHexText(vector.moduleId.slice(16)));
  }
  const id = `${vector.name}-${lab.store.units.size}`;
  const unit = createUnit({ id, serial, domain: vector.domainIndex, counterSeed: new Uint8Array(8) });
  lab.store.units.set(id, { ...unit, ...addressed(vector), ...installed(vector) });
  lab.fill(id, secrets);
  return id;
}

const addressed = ({ domainInstance, transactionCounterBefore }: RequestVector): Partial<UnitState> => ({
  domainInstance: Number.parseInt(domainInstance ?? "1", 16),
  counter: fromHexText(transactionCounterBefore ?? "00".repeat(16)),
});

/** The signers and two more, thresholds that they just meet; imprint mode for a request that nobody signed. */
function installed(vector: RequestVector): Partial<UnitState> {
  const scalars = new Map(signersOf(vector).map(({ ski, privateKey }) => [ski, privateKey.d!]));
  const signers = [...scalars].map(([ski, d]) => {
    const { publicKey, slot } = lab.core.keyImport(fromHexText(d));
    lab.core.keyFree(slot);
    expect(hexOf(lab.core.sha256(publicKey))).toBe(ski);
    return { ski: fromHexText(ski), publicKey, certificate: certificate(spki(publicKey), fromHexText(ski)) };
  });
  const removed =
    vector.name === "remove-domain-administrator" ? [{ ...lab.admins[1]!, ski: fromHexText(vector.commandInput) }] : [];
  const administrators = [...signers, lab.admins[0]!, ...removed].slice(0, 8);
  if (signers.length === 0) return { administrators };
  const permissions = ALL_PERMISSIONS & ~ZERO_1SIGN & ~CP_1SIGN;
  const thresholds = { signatureThreshold: signers.length, revocationThreshold: signers.length };
  return { administrators, attributes: { ...OPERATIONAL, permissions, ...thresholds } };
}

describe("the SDK's requests", () => {
  it("are all here", () => {
    expect([queries.length, infos.length, commands.length, cases.length]).toEqual([32, 8, 27, 79]);
  });

  it.each(queries.map((vector) => [`${vector.name}, domain ${vector.domainIndex}`, vector] as const))(
    "%s is answered",
    (_name, vector) => {
      const id = unitFor(vector, {});
      const answer = lab.send(id, fromHexText(vector.cprb));
      const expected = /certificate-2$/.test(vector.name)
        ? "96/60"
        : /admin-certificate/.test(vector.name)
          ? "32/33"
          : "0";
      expect(answer.code).toBe(expected);
    },
  );

  it.each(infos.map((vector) => [`${vector.name}, domain ${vector.domainIndex}`, vector] as const))(
    "%s is answered",
    (_name, vector) => {
      const id = unitFor({ ...vector, moduleId: "" }, {});
      const payload = payloadOf(lab.host.handle(id, fromHexText(vector.cprb)));
      expect(payload.length).toBe(vector.name === "query-domain-info" ? 102 : 220);
    },
  );

  /** What each command comes to in a unit that has all it asks for but the very keys of the SDK's run. */
  const outcome = (vector: RequestVector): readonly [code: string, secrets: Secrets] => {
    const table: Readonly<Record<string, readonly [string, Secrets]>> = {
      "commit-pending-wk": ["101/48", { next: "uncommitted" }],
      "finalize-wk": ["101/48", { next: "committed" }],
      "export-wk": ["0", { current: true }],
      "export-pending-wk": ["0", { next: "uncommitted" }],
      "import-wk": ["102/1", { importer: true }],
      "add-domain-control-points": ["209/45", {}],
    };
    return table[vector.name] ?? ["0", {}];
  };

  const wraps = (vector: RequestVector) => /^0+$/.test(vector.transactionCounter);
  const rsa = (vector: RequestVector) => signersOf(vector).some(({ type }) => type !== "p521ec");
  const usable = commands.filter((vector) => !rsa(vector) && !wraps(vector));

  it("leave out those with RSA signers and the two whose counter wraps", () => {
    expect(commands.filter(wraps)).toHaveLength(2);
    expect(usable.length + commands.filter((vector) => rsa(vector) || wraps(vector)).length).toBe(27);
    expect(usable.length).toBeGreaterThan(15);
  });

  it.each(usable.map((vector, i) => [`${vector.name} (${i})`, vector] as const))(
    "%s is understood, its signatures accepted",
    (_name, vector) => {
      const [code, secrets] = outcome(vector);
      const id = unitFor(vector, secrets);
      const answer = readAnswer(lab.host.handle(id, fromHexText(vector.cprb)));
      expect(answer.code).toBe(code);
      expect(hexOf(answer.counter)).toBe(vector.transactionCounter);
    },
  );

  it.each(commands.filter(wraps).map((vector) => [vector.name, vector] as const))(
    "%s with a counter that wraps is refused",
    (_name, vector) => {
      const id = unitFor({ ...vector, signers: [], parts: [] }, {});
      expect(lab.send(id, fromHexText(vector.cprb)).code).toBe("163/19");
    },
  );
});
