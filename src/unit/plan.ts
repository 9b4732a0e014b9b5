// Which requests of a batch are served together.
//
// Requests to different units never wait for each other. Those to one unit are served in order, and share a stage as long as the
// ones before have no effect but on the counter: a source unit's exports, however many, are one stage.

import type { Item } from "./item.ts";

/** The stages, each of at most `limit` items, to be run one after the other. */
export function planStages(items: readonly Item[], limit: number): Item[][] {
  const stages: Item[][] = [];
  const earliest = new Map<string, number>();
  let open = 0;
  for (const item of items) {
    const { id } = item.turn.state;
    let at = Math.max(open, earliest.get(id) ?? 0);
    while ((stages[at]?.length ?? 0) >= limit) at++;
    if (at === stages.length) stages.push([]);
    stages[at]!.push(item);
    while ((stages[open]?.length ?? 0) >= limit) open++;
    earliest.set(id, item.readOnly ? at : at + 1);
  }
  return stages;
}
