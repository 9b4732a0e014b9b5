// The control interface: what tests do to a fleet that no client can. Off unless it is asked for; on a loopback port or a Unix
// socket of its own, and with a token of its own, so that nobody who reaches the units reaches this. Bodies and answers are JSON.
//
//   POST   /v1/control/instances   {"count": 2, "operational": 2, "recovery": 2, "failover": 0, "region": "us-south",
//                                   "resourceGroup": "Default", "seed": "7"}          201  {"instances": [{"id", "units": [id]}]}
//       New service instances on new modules; every member may be left out. The seed fixes ids and places.
//   POST   /v1/control/instances/{id}/failover  {"count": 2, "seed": "7"}             201  {"instance": id, "units": [id]}
//       Failover units for an instance that has none, pristine, on new modules.
//   POST   /v1/control/strikes     {"kind": "zeroize", "units": [id]}                 200  {"struck": [id]}
//       zeroize: imprint mode, no administrators, no keys. clear-current, clear-new: one register. replace-hardware: another
//       module in the bay, so that all units of it are struck: new serial number, OA key and module instance, all pristine.
//       A strike is durable and audited: as the command of that id, without signers.
//   GET    /v1/control/faults                                                         200  {"faults": null or as below}
//   PUT    /v1/control/faults      {"seed": "7", "probabilities": {"lose-request": 0.1, "lose-answer": 0.1, "error": 0.1,
//                                   "corrupt": 0.1}, "delay": {"probability": 0.5, "milliseconds": [10, 200]}}
//   DELETE /v1/control/faults                                                         200  {"faults": null}
//       Faults of IBM's two routes (faults.ts), from now on. The n-th request to a unit meets the same fault each time the same
//       seed is set.
//
//   400: the body; 401: the token; 404: a unit or an instance; 409: an id is taken already, or the instance is not as it must be.

import { randomUUID } from "node:crypto";
import { PreconditionError, UsageError } from "../../errors.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { type Layout, planLayout, SerialNumbers } from "../../fleet/layout.ts";
import { SeededRandom } from "../../fleet/seeded.ts";
import { bayName, regionPair, type Unit } from "../../fleet/topology.ts";
import { Strike } from "../../fleet/units.ts";
import { parseBody, readBody } from "../body.ts";
import type { Census } from "../census.ts";
import type { Directory } from "../directory.ts";
import type { FaultPlan, Faults } from "../faults.ts";
import { HttpError, json } from "../reply.ts";
import type { Exchange, Route } from "../routes.ts";
import { FailoverBody, FaultsBody, InstancesBody, StrikesBody } from "./bodies.ts";

export interface ControlOptions {
  readonly fleet: Fleet;
  readonly faults: Faults;
  readonly census: Census;
  readonly directory: Directory;
  readonly bodyBytes: number;
}

const FAULTS = "/v1/control/faults";

const STRIKES = {
  zeroize: Strike.Zeroize,
  "clear-current": Strike.ClearCurrent,
  "clear-new": Strike.ClearNew,
} as const;

export function controlRoutes(options: ControlOptions): Route[] {
  const { faults, bodyBytes } = options;
  const body = ({ request }: Exchange) => readBody(request, bodyBytes);
  const tellFaults = () => json({ faults: faults.plan });
  return [
    {
      method: "POST",
      pattern: "/v1/control/instances",
      handle: async (exchange) => {
        const layout = addInstances(options, InstancesBody, await body(exchange));
        const instances = layout.serviceInstances.map(({ id, units }) => ({ id, units: units.map((unit) => unit.id) }));
        return json({ instances }, 201);
      },
    },
    {
      method: "POST",
      pattern: "/v1/control/instances/:instance/failover",
      handle: async (exchange) => {
        const instance = exchange.params["instance"]!;
        const units = addFailover(options, instance, parseBody(FailoverBody, await body(exchange)));
        return json({ instance, units }, 201);
      },
    },
    {
      method: "POST",
      pattern: "/v1/control/strikes",
      handle: async (exchange) => json({ struck: strike(options, parseBody(StrikesBody, await body(exchange))) }),
    },
    { method: "GET", pattern: FAULTS, handle: tellFaults },
    {
      method: "PUT",
      pattern: FAULTS,
      handle: async (exchange) => {
        faults.set(parseBody(FaultsBody, await body(exchange)) as FaultPlan);
        return tellFaults();
      },
    },
    {
      method: "DELETE",
      pattern: FAULTS,
      handle: () => {
        faults.set(null);
        return tellFaults();
      },
    },
  ];
}

function addInstances({ fleet, census }: ControlOptions, schema: typeof InstancesBody, text: string): Layout {
  const { count, region, seed, ...rest } = parseBody(schema, text);
  const layout = planned(() => {
    const request = { ...rest, instances: count, regions: regionPair(region) };
    return planLayout(request, new SeededRandom(seed ?? randomUUID()), fleet.taken());
  });
  const twice = layout.serviceInstances.find(({ id }) => fleet.instance(id));
  if (twice) throw new HttpError(409, `instance ${twice.id} is there already; want another seed`);
  fleet.build(layout);
  for (const { units } of layout.serviceInstances) for (const { id } of units) census.touch(id);
  return layout;
}

/** Ids of the new units. */
function addFailover(
  { fleet, census, directory }: ControlOptions,
  instance: string,
  { count, seed }: ReturnType<typeof FailoverBody.parse>,
): string[] {
  if (!fleet.instance(instance)) throw new HttpError(404, "no such instance");
  const units = planned(() => fleet.addFailoverUnits(instance, count, new SeededRandom(seed ?? randomUUID())));
  directory.forget(instance);
  for (const { id } of units) census.touch(id);
  return units.map(({ id }) => id);
}

function planned<T>(plan: () => T): T {
  try {
    return plan();
  } catch (error) {
    if (error instanceof UsageError) throw new HttpError(400, error.message, {}, { cause: error });
    if (error instanceof PreconditionError) throw new HttpError(409, error.message, {}, { cause: error });
    throw error;
  }
}

/** Ids of all units that were struck. All units are known, or none is struck. */
function strike(
  { fleet, census }: ControlOptions,
  { kind, units: ids }: ReturnType<typeof StrikesBody.parse>,
): string[] {
  const known = new Map(
    Array.from(fleet.instances(), ({ units }) => units.map((unit) => [unit.id, unit] as const)).flat(),
  );
  const units = [...new Set(ids)].map((id) => {
    const unit = known.get(id);
    if (!unit) throw new HttpError(404, "no such crypto unit");
    return unit;
  });
  const struck = kind === "replace-hardware" ? replaceHardware(fleet, units) : units.map(({ id }) => id);
  if (kind !== "replace-hardware") for (const id of struck) fleet.strike(id, STRIKES[kind]);
  for (const id of struck) census.touch(id);
  return struck;
}

function replaceHardware(fleet: Fleet, units: readonly Unit[]): string[] {
  const bays = [...new Map(units.map(({ bay }) => [bayName(bay), bay])).values()];
  const serials = new SerialNumbers(new SeededRandom(randomUUID()), fleet.serials());
  return bays.flatMap((bay) => {
    fleet.install(bay, serials.next());
    return fleet.unitsIn(bay).map(({ id }) => id);
  });
}
