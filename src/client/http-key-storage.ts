// Key storage behind our endpoint, under /v1/opentke/instances/{id}/keystore.

import { fromHex } from "../bytes.ts";
import { TransportError, WireError } from "../errors.ts";
import { HttpLine, type HttpOptions } from "./http-line.ts";
import type { RewrapStatus, RootKeyCheck, RootKeyStorage, StoredKey } from "./key-storage.ts";

export interface HttpKeyStorage extends RootKeyStorage {
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Key storage of our endpoint, under /v1/opentke/. In: a line to share, or what one is made of. @throws UsageError */
export function httpKeyStorage(options: HttpLine | HttpOptions): HttpKeyStorage {
  const line = options instanceof HttpLine ? options : new HttpLine(options);
  const ask = ({ method = "GET", instance, rest, body }: Asked): Promise<string> => {
    const path = `/v1/opentke/instances/${encodeURIComponent(instance)}/keystore${rest}`;
    // Asking for a re-encryption twice is asking once; what makes keys would make more.
    const repeatable = body === undefined || rest === REWRAP;
    return line.request({ method, path, repeatable, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  };
  return {
    list: (instance) => allKeys((after) => ask({ instance, rest: `/after/${after}` })),
    rewrap: async (instance) => readStatus(await ask({ method: "POST", instance, rest: REWRAP, body: {} })),
    async status(instance) {
      try {
        return readStatus(await ask({ instance, rest: REWRAP }));
      } catch (error) {
        if (error instanceof TransportError && error.status === 404) return null;
        throw error;
      }
    },
    async generate(instance, count) {
      let keys = 0;
      for (let left = count; left > 0; left -= MOST_AT_ONCE) {
        const body = { count: Math.min(left, MOST_AT_ONCE) };
        keys = whole("keys", readObject(await ask({ method: "POST", instance, rest: "/generate", body }))["keys"]);
      }
      return keys;
    },
    check: async (instance) => readCheck(await ask({ instance, rest: "/status" })),
    close: () => line.close(),
  };
}

interface Asked {
  readonly method?: "GET" | "POST";
  readonly instance: string;
  readonly rest: string;
  readonly body?: unknown;
}

const REWRAP = "/rewrap";
/** Root keys that one request makes: what the endpoint does in a moment. */
const MOST_AT_ONCE = 1000;

/** Page after page, so that no answer is large. */
async function allKeys(page: (after: number) => Promise<string>): Promise<StoredKey[]> {
  const keys: StoredKey[] = [];
  for (let after = 0; ; ) {
    const answer = readObject(await page(after));
    keys.push(...readKeys(answer["keys"]));
    if (answer["next"] === null) return keys;
    const next = whole("next", answer["next"]);
    if (next <= after) throw new WireError("next", 0, `a position behind ${after}`, `${next}`);
    after = next;
  }
}

const STATES: readonly string[] = ["started", "in-progress", "complete", "failed"];
const PATTERN = /^[0-9a-f]{64}$/;
const HEX = /^([0-9a-f]{2})+$/;

/** @throws WireError */
function readStatus(text: string): RewrapStatus {
  const { status, message, pattern } = readObject(text);
  if (typeof status !== "string" || !STATES.includes(status))
    throw new WireError("status", 0, STATES.join(", "), JSON.stringify(status) ?? "none");
  if (typeof message !== "string") throw new WireError("message", 0, "text", typeof message);
  if (typeof pattern !== "string" || !PATTERN.test(pattern))
    throw new WireError("pattern", 0, "64 hexadecimal digits", typeof pattern);
  return { status: status as RewrapStatus["status"], message, pattern: fromHex(pattern) };
}

/** @throws WireError */
function readKeys(keys: unknown): StoredKey[] {
  if (!Array.isArray(keys)) throw new WireError("keys", 0, "a list", typeof keys);
  return keys.map((key: unknown) => {
    const { pattern, blob } = (key ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof pattern !== "string" || !PATTERN.test(pattern) || typeof blob !== "string" || !HEX.test(blob))
      throw new WireError("keys", 0, "pattern and blob in hexadecimal", "something else");
    return { pattern: fromHex(pattern), blob: fromHex(blob) };
  });
}

/** @throws WireError */
function readCheck(text: string): RootKeyCheck {
  const { keys, units } = readObject(text);
  if (!Array.isArray(units)) throw new WireError("units", 0, "a list", typeof units);
  return {
    keys: whole("keys", keys),
    units: units.map((unit: unknown) => {
      const { location, unwraps } = (unit ?? {}) as Readonly<Record<string, unknown>>;
      if (typeof location !== "string") throw new WireError("location", 0, "text", typeof location);
      return { location, unwraps: whole("unwraps", unwraps) };
    }),
  };
}

/** @throws WireError */
function whole(field: string, value: unknown): number {
  if (Number.isSafeInteger(value) && (value as number) >= 0) return value as number;
  throw new WireError(field, 0, "a whole number", typeof value === "number" ? `${value}` : typeof value);
}

function readObject(text: string): Readonly<Record<string, unknown>> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WireError("key storage", 0, "JSON", "something else", { cause });
  }
  if (typeof value !== "object" || value === null) throw new WireError("key storage", 0, "an object", typeof value);
  return value as Readonly<Record<string, unknown>>;
}
