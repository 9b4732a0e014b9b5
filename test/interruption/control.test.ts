// The walks must be able to fail: what loses root keys is seen by the check at their end.

import { afterAll, beforeAll, expect, it } from "vitest";
import { compileChildren } from "../support/children.ts";
import { follow, holdingsOf, lineOf, namedBy, rotateScene } from "../support/interruption.ts";
import { runTo } from "../support/kill.ts";
import type { Desk } from "../support/tke-desk.ts";

const scene = rotateScene();
let children: string;
let desk: Desk;
/** The place at which key storage has been re-encrypted, and nothing more: its transactions are the only ones without a question between. */
let rewrapped: number;

beforeAll(async () => {
  children = compileChildren();
  desk = await scene.prepare();
  const { places } = await runTo(0, children, desk.fork(), lineOf(desk, scene.command));
  rewrapped = places.findIndex((_, at) => {
    const four = places.slice(at - 3, at + 1);
    return four.join(" ") === "committing committed committing committed";
  });
  expect(rewrapped).toBeGreaterThan(0);
});
afterAll(() => desk.close());

async function interruptedAfterRewrap(): Promise<Desk> {
  const ground = desk.fork();
  const { signal } = await runTo(rewrapped + 1, children, ground, lineOf(ground, scene.command));
  expect(signal).toBe("SIGKILL");
  return ground;
}

it("auto-mk-rotate with --replace-pending after the re-encryption loses root keys, and the check sees it", async () => {
  const ground = await interruptedAfterRewrap();
  const { code, err } = await ground.run(`${lineOf(ground, "auto-mk-rotate")} --replace-pending`);
  expect(code).toBe(3);
  expect(err).toContain("root keys are under a master key that its units don't hold");
  expect((await holdingsOf(ground)).lost).toBe(3);
  await expect(scene.check(ground)).rejects.toThrow();
  ground.close();
});

it("without it, auto-mk-rotate refuses and names what finishes", async () => {
  const ground = await interruptedAfterRewrap();
  const refused = await ground.run(lineOf(ground, "auto-mk-rotate"));
  expect([refused.code, namedBy(refused)]).toEqual([5, "cryptounit-mk-setimm"]);
  expect(await follow(ground, "auto-mk-rotate")).toEqual(["auto-mk-rotate", "cryptounit-mk-setimm"]);
  await scene.check(ground);
  ground.close();
});

it("what is not finished is seen", async () => {
  const ground = await interruptedAfterRewrap();
  await expect(scene.check(ground)).rejects.toThrow();
  ground.close();
});
