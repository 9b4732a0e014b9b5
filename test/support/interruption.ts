// Commands that can be interrupted, the ground that each is run on, and somebody who does nothing but what the output says: runs a
// command, and if that fails, the one that it names.

import { expect } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { Io } from "../../src/cli/io.ts";
import { storedFleet } from "../../src/cli/open-fleet.ts";
import type { Fleet } from "../../src/fleet/fleet.ts";
import { Desk, type Run } from "./tke-desk.ts";

/** A command, and what must be so when it is done, however often it was interrupted. */
export interface Scene {
  readonly command: "auto-init" | "auto-mk-rotate" | "auto-mk-recover";
  /** The desk that it is run at, over and over: each time at a fork. */
  prepare(): Promise<Desk>;
  /** At a desk where it was interrupted, before anything else is done there. */
  afterInterruption(desk: Desk): Promise<void>;
  /** @throws what is not as it should be */
  check(desk: Desk): Promise<void>;
}

const PASSWORD = "pw";
const THRESHOLDS = "--signature-threshold 2 --revocation-threshold 2 --admins 2";
const RECOVERED = "1 2 5";
const ROOT_KEYS = 3;

/** What a user who asks for nothing in particular would answer. */
const ANSWERS: Readonly<Record<string, string>> = {
  "auto-init": `${THRESHOLDS} --keynum '1 2'`,
  "auto-mk-rotate": "--delay 0",
  "auto-mk-recover": `--source 3 --targets '${RECOVERED}'`,
  "cryptounit-mk-rotate": "--force",
  "cryptounit-mk-setimm": "--force",
  "cryptounit-mk": "",
};

/** The words of a command that somebody named, with the answers to what it asks. @throws Error if it is none to go on with */
export function lineOf(desk: Desk, named: string): string {
  const name = named.split(" ")[0]!;
  const answers = ANSWERS[name];
  if (answers === undefined) throw new Error(`'${named}' is no command that goes on`);
  const passwords = name === "cryptounit-mk" ? "" : ` --password-file ${desk.root}/pw`;
  return `${named} ${answers}${passwords}`;
}

/** The command that a failed run names: what is to be run, else what is to be done instead. */
export function namedBy({ err }: Pick<Run, "err">): string | null {
  const quoted = /'(?:opentke )?((?:auto|cryptounit)-[a-z -]+[a-z0-9,]*)'/;
  const last = err.slice(err.lastIndexOf("Next step:"));
  const named = new RegExp(`run ${quoted.source}`).exec(last) ?? quoted.exec(last) ?? quoted.exec(err);
  return named?.[1] ?? null;
}

/** More commands in a row are no way to finish. */
const PATIENCE = 4;

/** Runs a command, and what it names, until one is done. Out: all of them. @throws Error if none is named, or there is no end */
export async function follow(desk: Desk, first: string, options = ""): Promise<string[]> {
  const trail: string[] = [];
  const told: string[] = [];
  for (let named = first; trail.length < PATIENCE; ) {
    trail.push(named);
    const run = await desk.run(`${lineOf(desk, named)} ${options}`);
    if (run.code === 0) return trail;
    told.push(`${named}: exit ${run.code}\n${run.screen}`);
    const next = namedBy(run);
    if (next === null) break;
    named = next;
  }
  throw new Error(`there is no way on:\n${told.join("\n")}`);
}

async function furnished(fleet: string): Promise<Desk> {
  const desk = new Desk();
  await desk.fleet(fleet);
  desk.write("pw", `${PASSWORD}\n`);
  for (const name of ["Ada", "Ben"]) await desk.ok(`sigkey-add --name ${name} --password-file ${desk.root}/pw`);
  await desk.ok(`sigkey-sel --keynum '1 2' --password-file ${desk.root}/pw`);
  return desk;
}

/** What the fleet in OPENTKE_HOME holds. Nobody may have it open. */
interface Holdings {
  readonly units: readonly { readonly current: string | null; readonly next: string | null }[];
  /** Patterns of the root keys in the key storage of the first instance. */
  readonly rootKeys: readonly string[];
  /** Root keys that some unit of their instance can't use. */
  readonly lost: number;
}

async function withFleet<T>(desk: Desk, work: (fleet: Fleet) => T): Promise<T> {
  const { fleet, close } = await storedFleet({ ...NOBODY, env: desk.env });
  try {
    return work(fleet);
  } finally {
    close();
  }
}

