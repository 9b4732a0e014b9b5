// Opens a fleet and commits to all of its units, group after group, until it is killed. Says which commits were acknowledged.
// usage: node committer.js FOLDER [hold]

import { writeSync } from "node:fs";
import { toHex } from "../../src/bytes.ts";
import { loadCore } from "../../src/core/load.ts";
import { openStore } from "../../src/fleet/store/open.ts";
import { step } from "../support/changes.ts";

const [folder, mode] = process.argv.slice(2);
const core = await loadCore();
const { store } = await openStore(core, { folder: folder! }, { checkpointInterval: 50 });
const ids = [...store.ends()].map(({ state }) => state.id);

if (mode === "hold") {
  writeSync(1, "held\n");
  setInterval(() => {}, 1000);
} else {
  for (let round = 0; ; round++) {
    const group = ids.filter((_, at) => (at + round) % 3 !== 0).map((id) => store.unit(id)!);
    const pattern = crypto.getRandomValues(new Uint8Array(32));
    const changes = group.map((unit) => step(unit, { registers: { current: pattern, next: null } }));
    store.commit(changes);
    const counters = changes.map(({ next }) => [next.id, toHex(next.counter)]);
    writeSync(1, `${JSON.stringify({ records: store.head().records, counters })}\n`);
  }
}
