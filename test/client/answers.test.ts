// What a hostile line can do to answers: nothing that is believed.
import { beforeAll, beforeEach, describe, expect, it } from "vitest";
import { commandJob, queryJob } from "../../src/client/job.ts";
import { unwrap } from "../../src/client/outcome.ts";
import { query } from "../../src/client/question.ts";
import { importerKeyJob } from "../../src/client/transfer-jobs.ts";
import type { Transport } from "../../src/client/transport.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { clearPendingWk } from "../../src/commands/clear-pending-wk.ts";
import { queryDomainAdministrators } from "../../src/commands/query-domain-administrators.ts";
import { queryDomainAttributes } from "../../src/commands/query-domain-attributes.ts";
import { CheckError, TransportError } from "../../src/errors.ts";
import { initialisedRig } from "../support/initialised.ts";
import type { Rig } from "../support/rig.ts";
import { type Meddle, type Sighting, tap } from "../support/tap.ts";

let rig: Rig;
let kept: ReturnType<Rig["store"]["keep"]>;
let units: CryptoUnit[];

beforeAll(async () => {
  // Units 1 and 3 are domains of one module, 2 and 4 of another.
  rig = await initialisedRig({ instances: { one: { operational: 3, recovery: 1 } }, modules: 2 });
  kept = rig.store.keep();
  units = rig.units("one");
});

beforeEach(() => rig.store.restore(kept));

const attributesOf = (unit: CryptoUnit) => queryJob(unit, queryDomainAttributes, undefined);
const one = () => rig.administrators.slice(0, 1);
const isCommand = ({ counter }: Sighting): boolean => counter.length > 0;

/** A client that knows the modules already, then meets the meddler. */
async function clientWith(meddle: Meddle) {
  let armed = false;
  const line = tap(rig.transport, (answer, request, place, answers) =>
    armed ? meddle(answer, request, place, answers) : answer,
  );
  const client = rig.client(line);
  (await client.query(units.map(attributesOf))).map(unwrap);
  armed = true;
  return { client, line };
}

/** Bytes of an answer to the query of attributes, more or less: signatures differ in length. */
function answerSize(): number {
  const { cprb } = query(units[0]!, queryDomainAttributes.id);
  return rig.host.handle(units[0]!.id, cprb).length - 4;
}

const refused = (unit: CryptoUnit, text: RegExp, check = "answer") => ({
  ok: false,
  error: expect.objectContaining({
    code: "ERR_CHECK",
    check,
    message: expect.stringMatching(new RegExp(`${unit.location.replace(/[[\].]/g, "\\$&")}.*${text.source}`)),
  }),
});

describe("answers to queries are refused", () => {
  it("from a unit of another module", async () => {
    const { client } = await clientWith((_, __, place, answers) => answers[place ^ 1]!);
    const outcomes = await client.query([units[0]!, units[1]!].map(attributesOf));
    expect(outcomes[0]).toMatchObject(refused(units[0]!, /OA signature of the answer is not good/, "oa-signature"));
    expect(outcomes[1]).toMatchObject(refused(units[1]!, /OA signature of the answer is not good/, "oa-signature"));
  });

  it("from another domain of the same module, good as its signature is", async () => {
    const { client } = await clientWith((_, __, place, answers) => answers[place ^ 1]!);
    const outcomes = await client.query([units[0]!, units[2]!].map(attributesOf));
    expect(outcomes[0]).toMatchObject(refused(units[0]!, /domain of the answer: want 0, got 1/));
    expect(outcomes[1]).toMatchObject(refused(units[2]!, /domain of the answer: want 1, got 0/));
  });

  it("to another question", async () => {
    const { client } = await clientWith((_, __, place, answers) => answers[place ^ 1]!);
    const list = { ...attributesOf(units[0]!), commandId: 0x00010002 };
    const outcomes = await client.query([attributesOf(units[0]!), list]);
    expect(outcomes[0]).toMatchObject(refused(units[0]!, /command of the answer: want 0001000a, got 00010002/));
    expect(outcomes[1]).toMatchObject(refused(units[0]!, /command of the answer: want 00010002, got 0001000a/));
  });

  it("from before a command that is known to be done", async () => {
    let old: Uint8Array | Error | null = null;
    const { client } = await clientWith((answer, request) => {
      if (request.command !== "QueryDomainAttributes") return answer;
      old ??= answer;
      return old;
    });
    unwrap((await client.run([commandJob(units[0]!, clearPendingWk, undefined, one())]))[0]!);
    const [stale] = await client.query([attributesOf(units[0]!)]);
    expect(stale).toMatchObject(refused(units[0]!, /older than one seen before/));
    // Nor is a command signed on the strength of it.
    const before = rig.state(units[0]!);
    const [outcome] = await client.run([commandJob(units[0]!, clearPendingWk, undefined, one())]);
    expect(outcome).toMatchObject(refused(units[0]!, /older than one seen before/));
    expect(rig.state(units[0]!)).toBe(before);
  });

  it("of a unit whose module has another serial number than the list says", async () => {
    const moved = { ...units[0]!, serial: units[1]!.serial };
    const [outcome] = await rig.client().query([attributesOf(moved)]);
    expect(outcome).toMatchObject(
      refused(moved, /serial number of the answer: want 93RIG001, got 93RIG000/, "serial-number"),
    );
  });

  it("wherever a bit is flipped in what the unit says", async () => {
    let at = 0;
    const flip = (answer: Uint8Array | Error) => {
      if (answer instanceof Error) return answer;
      return at < answer.length ? answer.with(at, answer[at]! ^ (1 << (at & 7))) : answer;
    };
    const { client } = await clientWith(flip);
    const truth = rig.state(units[0]!).attributes;
    const size = answerSize();
    let accepted = 0;
    for (at = 0; at < size; at += 3) {
      const [outcome] = await client.query([attributesOf(units[0]!)]);
      if (outcome!.ok) {
        expect(outcome!.value).toEqual(truth);
        accepted++;
      } else {
        expect(outcome!.error.message).toContain(units[0]!.location);
      }
    }
    // The CPRB header, the outer domain and the SignerInfo's identifiers are not signed, and decide nothing.
    expect(accepted).toBeLessThan(50);
    expect(accepted).toBeGreaterThan(5);
  });

  it("cut short at any length", async () => {
    let length = 0;
    const { client } = await clientWith((answer) => (answer instanceof Error ? answer : answer.subarray(0, length)));
    for (const size = answerSize(); length < size; length += 13) {
      const [outcome] = await client.query([attributesOf(units[0]!)]);
      expect(outcome).toMatchObject(refused(units[0]!, /malformed answer/));
    }
  });

  it("that are not there, each by itself", async () => {
    const nothing = [undefined, null, "text", new Error("line down")] as unknown as Error[];
    const { client } = await clientWith((answer, _, place) => (place === 3 ? answer : nothing[place]!));
    const outcomes = await client.query(units.map(attributesOf));
    expect(outcomes.map(({ ok }) => ok)).toEqual([false, false, false, true]);
    for (const outcome of outcomes.slice(0, 3)) expect(outcome).toMatchObject({ error: expect.any(Error) });
  });

  it.each([
    ["missing", (answers: readonly unknown[]) => answers.slice(1)],
    ["one too many", (answers: readonly unknown[]) => [...answers, answers[0]]],
    ["none", () => []],
  ])("all of them, if their number shows that one is missing or too many: %s", async (_, change) => {
    const transport: Transport = {
      hsms: rig.transport.hsms,
      send: async (batch) => change(await rig.transport.send(batch)) as Uint8Array[],
    };
    const outcomes = await rig.client(transport).query(units.map(attributesOf));
    for (const outcome of outcomes) expect(outcome).toMatchObject({ ok: false, error: expect.any(TransportError) });
  });

  it("not if the line changes its bytes afterwards: the client has its own", async () => {
    const given: Uint8Array[] = [];
    const { client } = await clientWith((answer) => {
      if (answer instanceof Uint8Array) given.push(answer);
      return answer;
    });
    const [outcome] = await client.query([queryJob(units[0]!, queryDomainAdministrators, undefined)]);
    for (const bytes of given) bytes.fill(0);
    expect(given).toHaveLength(1);
    expect(unwrap(outcome!)).toEqual(rig.administrators.map(({ ski }) => ski));
  });
});

