// What the endpoint tells beyond IBM's API, under /v1/opentke/. Byte strings are lower-case hexadecimal; lists are never null.
//
//   GET root                            where the modules' certificate chains end: {"ski", "x", "y"}
//   GET instances                       service instances and how many units of each type they have
//   GET instances/{id}                  one of them, with its units and what their registers hold
//   GET instances/{id}/keystore         its root keys, wrapped, with their verification patterns
//   GET instances/{id}/keystore/after/{position}  up to 4096 of them behind a position, 0 at first, and the "next" position; null at
//                                       the end
//   GET instances/{id}/keystore/status  how many of them each unit's current master key unwraps
//   POST instances/{id}/keystore/generate  {"count": 1..1000} fresh ones under the units' current master key: 201 {"generated",
//                                       "keys"}, "keys" all that there are then; 409 if it has none, or a rotation is under way
//   POST instances/{id}/keystore/rewrap begins to re-encrypt them for the units' committed new master key, or goes on with it:
//                                       202 {"status", "message", "pattern"}; 409 if the units don't hold one such key
//   GET instances/{id}/keystore/rewrap  the last re-encryption: "status" is started, in-progress, complete or failed; 404 if there
//                                       was none

import { z } from "zod";
import { EMPTY, toHex } from "../bytes.ts";
import type { RootKey } from "../core/api.ts";
import type { Fleet } from "../fleet/fleet.ts";
import { KeyStorageError, type RewrapJob } from "../fleet/key-storage.ts";
import { locationOf, type ServiceInstance, type Unit, UnitType } from "../fleet/topology.ts";
import { parseBody, readBody } from "./body.ts";
import { HttpError, json } from "./reply.ts";
import type { Exchange, Route } from "./routes.ts";

const INSTANCES = "/v1/opentke/instances";
const INSTANCE = "/v1/opentke/instances/:instance";

/** Root keys in one answer, and made by one request: a moment's work. */
const PAGE = 4096;
const GenerateBody = z.strictObject({ count: z.int().min(1).max(1000) });

/** In: bytes that a body may have. */
export function apiRoutes(fleet: Fleet, bodyBytes: number): Route[] {
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
    {
      method: "GET",
      pattern: `${INSTANCE}/keystore/after/:position`,
      handle: (exchange) => json(page(fleet, instanceOf(fleet, exchange).id, exchange.params["position"]!)),
    },
    get(`${INSTANCE}/keystore/status`, ({ id }) => ({ instance: id, ...fleet.checkRootKeys(id) })),
    {
      method: "POST",
      pattern: `${INSTANCE}/keystore/generate`,
      handle: async (exchange) => {
        const { id } = instanceOf(fleet, exchange);
        const { count } = parseBody(GenerateBody, await readBody(exchange.request, bodyBytes));
        return json({ generated: count, keys: keyStorage(() => fleet.generateRootKeys(id, count)) }, 201);
      },
    },
    get(`${INSTANCE}/keystore/rewrap`, ({ id }) => lastRewrap(fleet, id)),
    {
      method: "POST",
      pattern: `${INSTANCE}/keystore/rewrap`,
      handle: (exchange) => json(tell(keyStorage(() => fleet.rewrapRootKeys(instanceOf(fleet, exchange).id))), 202),
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
  return fleet.rootKeys(instance).map(keyJson);
}

function keyJson({ blob, pattern }: RootKey) {
  return { pattern: toHex(pattern), blob: toHex(blob) };
}

function page(fleet: Fleet, instance: string, position: string) {
  if (!/^[0-9]{1,15}$/.test(position)) throw new HttpError(400, "position: want a whole number");
  const found = fleet.rootKeysAfter(instance, Number(position), PAGE);
  return { instance, keys: found.map(keyJson), next: found.length < PAGE ? null : found.at(-1)!.position };
}

/** What key storage can't do now is a conflict. */
function keyStorage<T>(work: () => T): T {
  try {
    return work();
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
