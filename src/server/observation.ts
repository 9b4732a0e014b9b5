// What a request was and what the unit said to it, for metrics and logs: a command's id and name and a return code, never contents.

import { commandFor } from "../commands/registry.ts";
import { WireError } from "../errors.ts";
import { decodeAdminBlock, decodeEnvelope, fieldU32 } from "../wire/admin.ts";
import { decodeAdminResponse, decodeAdminResponseBlock, decodeXcpInfoResponse } from "../wire/admin-response.ts";
import { decodeCprbRequest, decodeCprbResponse } from "../wire/cprb.ts";
import { FunctionId } from "../wire/ids.ts";

export interface Observation {
  /** Eight hexadecimal digits of a command that exists; `get_xcp_info`; or `other`, so that there are not too many. */
  readonly commandId: string;
  readonly command: string;
  /** The unit's, in decimal; `cprb 12` for one of the CPRB's header. */
  readonly returnCode: string;
}

const OTHER = { commandId: "other", command: "other" } as const;
const INFO = { commandId: "get_xcp_info", command: "get_xcp_info" } as const;

/** In: the CPRBs of a request, whatever it is, and of the unit's answer. */
export function observe(request: Uint8Array, answer: Uint8Array): Observation {
  const command = lenient(() => commandOf(request), OTHER);
  return { ...command, returnCode: lenient(() => returnCodeOf(answer, command === INFO), "unreadable") };
}

function commandOf(request: Uint8Array): Omit<Observation, "returnCode"> {
  const envelope = decodeEnvelope(decodeCprbRequest(request).payload);
  const functionId = fieldU32(envelope.functionId);
  if (functionId === FunctionId.GetXcpInfo) return INFO;
  if (functionId !== FunctionId.Admin) return OTHER;
  const { commandId, input } = decodeAdminBlock(envelope.third);
  const command = commandFor(commandId, input);
  return command ? { commandId: commandId.toString(16).padStart(8, "0"), command: command.name } : OTHER;
}

function returnCodeOf(answer: Uint8Array, info: boolean): string {
  const { returnCode, payload } = decodeCprbResponse(answer);
  if (returnCode !== 0) return `cprb ${returnCode}`;
  if (info) return `${decodeXcpInfoResponse(payload).returnCode}`;
  const response = decodeAdminResponse(payload);
  if (response.form === "short") return `${response.returnCode}`;
  return `${decodeAdminResponseBlock(response.block).returnCode}`;
}

function lenient<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof WireError) return otherwise;
    throw error;
  }
}
