// What goes back to an HTTP client. Errors are short plain text, which IBM's client shows as it is (ep11-wire.md 1.4).

import { STATUS_CODES } from "node:http";
import { OpenTkeError } from "../errors.ts";

export interface Reply {
  readonly status: number;
  readonly type: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** In the place of a reply: the connection is closed without one. */
export const HANG_UP = Symbol("hang up");

export function json(value: unknown, status = 200): Reply {
  return jsonText(JSON.stringify(value), status);
}

/** A body that is JSON already. */
export function jsonText(body: string, status = 200): Reply {
  return { status, type: "application/json", body };
}

/** `headers` are sent beside the usual ones. */
export function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { status, type: "text/plain; charset=utf-8", body, headers };
}

/** A request that gets an error status. The message is the body: the name of the status and, where it helps, a reason. */
export class HttpError extends OpenTkeError {
  readonly code: string = "ERR_HTTP";
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, reason = "", headers: Readonly<Record<string, string>> = {}, options?: ErrorOptions) {
    super(`${STATUS_CODES[status]}${reason && `: ${reason}`}`, options);
    this.status = status;
    this.headers = headers;
  }
}

/** The client went away before its request was complete; nobody reads a reply. */
export class AbortedRequest extends OpenTkeError {
  readonly code: string = "ERR_ABORTED";
}
