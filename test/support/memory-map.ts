// The card's memory as tests see it: blocks of one table, which layout.test.ts compares with assembly/layout.ts, and the regions that
// layout.ts declares in them.

import { readFileSync } from "node:fs";

/** S: secret, wiped by the end of each call. K: keys in slots. P: public. */
export type Kind = "S" | "K" | "S/P" | "P";

export interface Block {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kind: Kind;
}

export interface Region {
  readonly name: string;
  readonly from: number;
  readonly to: number;
  readonly kind: "S" | "K" | "P";
}

export const BLOCKS: readonly Block[] = [
  { name: "constants", from: 0x400, to: 0x20000, kind: "P" },
  { name: "entropy", from: 0x20000, to: 0x30000, kind: "S" },
  { name: "exchange", from: 0x30000, to: 0x130000, kind: "S" },
  { name: "keys", from: 0x140000, to: 0x240000, kind: "K" },
  { name: "units", from: 0x240000, to: 0x640000, kind: "K" },
  { name: "symmetric", from: 0x640000, to: 0x700000, kind: "S" },
  { name: "transfer", from: 0x700000, to: 0x740000, kind: "S" },
  { name: "p521", from: 0x800000, to: 0x1000000, kind: "S/P" },
  { name: "tables", from: 0x1000000, to: 0x8000000, kind: "P" },
];

export const block = (name: string): Block => BLOCKS.find((one) => one.name === name)!;

export const layoutSource = (): string => readFileSync(new URL("../../assembly/layout.ts", import.meta.url), "utf8");

/** The regions of layout.ts that say how many bytes of which kind they have: `NAME: usize = 0x...; // 1,024 S: what`. */
export function regions(): Region[] {
  const line = /export const (\w+): usize = (0x[0-9a-f]+); \/\/ ([\d,]+) ([SKP]): /g;
  return [...layoutSource().matchAll(line)].map(([, name, at, size, kind]) => {
    const from = Number(at);
    return { name: name!, from, to: from + Number(size!.replaceAll(",", "")), kind: kind as Region["kind"] };
  });
}
