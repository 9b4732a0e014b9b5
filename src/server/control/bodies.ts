// Bodies of the control interface. Anything that is not listed here is refused.

import { z } from "zod";

const SEED = z.string().min(1).max(100);
const PROBABILITY = z.number().min(0).max(1);
const MILLISECONDS = z.int().min(0).max(60_000);

/** New service instances; counts are checked by the layout. */
export const InstancesBody = z.strictObject({
  count: z.int().default(1),
  operational: z.int().default(2),
  recovery: z.int().default(2),
  failover: z.int().default(0),
  region: z.string().default("us-south"),
  resourceGroup: z.string().min(1).max(100).default("Default"),
  /** Fixes the ids and places of the new instances; by default others every time. */
  seed: SEED.optional(),
});

export const FailoverBody = z.strictObject({
  /** 2 or 3; at most as many as the instance has operational units. */
  count: z.int(),
  /** Fixes the ids and places of the new units; by default others every time. */
  seed: SEED.optional(),
});

export const StrikesBody = z.strictObject({
  kind: z.enum(["zeroize", "clear-current", "clear-new", "replace-hardware"]),
  /** Ids of units; with replace-hardware all units of their modules are struck. */
  units: z.array(z.string()).min(1).max(10_000),
});

export const FaultsBody = z
  .strictObject({
    seed: SEED,
    probabilities: z
      .strictObject({
        "lose-request": PROBABILITY.optional(),
        "lose-answer": PROBABILITY.optional(),
        error: PROBABILITY.optional(),
        corrupt: PROBABILITY.optional(),
      })
      .default({}),
    delay: z
      .strictObject({ probability: PROBABILITY, milliseconds: z.tuple([MILLISECONDS, MILLISECONDS]) })
      .refine(({ milliseconds: [least, most] }) => least <= most, "want the least milliseconds first")
      .optional(),
  })
  .refine(
    ({ probabilities }) => Object.values(probabilities).reduce<number>((sum, one) => sum + (one ?? 0), 0) <= 1 + 1e-9,
    "want probabilities of together at most 1",
  );
