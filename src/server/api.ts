// What the endpoint tells beyond IBM's API, under /v1/opentke/. Byte strings are lower-case hexadecimal; lists are never null.
//
//   GET root                            where the modules' certificate chains end: {"ski", "x", "y"}
//   GET instances                       service instances and how many units of each type they have
//   GET instances/{id}                  one of them, with its units and what their registers hold
//   GET instances/{id}/keystore         its root keys, wrapped, with their verification patterns
//   GET instances/{id}/keystore/status  how many of them each unit's current master key unwraps
//   POST instances/{id}/keystore/rewrap begins to re-encrypt them for the units' committed new master key, or goes on with it:
//                                       202 {"status", "message", "pattern"}; 409 if the units don't hold one such key
//   GET instances/{id}/keystore/rewrap  the last re-encryption: "status" is started, in-progress, complete or failed; 404 if there
//                                       was none

import { EMPTY, toHex } from "../bytes.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { KeyStorageError, type RewrapJob } from "../fleet/key-storage.ts";
import { locationOf, type ServiceInstance, type Unit, UnitType } from "../fleet/topology.ts";
import { HttpError, json } from "./reply.ts";
import type { Exchange, Route } from "./routes.ts";

const INSTANCES = "/v1/opentke/instances";
const INSTANCE = "/v1/opentke/instances/:instance";

export function apiRoutes(fleet: Fleet): Route[] {
  const get = (pattern: string, tell: (instance: ServiceInstance) => unknown): Route => ({
    method: "GET",
    pattern,
    handle: (exchange) => json(tell(instanceOf(fleet, exchange))),
  });
  return [
    { method: "GET", pattern: "/v1/opentke/root", handle: () => json(rootOf(fleet)) },
    {
      method: "GET",
      pattern: INSTANCES,
      handle: () => json({ instances: Array.from(fleet.instances(), summary) }),
    },
    get(INSTANCE, (instance) => ({ ...summary(instance), units: instance.units.map((unit) => details(fleet, unit)) })),
    get(`${INSTANCE}/keystore`, ({ id }) => ({ instance: id, keys: keys(fleet, id) })),
    get(`${INSTANCE}/keystore/status`, (instance) => ({ instance: instance.id, ...status(fleet, instance) })),
    get(`${INSTANCE}/keystore/rewrap`, ({ id }) => lastRewrap(fleet, id)),
    {
      method: "POST",
      pattern: `${INSTANCE}/keystore/rewrap`,
      handle: (exchange) => json(rewrap(fleet, instanceOf(fleet, exchange).id), 202),
    },
  ];
}

/** The root's identifier and the coordinates of its P-521 key. */
function rootOf({ root: { ski, publicKey } }: Fleet) {
  return { ski: toHex(ski), x: toHex(publicKey.subarray(1, 67)), y: toHex(publicKey.subarray(67)) };
}

function instanceOf(fleet: Fleet, { params }: Exchange): ServiceInstance {
  const instance = fleet.instance(params["instance"]!);
  if (!instance) throw new HttpError(404, "no such instance");
  return instance;
}

/** An instance in a list. */
export function summary({ id, resourceGroup, units }: ServiceInstance) {
  const count = (wanted: UnitType) => units.filter(({ type }) => type === wanted).length;
  return {
    id,
    resourceGroup,
    operational: count(UnitType.Operational),
    recovery: count(UnitType.Recovery),
    failover: count(UnitType.Failover),
  };
}

/** A unit with its counter and its registers: patterns, null where one is empty. */
function details(fleet: Fleet, unit: Unit) {
  const registers = fleet.registers(unit.id);
  const { current = null, next = null } = registers ?? {};
  return {
    id: unit.id,
    type: unit.type,
    location: locationOf(unit),
    serialNumber: fleet.serialIn(unit.bay) ?? null,
    counter: toHex(fleet.counter(unit.id) ?? EMPTY),
    current: current && toHex(current),
    new: next && { pattern: toHex(next.pattern), committed: next.committed },
  };
}

/** The root keys, wrapped, with their verification patterns. */
function keys(fleet: Fleet, instance: string) {
  return fleet.rootKeys(instance).map(({ blob, pattern }) => ({ pattern: toHex(pattern), blob: toHex(blob) }));
}

function rewrap(fleet: Fleet, instance: string) {
  try {
    return tell(fleet.rewrapRootKeys(instance));
  } catch (error) {
    if (error instanceof KeyStorageError) throw new HttpError(409, error.message, {}, { cause: error });
    throw error;
  }
}

function lastRewrap(fleet: Fleet, instance: string) {
  const job = fleet.rewrapJob(instance);
  if (!job) throw new HttpError(404, "no re-encryption was asked for");
  return tell(job);
}

function tell({ status, message, pattern }: RewrapJob) {
  return { status, message, pattern: toHex(pattern) };
}

/** How many of the root keys each unit's current master key unwraps. */
function status(fleet: Fleet, { id, units }: ServiceInstance) {
  return {
    keys: fleet.rootKeys(id).length,
    units: units.map((unit) => ({
      id: unit.id,
      type: unit.type,
      unwraps: fleet.unwrap(unit.id, id).filter(Boolean).length,
    })),
  };
}
