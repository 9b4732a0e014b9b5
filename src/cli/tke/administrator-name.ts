// Names of administrators, which go into their certificates.

import { UsageError } from "../../errors.ts";
import { MAX_NAME_SIZE } from "../../wire/admin-certificate.ts";

export const NAME_QUESTION = "\nEnter an administrator name to be associated with the signature key:";

/** A name that fits into a certificate. @throws UsageError */
export function checkedName(name: string): string {
  const size = new TextEncoder().encode(name).length;
  if (size >= 1 && size <= MAX_NAME_SIZE) return name;
  throw new UsageError(`administrator name: want 1 to ${MAX_NAME_SIZE} bytes, got ${size}.`);
}

/** The names of `--name`, one for each of `count` administrators; null if it is not given. @throws UsageError */
export function namesIn(given: unknown, count: number): string[] | null {
  if (given === undefined) return null;
  const names = `${given}`.split(",").map((name) => name.trim());
  if (names.length === count) return names;
  throw new UsageError(`--name: want ${count} names, got ${names.length}.`);
}
