// Files that are one JSON object whose members are all texts, as IBM's client reads them.

import { WorkstationError } from "./errors.ts";

export type Members = Readonly<Record<string, string>>;

/** The members of an object of texts; those that nobody knows are kept. @throws WorkstationError */
export function parseMembers(json: string): Members {
  const value = parseJson(json);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new WorkstationError("want one JSON object, got something else");
  for (const [name, member] of Object.entries(value))
    if (typeof member !== "string")
      throw new WorkstationError(`member '${name}': want a text, got a ${member === null ? "null" : typeof member}`);
  return value as Members;
}

/** Whatever JSON it is. @throws WorkstationError */
export function parseJson(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (cause) {
    throw new WorkstationError("want JSON, got something else", { cause });
  }
}

/** A member that must be there. @throws WorkstationError */
export function member(members: Members, name: string): string {
  const value = members[name];
  if (value === undefined) throw new WorkstationError(`member '${name}': want a text, got none`);
  return value;
}
