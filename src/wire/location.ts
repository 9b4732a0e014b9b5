// Location of a crypto unit (ep11-wire.md 1.3): four parts joined by dots, each in square brackets.
//
//   [us-south].[AZ3-CS3].[02].[03]     zone, host, module index, domain index

import { WireError } from "../errors.ts";

export interface Location {
  readonly zone: string;
  readonly host: string;
  readonly moduleIndex: number;
  readonly domainIndex: number;
  /** The text before the last dot, which tells modules apart. */
  readonly module: string;
}

/**
 * Reads a location. Of the two indexes the first and last characters are cut whatever they are, as IBM's client does it.
 * @throws WireError unless there are exactly three dots and two decimal indexes.
 */
export function parseLocation(text: string): Location {
  const parts = text.split(".");
  if (parts.length !== 4) throw new WireError("location", 0, "four parts", `${parts.length}`);
  const [zone, host, module, domain] = parts as [string, string, string, string];
  return {
    zone: unbracket(zone),
    host: unbracket(host),
    moduleIndex: index(module, "module index"),
    domainIndex: index(domain, "domain index"),
    module: text.slice(0, text.lastIndexOf(".")),
  };
}

/** The text of a location, with indexes of two digits or more. */
export function formatLocation(location: Omit<Location, "module">): string {
  const digits = (value: number): string => value.toString().padStart(2, "0");
  const { zone, host, moduleIndex, domainIndex } = location;
  return `[${zone}].[${host}].[${digits(moduleIndex)}].[${digits(domainIndex)}]`;
}

function unbracket(part: string): string {
  return part.startsWith("[") && part.endsWith("]") ? part.slice(1, -1) : part;
}

function index(part: string, field: string): number {
  const digits = part.slice(1, -1);
  if (!/^\d{1,9}$/.test(digits)) throw new WireError(field, 0, "decimal digits in brackets", `"${part}"`);
  return Number(digits);
}