export function holdingsOf(desk: Desk): Promise<Holdings> {
  return withFleet(desk, (fleet) => {
    const instances = [...fleet.instances()];
    const lost = instances.flatMap(({ id, units }) =>
      units.map((unit) => fleet.unwrap(unit.id, id).filter((alive) => !alive).length),
    );
    const units = instances
      .flatMap((instance) => instance.units)
      .map(({ id }) => {
        const { current, next } = fleet.registers(id)!;
        return { current: current && toHex(current), next: next && toHex(next.pattern) };
      });
    const rootKeys = fleet.rootKeys(instances[0]!.id).map(({ pattern }) => toHex(pattern));
    return { units, rootKeys, lost: Math.max(...lost) };
  });
}

/** All of these hold one key as the current one, and nothing waits to replace it; the key. */
function expectOneKey(units: Holdings["units"]): string | null {
  const { current } = units[0]!;
  expect(current).not.toBeNull();
  expect(units).toEqual(units.map(() => ({ current, next: null })));
  return current;
}

const NOBODY: Omit<Io, "env"> = {
  out: () => {},
  err: () => {},
  outIsTerminal: false,
  errIsTerminal: false,
  input: { isTerminal: false, line: async () => new Uint8Array(0) },
  signal: new AbortController().signal,
};

const nothing = async (): Promise<void> => {};

interface Administered {
  readonly administrators: readonly object[];
}

/** Four units in imprint mode. As soon as one of them has a master key, root keys are made under it. */
export function initScene(): Scene {
  const planted = new WeakMap<Desk, readonly string[]>();
  return {
    command: "auto-init",
    prepare: () => furnished("--instances 1 --operational 2 --recovery 2"),
    async afterInterruption(desk) {
      const keys = await withFleet(desk, (fleet) => {
        const [instance] = [...fleet.instances()];
        const holder = instance!.units.find(({ id }) => fleet.registers(id)?.current);
        if (holder) fleet.storeRootKeys(instance!.id, holder.id, ROOT_KEYS);
        return fleet.rootKeys(instance!.id).map(({ pattern }) => toHex(pattern));
      });
      planted.set(desk, keys);
    },
    async check(desk) {
      const { units, rootKeys, lost } = await holdingsOf(desk);
      expect(units).toHaveLength(4);
      expectOneKey(units);
      expect([rootKeys, lost]).toEqual([planted.get(desk) ?? [], 0]);
      expect(await desk.json("cryptounit-compare")).toMatchObject({ alike: true });
      const { units: told } = await desk.json<{ units: readonly Administered[] }>("cryptounit-admins");
      expect(told.map(({ administrators }) => administrators.length)).toEqual([2, 2, 2, 2]);
      const { units: quorums } = await desk.json<{ units: readonly object[] }>("cryptounit-thrhlds");
      expect(quorums[0]).toMatchObject({ signatureThreshold: 2, revocationThreshold: 2 });
    },
  };
}

/** Four units with a master key and root keys under it. */
export function rotateScene(): Scene {
  let before: Holdings | undefined;
  return {
    command: "auto-mk-rotate",
    async prepare() {
      const desk = await furnished("--instances 1 --operational 2 --recovery 2");
      await desk.ok(lineOf(desk, "auto-init"));
      await desk.ok(`keystore generate --count ${ROOT_KEYS}`);
      await desk.ok("cryptounit-rm --all");
      before = await holdingsOf(desk);
      return desk;
    },
    afterInterruption: nothing,
    async check(desk) {
      const { units, rootKeys, lost } = await holdingsOf(desk);
      expect(expectOneKey(units)).not.toBe(before!.units[0]!.current);
      expect([rootKeys, lost]).toEqual([before!.rootKeys, 0]);
    },
  };
}

/** Two service instances with one set of administrators; three units have lost their master keys. */
export function recoverScene(): Scene {
  let before: Holdings | undefined;
  return {
    command: "auto-mk-recover",
    async prepare() {
      const desk = await furnished("--instances 2 --operational 2 --recovery 2");
      for (const instance of [1, 2]) await desk.ok(`${lineOf(desk, "auto-init")} --instance ${instance}`);
      const { instances } = await desk.json<{ instances: readonly { instance: string }[] }>("keystore list");
      await desk.ok(`keystore generate --count ${ROOT_KEYS} --instance-id ${instances[0]!.instance}`);
      await desk.ok("cryptounit-rm --all");
      await desk.ok(`cryptounit-add --units '${RECOVERED}'`);
      await desk.ok(`cryptounit-mk-clrcur --force --password-file ${desk.root}/pw`);
      before = await holdingsOf(desk);
      expect(before.lost).toBe(ROOT_KEYS);
      return desk;
    },
    afterInterruption: nothing,
    async check(desk) {
      const { units, rootKeys, lost } = await holdingsOf(desk);
      expect(expectOneKey(units.slice(0, 5))).toBe(before!.units[2]!.current);
      expect(units.slice(5)).toEqual(before!.units.slice(5));
      expect([rootKeys, lost]).toEqual([before!.rootKeys, 0]);
    },
  };
}
