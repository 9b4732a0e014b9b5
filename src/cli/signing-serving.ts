// A signing service, from typed options to its end: keys out of their files into a card, tokens, what to show and whom to ask.

import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import type { Core } from "../core/api.ts";
import { loadCore } from "../core/load.ts";
import { UsageError } from "../errors.ts";
import { createLog, type Logger, noLog } from "../server/log.ts";
import { parseKeyTokens, type ServedKey, ServedKeys } from "../server/signing/keys.ts";
import { parsePolicy } from "../server/signing/policy.ts";
import type { SigningEvent } from "../server/signing/routes.ts";
import { runSigningServer, type SigningRunOptions } from "../server/signing/server.ts";
import { subjectText } from "../server/signing/subject.ts";
import { Tokens, tokenLine } from "../server/tokens.ts";
import { KeyType } from "../wire/ids.ts";
import { isKeyId } from "../wire/signing-service.ts";
import { WorkstationFolder } from "../workstation/folder.ts";
import { signatureKeysIn } from "../workstation/key-files.ts";
import { formatServiceKeys } from "../workstation/service-keys.ts";
import { banner } from "./banner.ts";
import { type Arguments, oneOf } from "./command.ts";
import type { Io } from "./io.ts";
import { portOf, readText, tlsOf } from "./listening.ts";
import { writeNewFile } from "./new-file.ts";
import { LOG_FORMATS } from "./signing-options.ts";
import { type KeyFile, openKey, passwordQuestion } from "./tke/key-files-source.ts";
import { Prompts } from "./tke/prompts.ts";

/** Serves until the user interrupts. @throws UsageError, WorkstationError, WrongPasswordError */
export async function serveSignatures(argv: Arguments, io: Io): Promise<void> {
  const options = optionsOf(argv, io);
  const files = filesOf(argv, io);
  const tokens = tokensOf(
    argv,
    files.map(({ id }) => id),
  );
  banner(io, argv["quiet"] === true);
  const core = await loadCore();
  const log = openLog(argv, io);
  try {
    const keys = new ServedKeys(core, await openKeys(argv, io, core, files), tokens.ofKeys);
    tokens.handOut();
    await runSigningServer({ ...options, keys, log: log.logger }, io.signal);
  } finally {
    tokens.takeBack();
    core.dispose();
    log.close();
  }
}

function optionsOf(argv: Arguments, io: Io): Omit<SigningRunOptions, "keys"> {
  const tls = tlsOf(argv);
  const text = (option: string): string | undefined => (argv[option] === undefined ? undefined : `${argv[option]}`);
  const portFile = text("port-file");
  const say = (line: string): void => {
    if (oneOf(argv, "log-format", LOG_FORMATS) === "text") io.err(`${line}\n`);
  };
  const ask = argv["ask"] === true ? { ask: asker(argv, io) } : {};
  return {
    host: `${argv["host"]}`,
    port: portOf(argv, "port"),
    plainHttp: argv["plain-http"] === true,
    policy: parsePolicy(text("allow"), text("allow-unit")),
    listening: (url) => say(`listening on ${url}`),
    tell: (event) => say(eventText(event)),
    ...ask,
    ...(tls ? { tls } : {}),
    ...(portFile === undefined ? {} : { portFile }),
  };
}

function eventText(event: SigningEvent): string {
  const what = event.refused === null ? "signed" : `not signed (${event.refused})`;
  return `${new Date().toISOString()} ${requestText(event)}: ${what}`;
}

function requestText({ key, name, from, subject }: SigningEvent): string {
  return `${from} wants ${key} (${name}) to sign: ${subjectText(subject)}`;
}

/** Asks the operator; whatever is no answer is a no. @throws UsageError without a terminal */
function asker(argv: Arguments, io: Io): (event: SigningEvent) => Promise<boolean> {
  if (!io.input.isTerminal || argv["no-input"] === true)
    throw new UsageError("--ask: want a terminal to ask on, got none.");
  return async (event) => {
    try {
      const answer = await io.input.line(`${requestText(event)}\nSign it? [y/N]\n> `, true);
      return /^\s*y(es)?\s*$/i.test(Buffer.from(answer).toString("latin1"));
    } catch {
      return false;
    }
  };
}

