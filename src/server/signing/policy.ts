// What a signing service signs, and for which crypto units. Unless told otherwise: all that a client has signed, for any unit; but
// nothing that it does not understand.

import { UsageError } from "../../errors.ts";
import { KINDS, Kind, type Subject } from "./subject.ts";

export interface AllowedUnit {
  /** Serial number of the module. */
  readonly serial: string;
  /** Left out: every domain of the module. */
  readonly domain?: number;
}

export interface SigningPolicy {
  readonly kinds: ReadonlySet<Kind>;
  /** null: commands to any unit. */
  readonly units: readonly AllowedUnit[] | null;
}

export const ALL_UNDERSTOOD: SigningPolicy = {
  kinds: new Set(KINDS.filter((kind) => kind !== Kind.Other)),
  units: null,
};

/**
 * A policy as it is typed: words separated by blanks or commas. Either may be left out.
 * @param kinds names of commands, `certificate`, `test`, `other`
 * @param units SERIAL, or SERIAL.DOMAIN with the domain's number in decimal
 * @throws UsageError
 */
export function parsePolicy(kinds: string | undefined, units: string | undefined): SigningPolicy {
  return {
    kinds: kinds === undefined ? ALL_UNDERSTOOD.kinds : new Set(wordsIn(kinds, "allow").map(kindOf)),
    units: units === undefined ? null : wordsIn(units, "allow-unit").map(unitOf),
  };
}

function wordsIn(text: string, option: string): string[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) throw new UsageError(`--${option}: want at least one word, got none.`);
  return words;
}

function kindOf(word: string): Kind {
  const kind = KINDS.find((one) => one === word);
  if (kind === undefined) throw new UsageError(`--allow: want some of ${KINDS.join(", ")}; got '${word}'.`);
  return kind;
}

function unitOf(word: string): AllowedUnit {
  const [, serial, domain] = /^([A-Za-z0-9]{8})(?:\.([0-9]{1,9}))?$/.exec(word) ?? [];
  if (serial === undefined)
    throw new UsageError(`--allow-unit: want a serial number of 8 characters, or SERIAL.DOMAIN, got '${word}'.`);
  return { serial, ...(domain === undefined ? {} : { domain: Number(domain) }) };
}

/** Why it is not to be signed; null if it is. */
export function refusalOf({ kinds, units }: SigningPolicy, { kind, unit }: Subject): string | null {
  if (!kinds.has(kind)) return kind === Kind.Other ? "what is not understood is not signed" : `${kind} is not allowed`;
  if (!unit || !units) return null;
  const allowed = units.some(({ serial, domain = unit.domain }) => serial === unit.serial && domain === unit.domain);
  return allowed ? null : `crypto unit ${unit.serial} domain ${unit.domain} is not allowed`;
}
