// Group commit: what shares a batch, that nothing waits when there is nothing to wait for, and that a batch is its requests one by one.

import { beforeAll, describe, expect, it } from "vitest";
import { Batcher } from "../../src/server/batcher.ts";
import type { UnitRequest } from "../../src/unit/host.ts";
import { hexOf, readAnswer } from "../support/handmade.ts";
import { attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

const request = (unit: string): UnitRequest => ({ unit, cprb: new TextEncoder().encode(unit) });
const text = (answer: Uint8Array | Error) =>
  answer instanceof Error ? `!${answer.message}` : new TextDecoder().decode(answer);

/** Handles by echo, and keeps every batch. */
function echo(limit?: number) {
  const batches: string[][] = [];
  const batcher = new Batcher(
    (batch) => {
      batches.push(batch.map(({ unit }) => unit));
      return batch.map(({ unit, cprb }) => (unit.startsWith("bad") ? new Error(unit) : cprb));
    },
    limit === undefined ? {} : { limit },
  );
  return { batches, submit: async (unit: string) => text(await batcher.submit(request(unit))) };
}

describe("a batch", () => {
  it("is closed at once when nothing else has arrived", async () => {
    const { batches, submit } = echo();
    const order: string[] = [];
    const answered = submit("a").then(() => order.push("answer"));
    setImmediate(() => order.push("the turn of the event loop after it"));
    await answered;
    await new Promise(setImmediate);
    expect(order[0]).toBe("answer");
    expect(batches).toEqual([["a"]]);
  });

  it("takes everything that has arrived by then, in order", async () => {
    const { batches, submit } = echo();
    const later = new Promise<string>((resolve) => process.nextTick(() => resolve(submit("d"))));
    expect(await Promise.all([submit("a"), submit("b"), submit("c"), later])).toEqual(["a", "b", "c", "d"]);
    expect(batches).toEqual([["a", "b", "c", "d"]]);
  });

  it("is followed by the next: of what arrives while it is handled", async () => {
    const { batches, submit } = echo();
    const second = submit("a").then(() => Promise.all([submit("b"), submit("c")]));
    expect(await second).toEqual(["b", "c"]);
    expect(batches).toEqual([["a"], ["b", "c"]]);
  });

  it("holds no more than the limit; the rest is next, still in order", async () => {
    const { batches, submit } = echo(2);
    expect(await Promise.all([..."abcde"].map(submit))).toEqual([..."abcde"]);
    expect(batches).toEqual([["a", "b"], ["c", "d"], ["e"]]);
  });

  it("one request's Error spoils no other", async () => {
    const { submit } = echo();
    expect(await Promise.all(["a", "bad", "c"].map(submit))).toEqual(["a", "!bad", "c"]);
  });

  it("that throws, or falls short, fails its own requests, not those after it", async () => {
    let calls = 0;
    const batcher = new Batcher((batch) => {
      calls++;
      if (calls === 1) throw new Error("broken");
      return calls === 2 ? [] : batch.map(({ cprb }) => cprb);
    });
    const submit = async (unit: string) => text(await batcher.submit(request(unit)));
    expect(await Promise.all([submit("a"), submit("b")])).toEqual(["!broken", "!broken"]);
    expect(await submit("c")).toBe("!the units left a request out");
    expect(await submit("d")).toBe("d");
  });

  it("is told of: size and seconds", async () => {
    const told: [number, number][] = [];
    const batcher = new Batcher((batch) => batch.map(({ cprb }) => cprb), {
      observe: (size, seconds) => told.push([size, seconds]),
    });
    await Promise.all([batcher.submit(request("a")), batcher.submit(request("b"))]);
    expect(told).toEqual([[2, expect.any(Number)]]);
    expect(told[0]![1]).toBeGreaterThanOrEqual(0);
  });
});

describe("over real units", () => {
  let lab: Lab;

  beforeAll(async () => {
    lab = await Lab.open();
  });

  it("batches come to the same as requests one by one", async () => {
    const ids = Array.from({ length: 4 }, () => lab.operational());
    const begin = ids.map((id) => lab.state(id));
    const commands = ids.flatMap((id, k) => [
      { unit: id, cprb: lab.query(id, Id.QueryAttributes) },
      {
        unit: id,
        cprb: lab.command(id, Id.SetAttributes, attributePairs([2, 2]), { ahead: 1, signers: lab.signers(2) }),
      },
      {
        unit: id,
        cprb: lab.command(id, Id.SetAttributes, attributePairs([2, 3]), { ahead: 1, signers: lab.signers(2) }),
      },
      { unit: id, cprb: lab.command(id, Id.Zeroize, NOTHING, { ahead: 2 + k, signers: lab.signers(k % 3) }) },
    ]);
    const outcome = (answers: readonly (Uint8Array | Error)[]) => ({
      answers: answers.map((answer) => {
        const { code, counter, output } = readAnswer(answer as Uint8Array);
        return [code, hexOf(counter), hexOf(output)];
      }),
      states: ids.map((id) => lab.state(id)),
    });
    const alone = outcome(commands.map(({ unit, cprb }) => lab.host.handle(unit, cprb)));
    begin.forEach((state) => lab.store.units.set(state.id, state));
    const sizes: number[] = [];
    const batcher = new Batcher((batch) => lab.host.handleMany(batch), {
      limit: 7,
      observe: (size) => sizes.push(size),
    });
    const together = outcome(await Promise.all(commands.map((command) => batcher.submit(command))));
    expect(sizes).toEqual([7, 7, 2]);
    expect(together).toEqual(alone);
    expect(new Set(alone.answers.map(([code]) => code))).toEqual(new Set(["0", "163/19", "208/21"]));
  });
});
