// The input half of the three commands that change control points: a mask of 16 bytes.

import { ReturnCode } from "../wire/codes.ts";
import { checkControlPoints } from "../wire/control-points.ts";

export const controlPointsInput = {
  malformedInput: { returnCode: ReturnCode.DATA_LEN_RANGE, reasonCode: 44 },
  encodeInput: checkControlPoints,
  decodeInput: checkControlPoints,
} as const;
