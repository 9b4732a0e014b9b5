// All commands, by id.

import { addDomainAdministrator } from "./add-domain-administrator.ts";
import { addDomainControlPoints } from "./add-domain-control-points.ts";
import { clearCurrentWk } from "./clear-current-wk.ts";
import { clearPendingWk } from "./clear-pending-wk.ts";
import { commitPendingWk } from "./commit-pending-wk.ts";
import { deleteDomainControlPoints } from "./delete-domain-control-points.ts";
import { exportNextWk } from "./export-next-wk.ts";
import { exportWk } from "./export-wk.ts";
import { finalizeWk } from "./finalize-wk.ts";
import { generateImporterKey } from "./generate-importer-key.ts";
import { generateRandomWk } from "./generate-random-wk.ts";
import { importWk } from "./import-wk.ts";
import { queryDeviceCertificate, queryDeviceCertificateCount } from "./query-device-certificate.ts";
import { queryDomainAdministrator, queryDomainAdministrators } from "./query-domain-administrators.ts";
import { queryDomainAttributes } from "./query-domain-attributes.ts";
import { queryDomainControlPoints } from "./query-domain-control-points.ts";
import { queryDomainInfo } from "./query-domain-info.ts";
import { queryModuleInfo } from "./query-module-info.ts";
import { removeDomainAdministrator } from "./remove-domain-administrator.ts";
import { setDomainAttributes } from "./set-domain-attributes.ts";
import { setDomainControlPoints } from "./set-domain-control-points.ts";
import { zeroizeDomain } from "./zeroize-domain.ts";

/** Every admin command by its name. Two pairs share an id: the second of each pair takes an input, the first none. */
export const COMMANDS = {
  "add-domain-administrator": addDomainAdministrator,
  "add-domain-control-points": addDomainControlPoints,
  "clear-current-wk": clearCurrentWk,
  "clear-pending-wk": clearPendingWk,
  "commit-pending-wk": commitPendingWk,
  "delete-domain-control-points": deleteDomainControlPoints,
  "export-next-wk": exportNextWk,
  "export-wk": exportWk,
  "finalize-wk": finalizeWk,
  "generate-importer-key": generateImporterKey,
  "generate-random-wk": generateRandomWk,
  "import-wk": importWk,
  "query-device-certificate-count": queryDeviceCertificateCount,
  "query-device-certificate": queryDeviceCertificate,
  "query-domain-administrators": queryDomainAdministrators,
  "query-domain-administrator": queryDomainAdministrator,
  "query-domain-attributes": queryDomainAttributes,
  "query-domain-control-points": queryDomainControlPoints,
  "remove-domain-administrator": removeDomainAdministrator,
  "set-domain-attributes": setDomainAttributes,
  "set-domain-control-points": setDomainControlPoints,
  "zeroize-domain": zeroizeDomain,
} as const;

export type CommandName = keyof typeof COMMANDS;
export type AnyCommand = (typeof COMMANDS)[CommandName];

/** The kinds of get_xcp_info. */
export const INFO_QUERIES = { "query-domain-info": queryDomainInfo, "query-module-info": queryModuleInfo } as const;

const BY_ID = new Map<number, AnyCommand[]>();
for (const command of Object.values(COMMANDS)) BY_ID.set(command.id, [...(BY_ID.get(command.id) ?? []), command]);

/**
 * The command a block asks for; undefined if the id is not known (84). An input, or none, decides between two with one id.
 */
export function commandFor(commandId: number, input: Uint8Array): AnyCommand | undefined {
  const [first, second] = BY_ID.get(commandId) ?? [];
  return second !== undefined && input.length > 0 ? second : first;
}
