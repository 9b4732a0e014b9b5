// The master keys of a fleet in OPENTKE_HOME, read out of a card of the test's own.

import { placeOf } from "../../src/cli/fleet-place.ts";
import { WasmCore } from "../../src/core/core.ts";
import { compileCore } from "../../src/core/load.ts";
import { Fleet } from "../../src/fleet/fleet.ts";
import { openStore } from "../../src/fleet/store/open.ts";
import type { Secret } from "./hunt.ts";
import { block } from "./memory-map.ts";
import type { Desk } from "./tke-desk.ts";
import { UNIT_SLOT_BYTES } from "./unit-slots.ts";

const FLAGS = 132;
const IN_USE_WITH_CURRENT = 0x101;
const KEY_SIZE = 32;

/** The current master keys of all units; there must be root keys, and nobody may have the fleet open. */
export async function masterKeysOf(desk: Desk): Promise<Secret[]> {
  const instance = new WebAssembly.Instance(await compileCore(), {});
  const core = new WasmCore(instance);
  const { store, root, close } = await openStore(core, placeOf({}, { env: desk.env } as never));
  try {
    const fleet = new Fleet(core, store, root);
    for (const { id, units } of fleet.instances()) for (const unit of units) fleet.unwrap(unit.id, id);
    const keys = currentKeys(Buffer.from((instance.exports["memory"] as WebAssembly.Memory).buffer));
    if (keys.length === 0) throw new Error("want units with master keys, got none");
    fleet.close();
    return keys.map((bytes) => ({ name: "master key", bytes }));
  } finally {
    close();
    core.dispose();
  }
}

/** Each once. */
function currentKeys(card: Buffer): Uint8Array[] {
  const keys = new Map<string, Uint8Array>();
  for (let at = block("units").from; at + UNIT_SLOT_BYTES <= block("units").to; at += UNIT_SLOT_BYTES) {
    if ((card.readUInt32LE(at + FLAGS) & IN_USE_WITH_CURRENT) !== IN_USE_WITH_CURRENT) continue;
    const key = Uint8Array.from(card.subarray(at, at + KEY_SIZE));
    keys.set(Buffer.from(key).toString("hex"), key);
  }
  return [...keys.values()];
}
