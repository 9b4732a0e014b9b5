// JSON objects from outside.

import { WireError } from "../errors.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a value is an object, neither null nor an array. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object that `text` is. @throws WireError naming `field` for anything else. */
export function parseJson(text: string, field: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new WireError(field, 0, "JSON", text === "" ? "an empty body" : "other text", { cause });
  }
  if (!isObject(value))
    throw new WireError(field, 0, "a JSON object", Array.isArray(value) ? "an array" : typeof value);
  return value;
}
