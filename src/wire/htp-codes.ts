// Error types and return codes of the catcher (ep11-wire.md 3.1): what stands between a client and the modules.

/** Where errors of a type come from. */
const ORIGINS: ReadonlyMap<string, string> = new Map([
  ["3", "the crypto module"],
  ["9", "the catcher found the request malformed"],
  ["10", "TSO"],
  ["11", "the catcher failed internally"],
  ["13", "the host's data set cannot be used"],
  ["15", "the catcher's TCP/IP connection failed"],
  ["18", "RACF refused the user"],
  ["23", "a TCP/IP socket failed"],
]);

const MODULE_INDEX = "module index";

/** Return codes of type 9; their reason code is always 0. */
const MALFORMED: ReadonlyMap<string, string> = new Map([
  ["1", `${MODULE_INDEX} is not a number`],
  ["2", `${MODULE_INDEX} is not allowed`],
  ["3", "module information has a wrong length"],
  ["4", "domain index is not a number"],
  ["5", "domain index is not allowed"],
  ["6", "domain information has a wrong length"],
  ["7", "authority information has a wrong length"],
  ["8", "authority index is not a number"],
  ["9", "authority index is out of range"],
  ["10", "module information to be added exists"],
  ["11", "module information to be updated does not exist"],
  ["12", "PKSC command is not hexadecimal"],
  ["13", "PKSC command has an odd length"],
  ["14", "ENQ-pending has a wrong length"],
  ["16", "set-PCR value is wrong"],
  ["17", "set-PCR has a wrong length"],
  ["18", "ENQ file has a wrong length"],
  ["19", "PKA data have a wrong length"],
  ["20", "PKA data are not hexadecimal"],
  ["21", "data set name is missing"],
  ["22", "PKA version is not 01"],
  ["23", "PKA length field is not 1500"],
  ["24", "RSA token field is not 1024"],
  ["25", "RSA token is not external"],
  ["26", "RSA token is too long"],
  ["27", "message has a wrong length"],
  ["28", "user information is missing"],
  ["29", "user information is not hexadecimal"],
  ["30", "user information has an odd length"],
  ["31", "signature key does not match"],
  ["32", "signature key does not match"],
  ["33", "sequence number of the session is wrong"],
  ["34", "there is no session"],
  ["35", "RACF request is wrong"],
  ["36", "RACF request is wrong"],
  ["37", "RACF request is wrong"],
  ["38", "RACF request is wrong"],
  ["39", "authentication data are not hexadecimal"],
  ["40", `${MODULE_INDEX} is not a whole number`],
  ["41", `${MODULE_INDEX} is out of range`],
  ["42", "serial number has a wrong length"],
  ["43", "parameter block of the request is not hexadecimal"],
  ["44", "data block of the request is not hexadecimal"],
  ["47", "part letter is neither C nor P"],
  ["48", "authorization index is missing"],
  ["49", "domain index is missing"],
  ["50", `${MODULE_INDEX} is not a whole number`],
  ["51", `${MODULE_INDEX} is out of range`],
  ["52", "RACF user id has a wrong format"],
  ["53", "RACF user id has a wrong format"],
  ["54", "RACF authentication data have a wrong format"],
  ["55", "RACF authentication data have a wrong format"],
  ["56", "PKA version is not 02"],
  ["57", "PKA length field is not 3000"],
  ["58", "RSA token field is not 2524"],
  ["59", "RSA token is longer than 2524 bytes"],
]);

/** Return codes of type 11. */
const INTERNAL: ReadonlyMap<string, string> = new Map([
  ["1", "record count is wrong"],
  ["3", "message type is not valid"],
  ["6", "internal module number is wrong"],
  ["7", "internal module number is wrong"],
]);

/** Return codes of type 15. */
const CONNECTION: ReadonlyMap<string, string> = new Map([
  ["1", "a call failed"],
  ["2", "the host did not answer in time"],
]);

const DETAILS: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ["9", MALFORMED],
  ["11", INTERNAL],
  ["15", CONNECTION],
]);

/** What a catcher's error means; undefined for a type not known here. All three are decimal text without padding. */
export function htpErrorMeaning(errorType: string, returnCode: string, reasonCode: string): string | undefined {
  const origin = ORIGINS.get(errorType);
  const detail = DETAILS.get(errorType)?.get(returnCode);
  if (detail === undefined) return origin;
  const seconds = errorType === "15" && returnCode === "2" ? ` (${reasonCode} s)` : "";
  return `${origin}: ${detail}${seconds}`;
}

/** Whether the same request may succeed later: the connection to the host failed, not the request. */
export function isRetryableHtpError(errorType: string): boolean {
  return errorType === "15" || errorType === "23";
}
