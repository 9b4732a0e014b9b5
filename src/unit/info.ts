// get_xcp_info: module info and domain info (ep11-wire.md 5.6). Unsigned, without effect.

import { EMPTY } from "../bytes.ts";
import { queryDomainInfo } from "../commands/query-domain-info.ts";
import { queryModuleInfo } from "../commands/query-module-info.ts";
import { encodeXcpInfoResponse } from "../wire/admin-response.ts";
import { ReturnCode } from "../wire/codes.ts";
import { CONTROL_POINTS_SIZE, ControlPoint } from "../wire/control-points.ts";
import { encodeCprbResponse } from "../wire/cprb.ts";
import { DomainFlag, PATTERN_SIZE } from "../wire/domain-info.ts";
import { SubType } from "../wire/ids.ts";
import { inImprintMode } from "./attributes.ts";
import type { InfoMessage } from "./request.ts";
import type { ModuleState, UnitState } from "./state.ts";

/** The CPRB of the answer. `now` is the module's clock. */
export function answerInfo(message: InfoMessage, state: UnitState, module: ModuleState, now: Date): Uint8Array {
  const payload = infoPayload(message.subType, state, module, now);
  const returnCode = payload === null ? ReturnCode.ARGUMENTS_BAD : ReturnCode.OK;
  const response = encodeXcpInfoResponse({ domain: state.domain, returnCode, payload: payload ?? EMPTY });
  return encodeCprbResponse(message.header, response);
}

function infoPayload(subType: number, state: UnitState, module: ModuleState, now: Date): Uint8Array | null {
  if (subType === SubType.DomainInfo) return domainInfo(state);
  return subType === SubType.ModuleInfo ? moduleInfo(module, now) : null;
}

const NO_PATTERN = new Uint8Array(PATTERN_SIZE);

/** Second word of the mode: what it is in the sample of a real unit. */
const MODE_SECOND_WORD = 1;

function domainInfo({ domain, registers, administrators, attributes }: UnitState): Uint8Array {
  const { current, next } = registers;
  const flags =
    (administrators.length > 0 ? DomainFlag.AdministratorsPresent : 0) |
    (current === null ? 0 : DomainFlag.CurrentWkPresent) |
    (next === null ? 0 : DomainFlag.NextWkPresent) |
    (next?.committed ? DomainFlag.NextWkCommitted : 0) |
    (inImprintMode(attributes) ? 0 : DomainFlag.LeftImprintMode);
  return queryDomainInfo.encodeOutput({
    domain,
    currentPattern: current ?? NO_PATTERN,
    newPattern: next?.pattern ?? NO_PATTERN,
    flags,
    mode: [attributes.operationalMode, MODE_SECOND_WORD],
  });
}

const text = new TextEncoder();

/** Hash-like fields of firmware that is not there: zeros, so that nobody takes them for a real module's. */
const NO_HASH = new Uint8Array(32);

/** What a module of the OA2 generation tells of itself. */
function moduleInfo({ serial, instance }: ModuleState, now: Date): Uint8Array {
  const moduleId = new Uint8Array(16);
  moduleId.set(text.encode(serial));
  moduleId.set(instance, 8);
  return queryModuleInfo.encodeOutput({
    apiOrdinal: 4,
    firmwareId: 0,
    apiVersion: [4, 0],
    cspVersion: [1, 0],
    firmwareConfiguration: NO_HASH,
    xcpConfiguration: NO_HASH,
    cspConfiguration: NO_HASH,
    moduleId,
    utcTime: text.encode(`${timestamp(now)}00`),
    operatingMode2: 0,
    operatingMode1: 0,
    pkcs11Flags: 0,
    extendedFlags: 0,
    domains: DOMAINS,
    symmetricStateSize: 0,
    digestStateSize: 0,
    pinBlobSize: 0,
    symmetricKeyBlobSize: 0,
    spkiSize: 0,
    privateKeyBlobSize: 0,
    maxPayloadSize: MAX_PAYLOAD,
    controlPointProfileSize: CONTROL_POINTS_SIZE,
    controlPoints: ControlPoint.ALG_ML_KEM,
  });
}

/** Domains of a module: those a Crypto Express adapter has. */
const DOMAINS = 85;
const MAX_PAYLOAD = 0x10000;

/** YYYYMMDDHHMMSS, UTC. */
export function timestamp(time: Date): string {
  return time.toISOString().replaceAll(/\D/g, "").slice(0, 14);
}