interface NamedFile {
  readonly id: string;
  readonly key: KeyFile;
}

/** The key files that `--keys` names, by their ids. @throws UsageError, WorkstationError */
function filesOf(argv: Arguments, io: Io): NamedFile[] {
  const words = `${argv["keys"] ?? ""}`.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0) throw new UsageError("Want the keys that sign: --keys with at least one KEYNUM.");
  const files = signatureKeysIn(new WorkstationFolder(io.env["CLOUDTKEFILES"]));
  const named = words.map((word) => {
    const [, keynum, id = keynum] = /^([0-9]{1,9})(?:=(.*))?$/.exec(word) ?? [];
    if (keynum === undefined || id === undefined || !isKeyId(id))
      throw new UsageError(
        `--keys: want KEYNUM or KEYNUM=ID, the id of letters, digits and the characters - . _ ~ alone; got '${word}'.`,
      );
    return { id, key: files.get(Number(keynum)) };
  });
  for (const { key } of named)
    if (key.file.keyType !== KeyType.P521)
      throw new UsageError(
        `--keys: KEYNUM ${key.keynum} (${key.file.description}) is an RSA key; a signing service has P-521 keys alone.`,
      );
  return named;
}

/** The keys in the card, after a question for the password of each; passwords are wiped before anything is served. */
async function openKeys(argv: Arguments, io: Io, core: Core, files: readonly NamedFile[]): Promise<ServedKey[]> {
  const prompts = new Prompts(argv, io);
  const desk = { prompts, core: async () => core };
  try {
    const keys: ServedKey[] = [];
    for (const { id, key } of files) {
      const { name, publicKey, key: slot } = await openKey(desk, key, passwordQuestion(key));
      if (typeof slot !== "number") throw new UsageError(`--keys: KEYNUM ${key.keynum} is not a P-521 key.`);
      keys.push({ id, name, publicKey, slot });
    }
    return keys;
  } finally {
    prompts.wipe();
  }
}

interface KeyTokens {
  readonly ofKeys: ReadonlyMap<string, Tokens>;
  /** Writes the file with tokens that are new. @throws UsageError if it is there already */
  readonly handOut: () => void;
  /** Removes it, if it is as it was written: its tokens end with the service. */
  readonly takeBack: () => void;
}

const TOKEN_BYTES = 32;

/** @throws UsageError */
function tokensOf(argv: Arguments, ids: readonly string[]): KeyTokens {
  const [file, issue] = [argv["token-file"], argv["issue-tokens"]];
  if ((file === undefined) === (issue === undefined))
    throw new UsageError("Want either --token-file with hashes of tokens, or --issue-tokens to have new ones made.");
  if (file !== undefined)
    return {
      ofKeys: parseKeyTokens(readText("token-file", `${file}`), `${file}`),
      handOut: () => {},
      takeBack: () => {},
    };
  const issued = ids.map((id) => ({ id, token: randomBytes(TOKEN_BYTES).toString("hex") }));
  const text = formatServiceKeys(issued);
  return {
    ofKeys: new Map(issued.map(({ id, token }) => [id, Tokens.parse(tokenLine(token), "--issue-tokens")])),
    handOut: () => writeNewFile(`${issue}`, [text]),
    takeBack: () => {
      if (existsSync(`${issue}`) && readFileSync(`${issue}`, "utf8") === text) rmSync(`${issue}`);
    },
  };
}

interface OpenLog {
  readonly logger: Logger;
  readonly close: () => void;
}

/** JSON lines: to standard error if that is asked for, and to the file. @throws UsageError if it cannot be opened */
function openLog(argv: Arguments, io: Io): OpenLog {
  const toTerminal = oneOf(argv, "log-format", LOG_FORMATS) === "json";
  const file = argv["log"];
  if (file === undefined) return { logger: toTerminal ? createLog("info", io.err) : noLog(), close: () => {} };
  const descriptor = appendTo(`${file}`);
  const write = (line: string): void => {
    writeSync(descriptor, line);
    if (toTerminal) io.err(line);
  };
  return { logger: createLog("info", write), close: () => closeSync(descriptor) };
}

function appendTo(file: string): number {
  try {
    return openSync(file, "a", 0o600);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--log: '${file}' cannot be written (${code}).`, { cause });
  }
}
