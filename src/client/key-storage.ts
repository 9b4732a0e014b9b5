// The seam between a rotation and key storage: what re-encrypts a service instance's root keys for the next master key
// (workstation.md 7.2, step 6).

import { fromHex } from "../bytes.ts";
import { TransportError, WireError } from "../errors.ts";
import { HttpLine, type HttpOptions } from "./http-line.ts";

/** How a re-encryption stands. */
export interface RewrapStatus {
  readonly status: "started" | "in-progress" | "complete" | "failed";
  readonly message: string;
  /** Verification pattern of the master key that the root keys are to be under, 32 bytes. */
  readonly pattern: Uint8Array;
}

/** A wrapped root key and its verification pattern. */
export interface StoredKey {
  readonly pattern: Uint8Array;
  readonly blob: Uint8Array;
}

export interface KeyStorage {
  /** The root keys of an instance. */
  list(instance: string): Promise<StoredKey[]>;
  /** Begins to re-encrypt for the units' committed new master key, or goes on with it. Asking twice is asking once. */
  rewrap(instance: string): Promise<RewrapStatus>;
  /** The last re-encryption that was asked for; null if none ever was. */
  status(instance: string): Promise<RewrapStatus | null>;
}

/** Key storage in the same process. */
export interface LocalKeyStorage {
  rootKeys(instance: string): readonly StoredKey[];
  rewrapRootKeys(instance: string): RewrapStatus;
  rewrapJob(instance: string): RewrapStatus | undefined;
}

export function localKeyStorage(local: LocalKeyStorage): KeyStorage {
  return {
    list: async (instance) => [...local.rootKeys(instance)],
    rewrap: async (instance) => local.rewrapRootKeys(instance),
    status: async (instance) => local.rewrapJob(instance) ?? null,
  };
}

export interface HttpKeyStorage extends KeyStorage {
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Key storage of our endpoint, under /v1/opentke/. In: a line to share, or what one is made of. @throws UsageError */
export function httpKeyStorage(options: HttpLine | HttpOptions): HttpKeyStorage {
  const line = options instanceof HttpLine ? options : new HttpLine(options);
  const ask = (method: "GET" | "POST", instance: string, rest: string): Promise<string> => {
    const path = `/v1/opentke/instances/${encodeURIComponent(instance)}/keystore${rest}`;
    return line.request({ method, path, repeatable: true, ...(method === "POST" ? { body: "{}" } : {}) });
  };
  return {
    list: async (instance) => readKeys(await ask("GET", instance, "")),
    rewrap: async (instance) => readStatus(await ask("POST", instance, "/rewrap")),
    async status(instance) {
      try {
        return readStatus(await ask("GET", instance, "/rewrap"));
      } catch (error) {
        if (error instanceof TransportError && error.status === 404) return null;
        throw error;
      }
    },
    close: () => line.close(),
  };
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
function readKeys(text: string): StoredKey[] {
  const { keys } = readObject(text);
  if (!Array.isArray(keys)) throw new WireError("keys", 0, "a list", typeof keys);
  return keys.map((key: unknown) => {
    const { pattern, blob } = (key ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof pattern !== "string" || !PATTERN.test(pattern) || typeof blob !== "string" || !HEX.test(blob))
      throw new WireError("keys", 0, "pattern and blob in hexadecimal", "something else");
    return { pattern: fromHex(pattern), blob: fromHex(blob) };
  });
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
