import { existsSync, readFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import type { Core } from "../../../src/core/api.ts";
import { verifyStore } from "../../../src/fleet/store/check.ts";
import { StoreFailure } from "../../../src/fleet/store/errors.ts";
import { openStore } from "../../../src/fleet/store/open.ts";
import { compileChildren, startChild } from "../../support/children.ts";
import { testCore } from "../../support/core.ts";
import { furnished, temporary } from "../../support/stores.ts";

const KILLS = 20;

let core: Core;
let children: string;
beforeAll(async () => {
  core = await testCore();
  children = compileChildren();
});
afterAll(() => core.dispose());
const { folder, keep } = temporary();

interface Acknowledged {
  readonly records: number;
  readonly counters: readonly (readonly [string, string])[];
}

/** A line that was cut off by the kill says nothing. */
function acknowledged(lines: readonly string[]): Acknowledged[] {
  return lines.flatMap((line) => {
    try {
      return [JSON.parse(line) as Acknowledged];
    } catch {
      return [];
    }
  });
}

describe("kill -9 in the middle of commits", () => {
  it(`loses nothing that was acknowledged, ${KILLS} times`, async () => {
    const home = folder();
    (await furnished(core, home, 24)).close();
    const counters = new Map<string, string>();
    let commits = 0;
    let unclean = 0;
    for (let kill = 0; kill < KILLS; kill++) {
      const child = startChild(children, "committer", [home]);
      await child.ready;
      await new Promise((resolve) => setTimeout(resolve, 3 + 7 * kill));
      child.process.kill("SIGKILL");
      const said = acknowledged((await child.ended).lines);
      commits += said.length;
      for (const { counters: all } of said) for (const [id, counter] of all) counters.set(id, counter);
      if (existsSync(join(home, "fleet.db-wal"))) unclean++;

      const { store, close } = await openStore(core, { folder: home });
      const report = verifyStore(store, { core });
      expect(report.records).toBeGreaterThanOrEqual(said.at(-1)!.records);
      // At most one group was committed and not yet acknowledged, and then it is there as a whole.
      const beyond = [...counters].filter(([id, counter]) => toHex(store.unit(id)!.counter) !== counter);
      expect([0, 16]).toContain(beyond.length);
      for (const [id, counter] of counters) {
        const now = toHex(store.unit(id)!.counter);
        expect(now >= counter).toBe(true);
        counters.set(id, now);
      }
      close();
    }
    expect(counters.size).toBe(24);
    expect(commits).toBeGreaterThan(KILLS);
    expect(unclean).toBe(KILLS);
  });
});

describe("the lock", () => {
  it("lets one process in, says who it is, and is gone with it however it ends", async () => {
    const home = folder();
    (await furnished(core, home, 1)).close();
    const holder = startChild(children, "committer", [home, "hold"]);
    await holder.ready;
    const attempt = openStore(core, { folder: home });
    await expect(attempt).rejects.toMatchObject({ failure: StoreFailure.Locked });
    await expect(attempt).rejects.toThrow(`in use by process ${holder.process.pid} on ${hostname()}, since 20`);
    await expect(attempt).rejects.toThrow("end that one, or set OPENTKE_HOME to another fleet");
    holder.process.kill("SIGKILL");
    await holder.ended;
    expect(JSON.parse(readFileSync(join(home, "fleet.holder"), "utf8"))).toMatchObject({ pid: holder.process.pid });
    keep(await openStore(core, { folder: home }));
  });

  it("keeps a second one of the same process out as well, and is free after closing", async () => {
    const home = folder();
    const first = await furnished(core, home, 1);
    await expect(openStore(core, { folder: home })).rejects.toMatchObject({ failure: StoreFailure.Locked });
    first.close();
    expect(existsSync(join(home, "fleet.holder"))).toBe(false);
    keep(await openStore(core, { folder: home }));
  });
});
