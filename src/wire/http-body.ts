// Bodies of POST .../hsms/{id} (ep11-wire.md 1.2): an HTP text each way, in an object.
//
//   {"request":"181;PCI request;..."}     {"response":"900;00..."}

import { WireError } from "../errors.ts";
import { parseJson } from "./json.ts";

/** The body with a request. */
export function encodeRequestBody(htpRequest: string): string {
  return JSON.stringify({ request: htpRequest });
}

/** The HTPRequest in a body. @throws WireError if it is not there: HTTP status 400. */
export function decodeRequestBody(body: string): string {
  const { request } = parseJson(body, "request body");
  if (typeof request !== "string" || request === "") throw new WireError("request", 0, "a string", typeof request);
  return request;
}

/** The body with a response. */
export function encodeResponseBody(htpResponse: string): string {
  return JSON.stringify({ response: htpResponse });
}

/**
 * The HTPResponse in a body. As IBM's client, it wants every member to be a string, or null.
 * @throws WireError if it is not there.
 */
export function decodeResponseBody(body: string): string {
  const members = parseJson(body, "response body");
  for (const [name, value] of Object.entries(members)) {
    if (typeof value !== "string" && value !== null) throw new WireError(name, 0, "a string", typeof value);
  }
  const { response } = members;
  if (typeof response !== "string" || response === "") throw new WireError("response", 0, "a string", "nothing");
  return response;
}
