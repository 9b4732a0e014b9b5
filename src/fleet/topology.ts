// What a fleet consists of, as the cloud tells it: regions, resource groups, service instances, crypto units and where they are.
//
//   location = [zone].[host].[moduleIndex].[domainIndex], for example [us-south].[AZ3-CS3].[02].[03]   (ep11-wire.md 1.3)

import { UsageError } from "../errors.ts";
import { UnitType } from "../wire/hsm-list.ts";
import { formatLocation } from "../wire/location.ts";

export { UnitType };

/** Domains of one module that service instances can have: as many as a Crypto Express adapter offers. */
export const DOMAINS_PER_MODULE = 85;

/** A region that has recovery units, and the region where its second recovery unit and its failover units are. */
export interface RegionPair {
  readonly region: string;
  readonly recoveryRegion: string;
}

/** The regions whose units pair up (workstation.md 9; eu-es has no recovery units). */
export const REGION_PAIRS: readonly RegionPair[] = [
  { region: "us-south", recoveryRegion: "us-east" },
  { region: "us-east", recoveryRegion: "us-south" },
];

/** A place for a module: it stays when the hardware in it is replaced. */
export interface Bay {
  readonly region: string;
  /** Availability zone and server, for example `AZ3-CS3`. */
  readonly host: string;
  /** 0..99, module index within the host. */
  readonly module: number;
}

/** A crypto unit: one domain of the module in a bay. */
export interface Unit {
  /** hsm_id, a UUID; stays when the hardware is replaced. */
  readonly id: string;
  readonly instance: string;
  readonly type: UnitType;
  readonly bay: Bay;
  /** 0..84. */
  readonly domain: number;
}

export interface ServiceInstance {
  /** UUID. */
  readonly id: string;
  readonly resourceGroup: string;
  /** In the order of GET /hsms: operational, recovery, failover. */
  readonly units: readonly Unit[];
}

/** `[us-south].[AZ3-CS3].[02].[03]`. */
export function locationOf({ bay, domain }: Pick<Unit, "bay" | "domain">): string {
  return formatLocation({ zone: bay.region, host: bay.host, moduleIndex: bay.module, domainIndex: domain });
}

/** Names a bay, for maps. */
export function bayName(bay: Bay): string {
  return `${bay.region} ${bay.host} ${bay.module}`;
}

/** The units that generate and keep the master key. */
export function recoveryUnitsOf({ units }: ServiceInstance): Unit[] {
  return units.filter(({ type }) => type === UnitType.Recovery);
}

/** The pair of a region. @throws UsageError if the region has no recovery units. */
export function regionPair(region: string): RegionPair {
  const pair = REGION_PAIRS.find((candidate) => candidate.region === region);
  const known = REGION_PAIRS.map((candidate) => candidate.region).join(", ");
  if (!pair) throw new UsageError(`region: want one with recovery units (${known}), got '${region}'`);
  return pair;
}
