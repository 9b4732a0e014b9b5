// Commands over HTTP that lose their endpoint, their token or their user at a request, and what comes after.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SeededRandom } from "../../src/fleet/seeded.ts";
import { type Closing, Gate } from "./gate.ts";
import { follow, lineOf, namedBy, type Scene } from "./interruption.ts";
import type { Desk, Run } from "./tke-desk.ts";

/** Requests at which each kind of interruption is tried; all of them if OPENTKE_INTERRUPT_ALL is set. */
const VISITS = 5;
/** All of them are hundreds. */
const TIMEOUT = 3_600_000;
const ALL = Boolean(process.env["OPENTKE_INTERRUPT_ALL"]);

type Kind = Exclude<Closing, "passing"> | "SIGINT";

/** What the interrupted command says and how it ends. */
const EXITS: Readonly<Record<Kind, readonly number[]>> = {
  unseen: [1, 3, 5],
  unanswered: [0, 1, 3, 5],
  expired: [4],
  SIGINT: [0, 130],
};

export function describeDrops(scene: Scene): void {
  describe(`${scene.command} over HTTP`, () => {
    let desk: Desk;
    let requests: number;
    beforeAll(async () => {
      desk = await scene.prepare();
      const ground = desk.fork();
      requests = await serving(ground, async (gate, options) => {
        gate.open();
        await ground.ok(`${lineOf(ground, scene.command)} ${options}`);
        return gate.seen;
      });
      ground.close();
    });
    afterAll(() => desk.close());

    it.each<[Kind, string]>([
      ["unseen", "the endpoint is gone before a request is seen"],
      ["unanswered", "the endpoint is gone after a request was executed"],
      ["expired", "the token expires"],
      ["SIGINT", "the user interrupts"],
    ])(
      "%s: %s; what is named finishes, and no root key is lost",
      async (kind) => {
        const places = Array.from({ length: requests }, (_, at) => at + 1);
        const visited = ALL ? places : new SeededRandom(`${scene.command} ${kind}`).shuffle(places).slice(0, VISITS);
        for (const number of visited)
          try {
            await interrupted(desk.fork(), scene, kind, number);
          } catch (cause) {
            throw new Error(`${kind} at request ${number} of ${requests}: ${(cause as Error).message}`, { cause });
          }
      },
      TIMEOUT,
    );
  });
}

async function interrupted(ground: Desk, scene: Scene, kind: Kind, number: number): Promise<void> {
  await serving(ground, async (gate, options) => {
    const stop = new AbortController();
    gate.onClosed = () => {
      if (kind === "SIGINT") stop.abort();
    };
    gate.open(number, kind === "SIGINT" ? "passing" : kind);
    const run = await ground.run(`${lineOf(ground, scene.command)} ${options}`, { signal: stop.signal });
    expect(EXITS[kind], run.screen).toContain(run.code);
    gate.open();
    if (run.code === 0) return;
    expectHelpful(run, kind);
    await follow(ground, namedBy(run) ?? scene.command, options);
  });
  await scene.check(ground);
  ground.close();
}

/** A command to go on with is named, and what else there is to do. */
function expectHelpful(run: Run, kind: Kind): void {
  if (kind === "expired") expect(run.err).toMatch(/access token/);
  expect(namedBy(run), run.screen).not.toBeNull();
}

/** The desk's fleet behind a gate, which is given with the options that lead to it. */
async function serving<T>(desk: Desk, work: (gate: Gate, options: string) => Promise<T>): Promise<T> {
  const root = desk.write("root.json", (await desk.ok("root --output json")).out);
  const stop = new AbortController();
  const portFile = join(desk.root, "url");
  const server = desk.run(`serve --no-auth --log-level error --port-file ${portFile}`, { signal: stop.signal });
  while (tryRead(portFile) === "") await new Promise((resolve) => setTimeout(resolve, 5));
  const gate = await Gate.before(tryRead(portFile).trim());
  try {
    return await work(gate, `--endpoint ${gate.url} --root-file ${root} --retries 0`);
  } finally {
    await gate.close();
    stop.abort();
    await server;
  }
}

function tryRead(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
