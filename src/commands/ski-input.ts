// The input half of commands that name an administrator: a subject key identifier of 32 bytes.

import { ReturnCode } from "../wire/codes.ts";
import { SKI_SIZE } from "../wire/signer-info.ts";
import { fixed } from "./command.ts";

export const skiInput = {
  malformedInput: { returnCode: ReturnCode.DATA_INVALID, reasonCode: 32 },
  encodeInput: (ski: Uint8Array): Uint8Array => fixed("ski", ski, SKI_SIZE),
  decodeInput: (bytes: Uint8Array): Uint8Array => fixed("ski", bytes, SKI_SIZE),
} as const;
