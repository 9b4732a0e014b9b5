// Which handler a request belongs to.

import type { IncomingMessage } from "node:http";
import { type HANG_UP, HttpError, type Reply } from "./reply.ts";

/** Values for a log line, chosen by who handles the request; never contents of messages. */
export type LogFields = Readonly<Record<string, string | number | undefined>>;

/** A request under way. */
export interface Exchange {
  readonly id: string;
  readonly request: IncomingMessage;
  /** Decoded segments of the path, by the names in the route's pattern. */
  readonly params: Readonly<Record<string, string>>;
  /** Adds to the request's log line. */
  note(fields: LogFields): void;
}

export type Answer = Reply | typeof HANG_UP;

export interface Route {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Segments of a path; one with a colon in front takes any value. Names the route in metrics and logs. */
  readonly pattern: string;
  /** Probes are answered without a token and when there are too many requests. */
  readonly probe?: boolean;
  handle(exchange: Exchange): Answer | Promise<Answer>;
}

export interface Match {
  readonly route: Route;
  readonly params: Readonly<Record<string, string>>;
}

/** @throws HttpError 404 if no pattern fits the path, 405 if one does, but not its method. */
export function matchRoute(routes: readonly Route[], method: string, url: string): Match {
  const segments = segmentsOf(url);
  const fitting = routes.flatMap((route) => {
    const params = paramsOf(route.pattern, segments);
    return params ? [{ route, params }] : [];
  });
  if (fitting.length === 0) throw new HttpError(404);
  const match = fitting.find(({ route }) => route.method === method);
  if (match) return match;
  throw new HttpError(405, "", { allow: fitting.map(({ route }) => route.method).join(", ") });
}

function segmentsOf(url: string): readonly string[] {
  try {
    return url
      .replace(/[?#].*$/s, "")
      .split("/")
      .map(decodeURIComponent);
  } catch (cause) {
    throw new HttpError(404, "", {}, { cause });
  }
}

function paramsOf(pattern: string, segments: readonly string[]): Record<string, string> | null {
  const wanted = pattern.split("/");
  if (wanted.length !== segments.length) return null;
  const params: Record<string, string> = {};
  for (const [at, name] of wanted.entries()) {
    const segment = segments[at]!;
    if (name.startsWith(":") && segment !== "") params[name.slice(1)] = segment;
    else if (name !== segment) return null;
  }
  return params;
}