describe("answers to commands are refused", () => {
  it("that were given before, to another command of the same kind", async () => {
    let first: Uint8Array | Error | null = null;
    const { client } = await clientWith((answer, request) => {
      if (!isCommand(request)) return answer;
      first ??= answer;
      return first;
    });
    const [original] = await client.run([importerKeyJob(units[0]!, one())]);
    expect(unwrap(original!)).toEqual(
      rig.state(units[0]!).importer!.publicKey === undefined ? null : unwrap(original!),
    );
    const [replayed] = await client.run([importerKeyJob(units[0]!, one())]);
    expect(replayed).toMatchObject(refused(units[0]!, /transaction counter of the answer: want the command's/));
    expect(unwrap(original!)).not.toEqual(rig.state(units[0]!).importer!.publicKey);
  });

  it("that are exchanged within a batch to one unit", async () => {
    const { client } = await clientWith((answer, request, place, answers) =>
      isCommand(request) ? answers[place ^ 1]! : answer,
    );
    const outcomes = await client.run([importerKeyJob(units[0]!, one()), importerKeyJob(units[0]!, one())]);
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ ok: false, error: expect.any(CheckError) });
    }
  });

  it("of another domain's importer key", async () => {
    const { client } = await clientWith((answer, request, place, answers) =>
      isCommand(request) ? answers[place ^ 1]! : answer,
    );
    const outcomes = await client.run([importerKeyJob(units[0]!, one()), importerKeyJob(units[2]!, one())]);
    expect(outcomes[0]).toMatchObject(refused(units[0]!, /domain of the answer/));
    expect(outcomes[1]).toMatchObject(refused(units[2]!, /domain of the answer/));
  });

  it("that are an answer to a query, or to the same command elsewhere", async () => {
    const { client } = await clientWith((answer, request, place, answers) =>
      isCommand(request) ? answers[(place + 1) % answers.length]! : answer,
    );
    const outcomes = await client.run(units.map((unit) => commandJob(unit, clearPendingWk, undefined, one())));
    outcomes.forEach((outcome, at) => {
      expect(outcome).toMatchObject({ ok: false, error: expect.any(CheckError) });
      expect(outcome.ok ? "" : outcome.error.message).toContain(units[at]!.location);
    });
  });
});

describe("domain info", () => {
  it("of another domain is refused", async () => {
    const { client } = await clientWith((_, __, place, answers) => answers[place ^ 1]!);
    const outcomes = await client.registers([units[0]!, units[2]!]);
    expect(outcomes[0]).toMatchObject(refused(units[0]!, /domain of the answer: want 0, got 1/));
    expect(outcomes[1]).toMatchObject(refused(units[2]!, /domain of the answer: want 1, got 0/));
  });

  it("that is malformed is refused", async () => {
    const { client } = await clientWith((answer) => (answer instanceof Error ? answer : answer.slice(0, 40)));
    expect((await client.registers([units[0]!]))[0]).toMatchObject(refused(units[0]!, /malformed answer/));
  });
});
