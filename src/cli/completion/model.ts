// What shells are told about command lines, made from the command table: which words may follow which, and what options want.

import type { Options } from "yargs";
import type { Command } from "../command.ts";
import { isPath } from "../options.ts";

/** What stands behind an option. */
export type Value =
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "path" }
  | { readonly kind: "text" };

export interface Word {
  readonly word: string;
  readonly about: string;
}

/** A place in a command line: the words before it (none: the beginning) and what may come next. */
export interface Place {
  /** As typed, one blank between two: `fleet create`, `auto-recover`. */
  readonly path: string;
  readonly words: readonly Word[];
  /** With their dashes; short forms have entries of their own. */
  readonly options: readonly Word[];
}

export interface Model {
  /** The beginning first. */
  readonly places: readonly Place[];
  /** By option, with its dashes: the same in every command. */
  readonly values: ReadonlyMap<string, Value>;
}

export interface Table {
  readonly commands: readonly Command[];
  /** Summaries of the commands of two words, by the first. */
  readonly groups: Readonly<Record<string, string>>;
  /** Those of the plug-in, which may stand behind `tke` as well. */
  readonly tke: readonly Command[];
  /** Options that all commands have. */
  readonly globals: Readonly<Record<string, Options>>;
  /** Names of pages of help. */
  readonly pages: readonly string[];
}

const HELP: Readonly<Record<string, Options>> = { help: { alias: "h", describe: "Show help", type: "boolean" } };
const NONE: Value = { kind: "none" };

/** @throws Error if an option wants different things in different commands: shells look it up by its name. */
export function modelOf({ commands, groups, tke, globals, pages }: Table): Model {
  const everywhere = { ...globals, ...HELP };
  const leaves = commands.flatMap((command) =>
    [command.name, ...(command.aliases ?? [])].map((path) => ({ path, ...command })),
  );
  const first = leaves.flatMap(({ path, summary }) => (path.includes(" ") ? [] : [{ word: path, about: summary }]));
  const beginning: Word[] = [...first, ...Object.entries(groups).map(([word, about]) => ({ word, about }))];
  const topics = pages.map((word) => ({ word, about: "Page of help" }));
  const ofTke = first.filter(({ word }) => tke.some(({ name, aliases }) => name === word || aliases?.includes(word)));
  const places = [
    {
      path: "",
      words: [
        ...beginning,
        { word: "tke", about: "The commands of the plug-in" },
        { word: "help", about: "Show help" },
      ],
      options: wordsOf({ ...everywhere, version: { describe: "Show the version" } }),
    },
    {
      path: "help",
      words: [...beginning, { word: "tke", about: "The commands of the plug-in" }, ...topics],
      options: wordsOf(HELP),
    },
    { path: "tke", words: ofTke, options: wordsOf(everywhere) },
    ...Object.keys(groups).map((group) => ({
      path: group,
      words: leaves.flatMap(({ path, summary }) =>
        path.startsWith(`${group} `) ? [{ word: path.slice(group.length + 1), about: summary }] : [],
      ),
      options: wordsOf(everywhere),
    })),
    ...leaves.map(({ path, options }) => ({ path, words: [], options: wordsOf({ ...options, ...everywhere }) })),
  ];
  return { places, values: valuesOf([...commands.map(({ options }) => options), everywhere]) };
}

function wordsOf(options: Readonly<Record<string, Options>>): Word[] {
  return Object.entries(options).flatMap(([name, option]) =>
    dashed(name, option).map((word) => ({ word, about: option.describe ?? "" })),
  );
}

function dashed(name: string, { alias = [] }: Options): string[] {
  return [name, ...[alias].flat()].map((each) => (each.length === 1 ? `-${each}` : `--${each}`));
}

function valuesOf(sets: readonly Readonly<Record<string, Options>>[]): Map<string, Value> {
  const values = new Map<string, Value>();
  for (const [name, option] of sets.flatMap((set) => Object.entries(set)))
    for (const word of dashed(name, option)) {
      const value = wantOf(name, option);
      const before = values.get(word) ?? value;
      if (JSON.stringify(before) !== JSON.stringify(value))
        throw new Error(`${word} wants ${before.kind} in one command and ${value.kind} in another`);
      values.set(word, value);
    }
  return values;
}

function wantOf(name: string, option: Options): Value {
  if (option.type === "boolean") return NONE;
  if (option.choices) return { kind: "words", words: option.choices.map((choice) => `${choice}`) };
  return { kind: isPath(name, option) ? "path" : "text" };
}

/** A value as scripts name it: the words, `@path` or `@text`; nothing for an option that wants none. */
export function wantsOf(value: Value): readonly string[] {
  if (value.kind === "none") return [];
  return value.kind === "words" ? value.words : [`@${value.kind}`];
}
