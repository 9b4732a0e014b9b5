// kill -9 at every place of a command where the world may end (test/children/interrupted.ts), and what comes after.

import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { compileChildren } from "./children.ts";
import { follow, lineOf, type Scene } from "./interruption.ts";
import { type Desk, words } from "./tke-desk.ts";

/** Places between two of which the files are the same: only some are visited, unless OPENTKE_INTERRUPT_ALL is set. */
const QUIET: readonly string[] = ["asked", "answered"];
const QUIET_VISITS = 4;
/** Dozens of processes. */
const TIMEOUT = 900_000;

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  /** The places that were reached. */
  readonly places: readonly string[];
  readonly screen: string;
}

/** The command at a desk, in a process that kills itself at the place of this number, counted from 1; 0: at none. */
export function runTo(place: number, children: string, desk: Desk, line: string): Promise<Ended> {
  const trace = join(desk.root, "trace");
  writeFileSync(trace, "");
  const args = [join(children, "interrupted.js"), `${place}`, trace, ...words(line)];
  const child = spawn(process.execPath, args, { env: { PATH: process.env["PATH"], ...desk.env } });
  let screen = "";
  for (const stream of [child.stdout, child.stderr])
    stream.on("data", (data: Buffer) => {
      screen += data.toString("utf8");
    });
  return new Promise((resolve) => {
    child.on("close", (code, signal) => {
      const places = readFileSync(trace, "utf8").split("\n").slice(0, -1);
      resolve({ code, signal, places, screen });
    });
  });
}

/** Numbers of the places to be visited: all where files have changed, and some or all of the others. */
function visits(places: readonly string[]): number[] {
  const numbered = places.map((name, at) => ({ name, number: at + 1 }));
  const quiet = numbered.filter(({ name }) => QUIET.includes(name));
  if (process.env["OPENTKE_INTERRUPT_ALL"]) return numbered.map(({ number }) => number);
  const random = new SeededRandom("places");
  const some = new Set(
    random
      .shuffle(quiet)
      .slice(0, QUIET_VISITS)
      .map(({ number }) => number),
  );
  return numbered.flatMap(({ name, number }) => (!QUIET.includes(name) || some.has(number) ? [number] : []));
}

export function describeKills(scene: Scene): void {
  describe(`${scene.command}, killed with SIGKILL`, () => {
    let children: string;
    let desk: Desk;
    beforeAll(async () => {
      children = compileChildren();
      desk = await scene.prepare();
    });
    afterAll(() => desk.close());

    it(
      "at every place, is finished by the command itself and what that names; no root key is lost",
      async () => {
        const alive = desk.fork();
        const line = (at: Desk): string => lineOf(at, scene.command);
        const { code, places, screen } = await runTo(0, children, alive, line(alive));
        expect(code, screen).toBe(0);
        alive.close();
        expect(places.filter((name) => name === "committing").length).toBeGreaterThan(4);
        for (const number of visits(places)) {
          const ground = desk.fork();
          const killed = await runTo(number, children, ground, line(ground));
          expect(killed.signal, killed.screen).toBe("SIGKILL");
          expect(killed.places).toEqual(places.slice(0, number));
          const where = `killed at place ${number}, ${places[number - 1]}`;
          try {
            await scene.afterInterruption(ground);
            await follow(ground, scene.command);
            await scene.check(ground);
          } catch (cause) {
            throw new Error(`${where}: ${(cause as Error).message}`, { cause });
          }
          ground.close();
        }
      },
      TIMEOUT,
    );
  });
}
