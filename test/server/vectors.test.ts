// IBM's requests through the endpoint, text and all: each is answered as the unit answers it in process. Vectors: htp-requests.json.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cprbOfBody, type LabEndpoint, labEndpoint } from "../support/endpoint.ts";
import { fromHexText, hexOf, payloadOf, readAnswer } from "../support/handmade.ts";
import { type SdkRequest, unitForRequest, wraps } from "../support/sdk-units.ts";
import { Lab, type Secrets } from "../support/unit-lab.ts";
import { readVectors } from "../support/vectors.ts";

const { cases } = readVectors<SdkRequest>("htp-requests.json");
const requests = cases.filter(({ kind }) => kind !== "counter-increment");
const isInfo = ({ name }: SdkRequest) => name.endsWith("-info");

/** What a command's unit has, so that it gets as far as it can without the keys of IBM's run. */
const SECRETS: Readonly<Record<string, Secrets>> = {
  "commit-pending-wk": { next: "uncommitted" },
  "finalize-wk": { next: "committed" },
  "export-wk": { current: true },
  "export-pending-wk": { next: "uncommitted" },
  "import-wk": { importer: true },
};

let lab: Lab;
let endpoint: LabEndpoint;
const modules = new Map<string, number>();

beforeAll(async () => {
  lab = await Lab.open();
  endpoint = await labEndpoint(lab, {}, modules);
});

afterAll(() => endpoint.close());

const named = (some: readonly SdkRequest[]) =>
  some.map(
    (vector, at) =>
      [`${vector.name}, module ${vector.moduleIndex}, domain ${vector.domainIndex} (${at})`, vector] as const,
  );

function unitFor(vector: SdkRequest): string {
  const id = unitForRequest(lab, vector, SECRETS[vector.name] ?? {});
  modules.set(id, vector.moduleIndex);
  return id;
}

async function post(id: string, { htpRequest }: SdkRequest): Promise<Uint8Array> {
  const { status, body } = await endpoint.post(id, htpRequest);
  expect(status).toBe(200);
  return cprbOfBody(body);
}

it("are all here", () => {
  expect([cases.length, requests.length, requests.filter(isInfo).length]).toEqual([79, 67, 8]);
  expect(requests.filter(wraps)).toHaveLength(2);
});

describe("get_xcp_info", () => {
  it.each(named(requests.filter(isInfo)))("%s", async (_name, vector) => {
    const id = unitFor(vector);
    const answer = payloadOf(await post(id, vector));
    const direct = payloadOf(lab.host.handle(id, fromHexText(vector.cprb)));
    expect(answer.length).toBe(vector.name === "query-domain-info" ? 102 : 220);
    // A module tells the time.
    if (vector.name === "query-domain-info") expect(hexOf(answer)).toBe(hexOf(direct));
  });
});

describe("commands and queries", () => {
  it.each(named(requests.filter((vector) => !isInfo(vector))))("%s", async (_name, vector) => {
    const id = unitFor(vector);
    const begin = lab.state(id);
    const direct = readAnswer(lab.host.handle(id, fromHexText(vector.cprb)));
    lab.store.units.set(id, begin);
    const answer = lab.read(id, await post(id, vector));
    expect(answer.code).toBe(direct.code);
    expect(answer.output.length).toBe(direct.output.length);
    expect(hexOf(answer.counter)).toBe(hexOf(direct.counter));
    expect(hexOf(answer.adminDomain)).toBe(hexOf(direct.adminDomain));
    expect(hexOf(lab.state(id).counter)).toBe(hexOf(direct.counter));
    // Signatures made elsewhere are good here: the counter is consumed.
    const signed = vector.kind !== "unsigned";
    if (signed && !wraps(vector)) expect(hexOf(answer.counter)).toBe(vector.transactionCounter);
  });

  it("to another module are a 400", async () => {
    for (const [, vector] of named(requests).slice(0, 4)) {
      const id = unitFor(vector);
      modules.set(id, vector.moduleIndex + 1);
      expect(await endpoint.post(id, vector.htpRequest)).toMatchObject({ status: 400 });
    }
  });
});
