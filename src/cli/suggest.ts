// "Did you mean": the known word nearest to an unknown one.

/** The nearest candidate, if a few slips of the finger lead to it. */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.min(3, Math.ceil(word.length / 2)) + 1;
  for (const candidate of candidates) {
    const steps = distance(word, candidate);
    if (steps < least) {
      least = steps;
      best = candidate;
    }
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours between two words (optimal string alignment). */
export function distance(a: string, b: string): number {
  const width = b.length + 1;
  const at = new Uint16Array((a.length + 1) * width);
  for (let j = 0; j < width; j++) at[j] = j;
  for (let i = 1; i <= a.length; i++) {
    at[i * width] = i;
    for (let j = 1; j < width; j++) {
      const same = a[i - 1] === b[j - 1] ? 0 : 1;
      const here = i * width + j;
      at[here] = Math.min(at[here - width]! + 1, at[here - 1]! + 1, at[here - width - 1]! + same);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (swapped) at[here] = Math.min(at[here]!, at[here - 2 * width - 2]! + 1);
    }
  }
  return at[at.length - 1]!;
}
