// Re-encryption of key storage, in memory and in SQLite: in batches, across crashes, and only between the right two keys.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { equal } from "../../src/bytes.ts";
import type { KeyStorage as ClientKeyStorage } from "../../src/client/key-storage.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { KeyStorageError, RewrapState } from "../../src/fleet/key-storage.ts";
import { MemoryStore } from "../../src/fleet/memory-store.ts";
import { createStore, openStore } from "../../src/fleet/store/open.ts";
import type { FleetStore } from "../../src/fleet/store.ts";
import { Strike } from "../../src/fleet/units.ts";
import { autoMkRotate } from "../../src/procedures/auto-mk-rotate.ts";
import { mkRotate } from "../../src/procedures/mk-rotate.ts";
import { testCore } from "../support/core.ts";
import { CANARIES, noWait, type RotationGround, rotationGround } from "../support/rotation.ts";
import { temporary } from "../support/stores.ts";

const folders = temporary();

/** A store in which nothing is written after the n-th batch: as a crash, but that the process lives. */
class Crashing extends MemoryStore {
  batches = Number.POSITIVE_INFINITY;

  override rewrapRootKeys(...args: Parameters<FleetStore["rewrapRootKeys"]>): void {
    if (args[1].length > 0 && this.batches-- <= 0) throw new Error("the disk is full");
    super.rewrapRootKeys(...args);
  }
}

let ground: RotationGround;
let store: Crashing;
beforeEach(async () => {
  store = new Crashing();
  ground = await rotationGround({ store });
});
afterEach(() => ground.close());

/** Brings the units to where key storage is asked for: all have the same new key committed. */
async function commitNewKey({ client, request, keyStorage }: RotationGround = ground): Promise<void> {
  const unreachable: ClientKeyStorage = {
    ...keyStorage,
    rewrap: () => Promise.reject(new Error("not reached")),
  };
  await expect(autoMkRotate(client(), request(unreachable), { wait: noWait })).rejects.toThrow("not reached");
}

const job = () => ground.fleet.rewrapJob(ground.instance);
const underNew = ({ fleet, instance, units }: RotationGround = ground) => {
  const { pattern } = fleet.registers(units[0]!.id)!.next!;
  return fleet.rootKeys(instance).filter(({ blob }) => equal(blob.subarray(1, 17), pattern.subarray(0, 16))).length;
};
const finish = () => mkRotate(ground.client(), ground.request(), { wait: noWait });

describe("re-encryption", () => {
  it("goes from started to complete, and tells how far it has come", async () => {
    await commitNewKey();
    expect(job()).toBeUndefined();
    const { pattern } = ground.fleet.registers(ground.units[0]!.id)!.next!;
    expect(ground.fleet.rewrapRootKeys(ground.instance)).toEqual({
      status: RewrapState.Started,
      message: `${CANARIES} root keys`,
      pattern,
    });
    expect(underNew()).toBe(0);
    const seen = new Set<string>();
    await expect
      .poll(
        async () => {
          await noWait();
          const { status, message } = job()!;
          seen.add(message);
          return status;
        },
        { interval: 1 },
      )
      .toBe(RewrapState.Complete);
    expect([...seen].at(-1)).toBe(`${CANARIES} of ${CANARIES} root keys`);
    expect(underNew()).toBe(CANARIES);
    expect(ground.fleet.rootKeys(ground.instance)).toHaveLength(CANARIES);
    await finish();
    expect(ground.lost()).toBe(0);
  });

  it("asked for twice is one; asked for when it is complete, it is complete again", async () => {
    await commitNewKey();
    ground.fleet.rewrapRootKeys(ground.instance);
    ground.fleet.rewrapRootKeys(ground.instance);
    await expect.poll(() => job()?.status).toBe(RewrapState.Complete);
    const blobs = ground.fleet.rootKeys(ground.instance);
    ground.fleet.rewrapRootKeys(ground.instance);
    await expect.poll(() => job()?.status).toBe(RewrapState.Complete);
    expect(ground.fleet.rootKeys(ground.instance)).toEqual(blobs);
  });

  it("of a key storage without keys is complete too", async () => {
    ground.close();
    ground = await rotationGround({ canaries: 0 });
    await commitNewKey();
    ground.fleet.rewrapRootKeys(ground.instance);
    await expect.poll(() => job()).toMatchObject({ status: RewrapState.Complete, message: "0 of 0 root keys" });
  });

  it.each([0, 1, 2])("that the store ends after %i batches has failed; asked for again it goes on", async (batches) => {
    await commitNewKey();
    store.batches = batches;
    ground.fleet.rewrapRootKeys(ground.instance);
    await expect.poll(() => job()?.status).toBe(RewrapState.Failed);
    expect(job()!.message).toBe("key storage could not be changed");
    expect(underNew()).toBe(64 * batches);
    expect(ground.lost()).toBe(64 * batches); // under the new key already, which is yet to become current
    store.batches = Number.POSITIVE_INFINITY;
    await finish();
    expect(ground.lost()).toBe(0);
  });

  it("that a crash ended goes on when somebody asks about it", async () => {
    await commitNewKey();
    ground.fleet.rewrapRootKeys(ground.instance);
    ground.close(); // no turn of the event loop was left to it
    await noWait();
    expect(underNew()).toBe(0);
    const again = new Fleet(ground.core, store, Fleet.create(ground.core, new MemoryStore()).root);
    expect(again.rewrapJob(ground.instance)?.status).toBe(RewrapState.Started);
    await expect.poll(() => again.rewrapJob(ground.instance)?.status).toBe(RewrapState.Complete);
    expect(underNew()).toBe(CANARIES);
    again.close();
  });
});

