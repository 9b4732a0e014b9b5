// Sections about crypto units: an upper-case title, then a block for each service instance.

import { toHex } from "../../bytes.ts";
import { RegisterStatus, type Registers } from "../../client/registers.ts";
import type { InstalledAdministrator } from "../../procedures/view.ts";
import { patternRows, shortSki } from "./key-tables.ts";
import { blocks, type ListedUnit } from "./units.ts";

/** A unit with something that it said. */
export type Told<T> = ListedUnit & T;

type Register = "next" | "current";
const REGISTER_TITLES = { next: "NEW MASTER KEY REGISTER", current: "CURRENT MASTER KEY REGISTER" } as const;

export function registerSection(units: readonly Told<{ registers: Registers }>[], which: Register): string {
  const rows = blocks(units, ["STATUS", "VERIFICATION PATTERN"], ({ registers }) => {
    const { status, pattern } = registers[which];
    const [first, second] = patternRows(pattern);
    return [
      [status, first],
      ["", second],
    ];
  });
  return `${REGISTER_TITLES[which]}\n${rows}`;
}

export function registersJson({ current, next }: Registers) {
  const told = ({ status, pattern }: Registers[Register]) => {
    return { status, verificationPattern: status === RegisterStatus.Empty ? null : toHex(pattern) };
  };
  return { newRegister: told(next), currentRegister: told(current) };
}

export interface Thresholds {
  readonly attributes: { readonly signatureThreshold: number; readonly revocationThreshold: number };
}

export function thresholdSection(units: readonly Told<Thresholds>[]): string {
  const rows = blocks(units, ["SIGNATURE THRESHOLD", "REVOCATION THRESHOLD"], ({ attributes }) => [
    [attributes.signatureThreshold, attributes.revocationThreshold],
  ]);
  return `SIGNATURE THRESHOLDS\n${rows}\n==> Crypto units with a signature threshold of 0 are in IMPRINT MODE. <==\n`;
}

export interface Administrators {
  readonly named: readonly InstalledAdministrator[];
}

export function administratorSection(units: readonly Told<Administrators>[], title: string): string {
  const rows = blocks(units, ["ADMIN NAME", "SUBJECT KEY IDENTIFIER"], ({ named }) => {
    if (named.length === 0) return [["No administrators", ""]];
    return named.map(({ name, ski }) => [name ?? "(no name)", shortSki(ski)]);
  });
  return `${title}\n${rows}`;
}

export function administratorsJson({ named }: Administrators) {
  return named.map(({ name, ski }) => ({ name: name ?? null, ski: toHex(ski) }));
}
