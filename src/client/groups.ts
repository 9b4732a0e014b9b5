// Lists taken apart into groups.

/** `flat` cut into groups of these sizes, in order: what a batch of groups came to, group by group again. */
export function regroup<T>(flat: readonly T[], sizes: readonly number[]): T[][] {
  let from = 0;
  return sizes.map((size) => {
    const group = flat.slice(from, from + size);
    from += size;
    return group;
  });
}

/** The items with the same key together; keys and items in the order in which they come. */
export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}