describe("re-encryption is refused", () => {
  const refused = (reason: RegExp) => {
    const before = ground.fleet.rootKeys(ground.instance);
    expect(() => ground.fleet.rewrapRootKeys(ground.instance)).toThrow(KeyStorageError);
    expect(() => ground.fleet.rewrapRootKeys(ground.instance)).toThrow(reason);
    expect(ground.fleet.rootKeys(ground.instance)).toEqual(before);
    expect(job()).toBeUndefined();
  };

  it("while a unit has no new key, or not the others'", async () => {
    refused(/want one Valid current and one Full Committed new master key/);
    await commitNewKey();
    ground.fleet.strike(ground.units[3]!.id, Strike.ClearNew);
    refused(new RegExp(`got others: unit ${ground.units[3]!.location.replace(/[[\]]/g, "\\$&")}`));
  });

  it("while a unit has no current key", async () => {
    await commitNewKey();
    ground.fleet.strike(ground.units[1]!.id, Strike.ClearCurrent);
    refused(/want one Valid current/);
  });

  it("if a root key is under neither key", async () => {
    await commitNewKey();
    const [key] = ground.fleet.rootKeys(ground.instance);
    store.addRootKeys(ground.instance, [{ ...key!, blob: key!.blob.with(5, key!.blob[5]! ^ 1) }]);
    refused(/1 of 131 root keys are under a master key that its units don't hold/);
  });

  it("by an instance that is not there", () => {
    expect(() => ground.fleet.rewrapRootKeys("nobody")).toThrow("want one of this fleet");
    expect(() => ground.fleet.rewrapJob("nobody")).toThrow("want one of this fleet");
  });
});

describe("re-encryption fails", () => {
  it("as soon as a unit has lost its new key, and changes no further blob", async () => {
    await commitNewKey();
    ground.fleet.rewrapRootKeys(ground.instance);
    ground.fleet.strike(ground.units[2]!.id, Strike.ClearNew);
    await expect.poll(() => job()?.status).toBe(RewrapState.Failed);
    expect(underNew()).toBe(0);
    expect(ground.lost()).toBe(0);
  });

  it.each(["blob", "pattern"] as const)("at a root key whose %s was changed", async (part) => {
    await commitNewKey();
    const [key] = ground.fleet.rootKeys(ground.instance);
    store.addRootKeys(ground.instance, [{ ...key!, [part]: key![part].with(-1, key![part].at(-1)! ^ 1) }]);
    ground.fleet.rewrapRootKeys(ground.instance);
    await expect.poll(() => job()?.status).toBe(RewrapState.Failed);
    expect(job()!.message).toBe("root key 131 is not what the current master key has wrapped");
    expect(underNew()).toBe(128); // what was done before it is done
  });
});

it("no root key is made between the re-encryption and the new key's becoming current", async () => {
  const { fleet, instance, units } = ground;
  await commitNewKey();
  fleet.storeRootKeys(instance, units[0]!.id, 1);
  fleet.rewrapRootKeys(instance);
  expect(() => fleet.storeRootKeys(instance, units[0]!.id, 1)).toThrow("finish the rotation first");
  await expect.poll(() => job()?.status).toBe(RewrapState.Complete);
  expect(() => fleet.storeRootKeys(instance, units[0]!.id, 1)).toThrow("finish the rotation first");
  await finish();
  fleet.storeRootKeys(instance, units[0]!.id, 1);
  expect(fleet.rootKeys(instance)).toHaveLength(CANARIES + 2);
  expect(ground.lost()).toBe(0);
});

it("in SQLite: jobs and blobs are as durable as the units, and a job goes on in another process", async () => {
  const folder = folders.folder();
  const core = await testCore();
  const first = folders.keep(await createStore(core, { folder }));
  const before = await rotationGround({ core, store: first.store, root: first.root });
  await commitNewKey(before);
  before.fleet.rewrapRootKeys(before.instance);
  await noWait();
  before.close();
  await noWait();
  const done = underNew(before);
  expect(done).toBeLessThan(CANARIES);
  expect(first.store.rewrapJob(before.instance)!.status).toMatch(/started|in-progress/);
  first.close();
  const second = folders.keep(await openStore(core, { folder }));
  const fleet = new Fleet(core, second.store, second.root);
  expect(fleet.rewrapJob(before.instance)!.status).toMatch(/started|in-progress/);
  await expect.poll(() => fleet.rewrapJob(before.instance)!.status).toBe(RewrapState.Complete);
  expect(underNew({ ...before, fleet })).toBe(CANARIES);
  expect(second.store.rootKeys(before.instance)).toHaveLength(CANARIES);
  const [page] = [second.store.rootKeysAfter(before.instance, 0, 3)];
  expect(page.map(({ blob }) => blob)).toEqual(
    second.store
      .rootKeys(before.instance)
      .slice(0, 3)
      .map(({ blob }) => blob),
  );
  const again = { status: RewrapState.Complete, message: "", pattern: new Uint8Array(32) };
  const moved = { ...page[0]!, pattern: new Uint8Array(32) };
  expect(() => second.store.rewrapRootKeys(before.instance, [page[1]!, moved], again)).toThrow("read it again");
  expect(() => second.store.rewrapRootKeys("nobody", [], again)).toThrow("read it again");
  expect(second.store.rewrapJob(before.instance)!.message).not.toBe("");
  expect(second.store.rewrapJob("nobody")).toBeUndefined();
  expect(second.store.rootKeysAfter("nobody", 0, 1)).toEqual([]);
  fleet.close();
  second.close();
});
