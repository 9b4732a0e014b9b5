// Batches of groups: the groups' items go into one call, and the results come apart again.

/** `flat` cut into groups of these sizes, in order. */
export function regroup<T>(flat: readonly T[], sizes: readonly number[]): T[][] {
  let from = 0;
  return sizes.map((size) => {
    const group = flat.slice(from, from + size);
    from += size;
    return group;
  });
}
