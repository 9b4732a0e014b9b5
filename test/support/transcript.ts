// Transcripts of command lines: text files that read like a terminal's screen, played at a desk and compared whole.
//
//   # a remark                       kept
//   ~ "location": "(.*?)"           what the pattern's group matches is new in every run, and shown as question marks
//   = pw secret other                a file /desk/pw with a word in each line
//   + sigkey-add --name A            run beforehand; it must succeed, what it prints is nobody's business here
//   $ sigkey-rm                      typed at a terminal; below it the screen, with the answers after each '> ',
//                                    in brackets if the terminal does not show them: > (secret)
//   | sigkeys --output json          in a script, with --no-input; below it standard output (JSON on fewer lines), then standard
//                                    error, each line after '! '
//   [exit 5]                         ends a block, unless that is 0
//
// An empty line before the next block is not part of the output. NAME=value before a command sets the environment; /desk is the desk's
// folder. Keys and patterns are new in every run, so each of their halves is shown as a number, 0101.. to ffff.., by first appearance:
// equal values look equal. UPDATE_TRANSCRIPTS=1 writes down what is printed now: read the difference before you keep it.

import { readFileSync, writeFileSync } from "node:fs";
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, it } from "vitest";
import { compactJson } from "./compact-json.ts";
import { Desk, type Run } from "./tke-desk.ts";

export type Kind = "#" | "~" | "=" | "+" | "$" | "|";

export interface Block {
  readonly kind: Kind;
  /** The line after the mark. */
  readonly line: string;
  /** What is below it, without the empty line that ends it. */
  readonly below: readonly string[];
}

