// A fleet as it is declared in a file (YAML or JSON): which service instances there are to be, and how large.
//
//   seed: rehearsal                 optional; fixes ids and places
//   region: us-south                optional; of the instances that name none
//   resourceGroup: Default          optional, likewise
//   instances:
//     - { id: 11111111-2222-4333-8444-555555555555, operational: 2, recovery: 2, failover: 1 }
//     - { count: 3, resourceGroup: Test, operational: 1, recovery: 1 }

import { z } from "zod";
import { UsageError } from "../errors.ts";
import { type Layout, planLayout, type Taken } from "./layout.ts";
import type { SeededRandom } from "./seeded.ts";
import { regionPair } from "./topology.ts";

const whole = z.number().int().min(0);
const name = z.string().min(1).max(64);

const InstancesSchema = z.strictObject({
  /** Of one instance; others get one of their own. */
  id: z.uuid().toLowerCase().optional(),
  count: whole.default(1),
  region: name.optional(),
  resourceGroup: name.optional(),
  operational: whole,
  recovery: whole,
  failover: whole.default(0),
});

const DeclarationSchema = z.strictObject({
  seed: name.optional(),
  region: name.default("us-south"),
  resourceGroup: name.default("Default"),
  instances: z.array(InstancesSchema).min(1),
});

export type Declaration = Readonly<z.infer<typeof DeclarationSchema>>;

/** What a fleet is built from. */
export type Plan = Pick<Layout, "modules" | "serviceInstances">;

/** Checks what was read from a file. @throws UsageError naming the first thing that is not as it should be. */
export function parseDeclaration(value: unknown): Declaration {
  const parsed = DeclarationSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0]!;
  throw new UsageError(`declared fleet: ${issue.path.join(".") || "the whole"}: ${issue.message}.`);
}

/** Where everything goes. @throws UsageError if a count is out of bounds, an id is there twice or a region is unknown. */
export function planDeclared(declaration: Declaration, random: SeededRandom): Plan {
  const plans: Plan[] = [];
  for (const [at, entry] of declaration.instances.entries())
    plans.push(planEntry(declaration, entry, random.fork(`instances ${at}`), takenBy(plans)));
  const plan = {
    modules: plans.flatMap(({ modules }) => modules),
    serviceInstances: plans.flatMap(({ serviceInstances }) => serviceInstances),
  };
  checkIds(plan);
  return plan;
}

function planEntry(
  declaration: Declaration,
  entry: Declaration["instances"][number],
  random: SeededRandom,
  taken: Taken,
): Plan {
  const { id, count, operational, recovery, failover } = entry;
  if (id !== undefined && count !== 1) throw new UsageError(`declared fleet: want a count of 1 beside id ${id}.`);
  const request = {
    ...{ instances: count, operational, recovery, failover },
    regions: regionPair(entry.region ?? declaration.region),
    resourceGroup: entry.resourceGroup ?? declaration.resourceGroup,
  };
  const { modules, serviceInstances } = planLayout(request, random, taken);
  if (id === undefined) return { modules, serviceInstances };
  const named = serviceInstances.map((instance) => ({
    ...instance,
    id,
    units: instance.units.map((unit) => ({ ...unit, instance: id })),
  }));
  return { modules, serviceInstances: named };
}

function takenBy(plans: readonly Plan[]): Taken {
  const modules = plans.flatMap((plan) => plan.modules);
  return { bays: modules.map(({ bay }) => bay), serials: modules.map(({ serial }) => serial) };
}

function checkIds({ serviceInstances }: Plan): void {
  const seen = new Set<string>();
  for (const { id } of serviceInstances) {
    if (seen.has(id)) throw new UsageError(`declared fleet: instance ${id} is there twice.`);
    seen.add(id);
  }
}
