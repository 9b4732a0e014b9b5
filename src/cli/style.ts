// How output looks: colours on a terminal alone, tables as the TKE plug-in prints them.

import type { Io } from "./io.ts";

export interface Style {
  readonly good: (text: string) => string;
  readonly bad: (text: string) => string;
  readonly strong: (text: string) => string;
}

const plain = (text: string): string => text;
const sgr =
  (codes: string) =>
  (text: string): string =>
    `\u001b[${codes}m${text}\u001b[0m`;

const PLAIN: Style = { good: plain, bad: plain, strong: plain };
const COLOURED: Style = { good: sgr("1;32"), bad: sgr("1;31"), strong: sgr("1") };

/**
 * The style for a stream: coloured on a terminal that can. NO_COLOR, set to anything but nothing, turns colours off (no-color.org);
 * else IBMCLOUD_COLOR does, and `true` turns them on whatever the stream is.
 */
export function styleFor({ env }: Pick<Io, "env">, isTerminal: boolean): Style {
  const asked = env["IBMCLOUD_COLOR"]?.toLowerCase();
  if (env["NO_COLOR"] || asked === "false") return PLAIN;
  return asked === "true" || (isTerminal && env["TERM"] !== "dumb") ? COLOURED : PLAIN;
}

export type Cell = string | number;

/** Header and rows, columns three spaces apart, everything to the left, no space at a line's end. Each line with its newline. */
export function table(header: readonly string[], rows: readonly (readonly Cell[])[], style: Style = PLAIN): string {
  const widths = header.map((title, at) =>
    rows.reduce((most, row) => Math.max(most, `${row[at]}`.length), title.length),
  );
  const line = (cells: readonly Cell[]): string =>
    cells
      .map((cell, at) => `${cell}`.padEnd(widths[at]!))
      .join("   ")
      .trimEnd();
  return [style.strong(line(header)), ...rows.map(line)].map((text) => `${text}\n`).join("");
}

/** Labels and values, the values in one column. */
export function labels(pairs: readonly (readonly [string, string])[]): string {
  const width = Math.max(...pairs.map(([label]) => label.length)) + 1;
  return pairs.map(([label, value]) => `${`${label}:`.padEnd(width)}   ${value}\n`).join("");
}

/** A number of things: `1 module`, `2 modules`. */
function counted(count: number, thing: string): string {
  return `${count} ${thing}${count === 1 ? "" : "s"}`;
}

/** What a fleet consists of. */
export function contentsText(instances: number, units: number, modules: number): string {
  return `${counted(instances, "service instance")}, ${counted(units, "crypto unit")} on ${counted(modules, "module")}`;
}
