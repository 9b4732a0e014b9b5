// Large jobs in batches of bounded size, one after the other.

/** Units of one batch: enough to share the cost of a batch, few enough to keep answers soon and memory small. */
export const BATCH_SIZE = 64;

/** Runs `step` on up to `size` items at a time; the results in the order of the items. */
export async function inBatches<T, U>(
  items: readonly T[],
  step: (batch: readonly T[]) => Promise<readonly U[]>,
  size: number = BATCH_SIZE,
): Promise<U[]> {
  const results: U[] = [];
  for (let at = 0; at < items.length; at += size) results.push(...(await step(items.slice(at, at + size))));
  return results;
}
