// Requests that IBM's TKE SDK made: units set up with their signers, P-521 and RSA, answer them. Vectors: htp-requests.json.

import { beforeAll, describe, expect, it } from "vitest";
import { fromHexText, hexOf, payloadOf, readAnswer } from "../support/handmade.ts";
import { type SdkRequest, signersOf, unitForRequest, wraps } from "../support/sdk-units.ts";
import { Lab, type Secrets } from "../support/unit-lab.ts";
import { readVectors } from "../support/vectors.ts";

const { cases } = readVectors<SdkRequest>("htp-requests.json");
const queries = cases.filter(({ kind, name }) => kind === "unsigned" && !name.endsWith("-info"));
const infos = cases.filter(({ kind, name }) => kind === "unsigned" && name.endsWith("-info"));
const commands = cases.filter(({ kind }) => kind === "signed" || kind === "signed-nested");

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const named = (vectors: readonly SdkRequest[]) =>
  vectors.map((vector, i) => [`${vector.name}, domain ${vector.domainIndex} (${i})`, vector] as const);

describe("the SDK's requests", () => {
  it("are all here", () => {
    expect([queries.length, infos.length, commands.length, cases.length]).toEqual([32, 8, 27, 79]);
    expect(commands.filter(wraps)).toHaveLength(2);
    const types = commands.map((vector) => signersOf(vector).map(({ type }) => type.slice(0, 3)));
    const withRsa = types.filter((signers) => signers.includes("rsa"));
    expect(withRsa).toEqual([["rsa"], ["rsa", "p52", "rsa"], ["p52", "rsa"]]);
  });

  it.each(named(queries))("%s is answered", (_name, vector) => {
    const answer = lab.send(unitForRequest(lab, vector, {}), fromHexText(vector.cprb));
    const expected = /certificate-2$/.test(vector.name)
      ? "96/60"
      : /admin-certificate/.test(vector.name)
        ? "32/33"
        : "0";
    expect(answer.code).toBe(expected);
  });

  it.each(named(infos))("%s is answered", (_name, vector) => {
    const id = unitForRequest(lab, { ...vector, moduleId: "" }, {});
    const payload = payloadOf(lab.host.handle(id, fromHexText(vector.cprb)));
    expect(payload.length).toBe(vector.name === "query-domain-info" ? 102 : 220);
  });

  /** What each command comes to in a unit that has all it asks for but the very keys of the SDK's run. */
  const OUTCOMES: Readonly<Record<string, readonly [code: string, secrets: Secrets]>> = {
    "commit-pending-wk": ["101/48", { next: "uncommitted" }],
    "finalize-wk": ["101/48", { next: "committed" }],
    "export-wk": ["0", { current: true }],
    "export-pending-wk": ["0", { next: "uncommitted" }],
    "import-wk": ["102/1", { importer: true }],
    "add-domain-control-points": ["209/45", {}],
  };

  it.each(named(commands.filter((vector) => !wraps(vector))))(
    "%s is understood, its signatures accepted",
    (_name, vector) => {
      const [code, secrets] = OUTCOMES[vector.name] ?? ["0", {}];
      const id = unitForRequest(lab, vector, secrets);
      const answer = readAnswer(lab.host.handle(id, fromHexText(vector.cprb)));
      expect(answer.code).toBe(code);
      expect(hexOf(answer.counter)).toBe(vector.transactionCounter);
      const signers = lab.store.commits.at(-1)![0]!.audit[0]!.signers.map(hexOf);
      expect(signers.sort()).toEqual([...new Set(signersOf(vector).map(({ ski }) => ski))].sort());
    },
  );

  it.each(named(commands.filter(wraps)))("%s with a counter that wraps is refused", (_name, vector) => {
    const id = unitForRequest(lab, { ...vector, signers: [], parts: [] }, {});
    expect(lab.send(id, fromHexText(vector.cprb)).code).toBe("163/19");
  });
});
