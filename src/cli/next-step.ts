// What to do about a failure: for each refusal of a crypto unit, and for each class of errors.

import type { UnitError } from "../errors.ts";

const THRESHOLDS = "set the thresholds with 'opentke cryptounit-thrhld-set'";
const PERMISSIONS = `look at the permissions with 'opentke cryptounit-compare', and ${THRESHOLDS}, which sets them as well`;
const ADD_ADMINS = "add administrators with 'opentke cryptounit-admin-add'";
const UNTIL_ZEROIZED = "leave it as it is: only 'opentke cryptounit-zeroize' changes it, and erases all keys";
const TWO_OR_MORE = "choose thresholds of 2 or more";
const AT_LEAST_ONE = "choose thresholds of 1 or more";
const REGISTERS = "look at the registers with 'opentke cryptounit-mk'";
const OTHER_KEYS =
  "see who is installed with 'opentke cryptounit-admins', and select their keys with 'opentke sigkey-sel'";
const KEY_FILES = "compare the key files ('opentke sigkeys') with who is installed ('opentke cryptounit-admins')";

/** By return code and reason code. */
const BY_PAIR: Readonly<Record<string, string>> = {
  "80/46": PERMISSIONS,
  "80/47": PERMISSIONS,
  "80/52": PERMISSIONS,
  "80/80": PERMISSIONS,
  "80/131": PERMISSIONS,
  "101/48": `${REGISTERS}: they have changed since they were read`,
  "209/36": AT_LEAST_ONE,
  "209/53": "finish what has the new register in use, or clear it with 'opentke cryptounit-mk-clrnew'",
  "209/56": AT_LEAST_ONE,
  "209/57": ADD_ADMINS,
  "209/58": ADD_ADMINS,
  "209/66": "lower the thresholds first with 'opentke cryptounit-thrhld-set'",
  "209/69": UNTIL_ZEROIZED,
  "209/70": UNTIL_ZEROIZED,
  "209/71": UNTIL_ZEROIZED,
  "209/74": TWO_OR_MORE,
  "209/76": AT_LEAST_ONE,
  "209/77": AT_LEAST_ONE,
  "209/78": TWO_OR_MORE,
  "209/79": TWO_OR_MORE,
};

/** By return code. */
const BY_RETURN_CODE: Readonly<Record<number, string>> = {
  49: "wait a little, and run the command again",
  102: `${REGISTERS}: a key is missing there`,
  163: "run the command again: another client has used the transaction counter",
  179: `${THRESHOLDS}: that leaves imprint mode`,
  192: KEY_FILES,
  193: KEY_FILES,
  208: "select as many signature keys as the threshold says with 'opentke sigkey-sel'",
  256: "deselect the crypto unit with 'opentke cryptounit-rm': it has this administrator",
  257: OTHER_KEYS,
  261: "remove an administrator with 'opentke cryptounit-admin-rm'",
};

/** What to do about a unit's refusal. */
export function nextStepOfUnit({ source, returnCode, reasonCode }: UnitError): string {
  const known = source === "cprb" ? undefined : (BY_PAIR[`${returnCode}/${reasonCode}`] ?? BY_RETURN_CODE[returnCode]);
  return known ?? "look at the crypto unit with 'opentke cryptounit-compare', and run the command again with --verbose";
}

/** What to do about an error of a class; none where its message says it. */
export const NEXT_STEP_OF_CODE: Readonly<Record<string, string>> = {
  ERR_TRANSPORT: "check where commands go with 'opentke target', and run the command again",
  ERR_INTERRUPTED: "run the command again",
  ERR_AUTHENTICATION: "get a new access token, and name its file with --token-file or 'opentke target'",
  ERR_CHECK: "find out why before anything is sent again: --verbose shows what goes over the wire",
  ERR_PASSWORD: "run the command again with the right password",
  ERR_SIGNING_SERVICE: "look at TKE_SIGNSERV_URL and at SIGNSERVKEYS, and ask who runs the signing service",
  ERR_WORKSTATION_FOLDER: "make the folder with 'mkdir', and name it: export CLOUDTKEFILES=FOLDER",
  ERR_WORKSTATION: "see which files there are with 'opentke sigkeys' and 'opentke mks'",
  ERR_STORE_CONFLICT: "run the command again",
  ERR_AUDIT: "keep the log as it is, and compare it with an export or a head that was kept elsewhere",
  ERR_WIRE: "run the command again with --verbose to see where it comes from",
  ERR_DEFECT: "to see where, set OPENTKE_TRACE=1 and run the command again",
};