const MARK = /^([#~=+$|])(?: (.*))?$/;
const EXIT = /^\[exit (\d+)\]$/;
const PROMPT = "> ";

export function readTranscript(file: URL): Block[] {
  const blocks: { kind: Kind; line: string; below: string[] }[] = [];
  for (const line of readFileSync(file, "utf8").replace(/\n$/, "").split("\n")) {
    const mark = MARK.exec(line);
    if (mark) blocks.push({ kind: mark[1] as Kind, line: mark[2] ?? "", below: [] });
    else blocks.at(-1)?.below.push(line);
  }
  for (const { below } of blocks.slice(0, -1)) if (below.at(-1) === "") below.pop();
  return blocks;
}

/** The command of a block's line, without settings of the environment. */
export function commandOf({ line }: Block): string {
  return line.replace(/^(?:[A-Z_]+=\S*\s+)*/, "").split(" ")[0]!;
}

export function exitOf({ below }: Block): number {
  return Number(EXIT.exec(below.at(-1) ?? "")?.[1] ?? 0);
}

/** The questions that are answered in a block: the lines above each answer, down from an empty line or an answer. */
export function questionsOf({ below }: Block): string[] {
  return below.flatMap((line, at) => {
    if (!line.startsWith(PROMPT)) return [];
    const from = below.slice(0, at).findLastIndex((before) => before.startsWith(PROMPT) || before === "") + 1;
    return [below.slice(from, at).join("\n")];
  });
}

/** A test for each command line of a transcript, one after the other at one desk. */
export function playTranscript(file: URL): void {
  const blocks = readTranscript(file);
  describe(basename(fileURLToPath(file)), () => {
    const desk = new Desk();
    const names = new Names(desk.root);
    const played: Block[] = [];
    afterAll(() => {
      desk.close();
      if (process.env["UPDATE_TRANSCRIPTS"] && played.length === blocks.length) writeFileSync(file, textOf(played));
    });
    for (const block of blocks)
      if (block.kind === "#" || block.kind === "=" || block.kind === "~") {
        it(`(${block.line})`, () => {
          if (block.kind === "=") writeWords(desk, block.line);
          if (block.kind === "~") names.mask(block.line);
          played.push(block);
        });
      } else
        it(`${block.kind} opentke ${block.line}`, async () => {
          played.push(block);
          const below = await play(desk, names, block);
          played[played.length - 1] = { ...block, below };
          if (!process.env["UPDATE_TRANSCRIPTS"]) expect(below).toEqual(block.below);
        });
  });
}

function textOf(blocks: readonly Block[]): string {
  const lines = blocks.flatMap(({ kind, line, below }, at) => {
    const end = at === blocks.length - 1 || "#~=+".includes(kind) ? [] : [""];
    return [`${kind} ${line}`.trimEnd(), ...below, ...end];
  });
  return `${lines.join("\n")}\n`;
}

function writeWords(desk: Desk, line: string): void {
  const [name, ...words] = line.split(" ");
  desk.write(name!, words.map((word) => `${word}\n`).join(""));
}

async function play(desk: Desk, names: Names, block: Block): Promise<string[]> {
  const settings = /^(?:[A-Z_]+=\S*\s+)*/.exec(block.line)![0];
  const inPlace = (text: string): string => text.replaceAll("/desk", desk.root);
  const env = Object.fromEntries(
    settings
      .split(/\s+/)
      .filter((word) => word !== "")
      .map((word) => [word.slice(0, word.indexOf("=")), inPlace(word.slice(word.indexOf("=") + 1))]),
  );
  const line = inPlace(block.line.slice(settings.length));
  if (block.kind === "+") {
    await desk.ok(line, { env });
    return [...block.below];
  }
  const typed = block.below.flatMap((each) => (each.startsWith(PROMPT) ? [each.slice(PROMPT.length)] : []));
  const answers = typed.map((each) => /^\((.*)\)$/.exec(each)?.[1] ?? each);
  const atTerminal = block.kind === "$";
  const run = await desk.run(atTerminal ? line : `${line} --no-input`, { answers, env, outIsTerminal: atTerminal });
  if (run.prompts.length > run.typed.length) throw new Error(`nobody answers: ${run.prompts.at(-1)}`);
  if (run.typed.length < answers.length) throw new Error(`nobody asked for: ${answers.slice(run.typed.length)}`);
  const shown = /--output json/.test(line) ? jsonAlone(run) : run;
  const text = atTerminal ? screenOf(shown) : `${shown.out}${marked(shown.err)}`;
  const exit = run.code === 0 ? [] : [`[exit ${run.code}]`];
  const lines = names.hide(text).replace(/\n$/, "").split("\n");
  for (const each of lines) if (MARK.test(each)) throw new Error(`this line would be taken for a mark: ${each}`);
  return [...(text === "" ? [] : lines), ...exit];
}

/** What was printed, the JSON in it on fewer lines. @throws Error if there is more on standard output, or anything but it in an error */
function jsonAlone(run: Run): Run {
  const [json, other] = run.code === 0 ? [run.out, run.err] : [run.err.slice(run.err.indexOf("{")), run.out];
  const value: unknown = JSON.parse(json);
  expect(json).toBe(`${JSON.stringify(value, null, 2)}\n`);
  const talk = run.code === 0 ? other : run.err.slice(0, run.err.indexOf("{"));
  if (run.code !== 0) expect(run.out).toBe("");
  if (run.prompts.length === 0) expect(talk).toBe("");
  const compact = `${compactJson(value)}\n`;
  const replaced = (text: string): string => text.replace(json, () => compact);
  return { ...run, out: replaced(run.out), err: replaced(run.err), screen: replaced(run.screen) };
}

/** The screen, with answers that it does not show after their prompts. */
function screenOf({ screen, typed }: Run): string {
  let at = 0;
  return screen.replace(/^> .*$/gm, (shown) => {
    const { answer, echo } = typed[at++]!;
    return echo ? shown : `${shown}(${answer})`;
  });
}

function marked(err: string): string {
  return err.replace(/^.*$/gm, (line, at: number) => (at < err.length ? `! ${line}`.trimEnd() : line));
}

/** The whole with the part hidden: the last one, if it is there more than once. */
function questionMarks(whole: string, part: string): string {
  const at = whole.lastIndexOf(part);
  return `${whole.slice(0, at)}${"?".repeat(part.length)}${whole.slice(at + part.length)}`;
}

/** Names for what is new in each run. */
class Names {
  readonly #root: string;
  readonly #known: string[] = [];
  readonly #masked: RegExp[] = [];

  constructor(root: string) {
    this.#root = root;
  }

  hide(text: string): string {
    const placed = text.replaceAll(this.#root, "/desk");
    const numbered = placed.replace(/(?<![0-9a-f-])[0-9a-f]{16,}(?![0-9a-f-])/g, (digits) =>
      digits.replace(/.{1,32}/g, (half) => this.#number(half)),
    );
    return this.#masked.reduce((shown, pattern) => shown.replace(pattern, questionMarks), numbered);
  }

  mask(pattern: string): void {
    this.#masked.push(new RegExp(pattern, "g"));
  }

  /** A value of the same length that shows which one it is; zeros stay. */
  #number(half: string): string {
    if (/^0+$/.test(half)) return half;
    let at = this.#known.findIndex((one) => one.startsWith(half) || half.startsWith(one));
    if (at < 0) at = this.#known.push(half) - 1;
    return (at + 1).toString(16).padStart(2, "0").repeat(16).slice(0, half.length);
  }
}
