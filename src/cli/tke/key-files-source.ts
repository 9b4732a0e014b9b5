// Signature keys in files: the list of them, and how they are opened with their passwords.

import { toHex } from "../../bytes.ts";
import type { Core } from "../../core/api.ts";
import { PreconditionError, UsageError } from "../../errors.ts";
import { KeyType } from "../../wire/ids.ts";
import { WorkstationError, WrongPasswordError } from "../../workstation/errors.ts";
import type { Numbered } from "../../workstation/key-files.ts";
import { SealFormat } from "../../workstation/password-seal.ts";
import { rsaAdministrator, rsaSigner } from "../../workstation/rsa-signer.ts";
import { readSelectedKeys } from "../../workstation/selected-keys.ts";
import {
  createSignatureKey,
  type OpenedKey,
  openSignatureKey,
  type SignatureKeyFile,
} from "../../workstation/signature-key-file.ts";
import {
  type Administrator,
  administratorsOf,
  generateSigners,
  type Signer,
  signerOf,
} from "../../workstation/signer.ts";
import { checkedName, NAME_QUESTION, namesIn } from "./administrator-name.ts";
import type { KeySource, NewAdministrator, SourceKey } from "./key-source.ts";
import { shortSki, signatureKeyJson, signatureKeyTable } from "./key-tables.ts";
import type { Session } from "./session.ts";

/** What it takes to open key files. */
export type KeyDesk = Pick<Session, "prompts" | "core">;

export type KeyFile = Numbered<SignatureKeyFile>;

const NONE_FOUND =
  "\nNo files containing a signature key were found.\n\nTo create a file containing a signature key, use the 'opentke sigkey-add' command.\n";

/** The key files as they are now, for people and programs. */
export function listKeys(session: Session): { text: string; json: { signatureKeys: unknown } } {
  const keys = session.signatureKeys.list();
  const selected = readSelectedKeys(session.folder);
  const text = keys.length > 0 ? signatureKeyTable(keys, selected) : NONE_FOUND;
  return { text, json: { signatureKeys: signatureKeyJson(keys, selected) } };
}

/** @throws PreconditionError if the question for a key has no answer */
export function requireSomeToChoose({ argv, signatureKeys }: Session): void {
  if (argv["keynum"] !== undefined || signatureKeys.list().length > 0) return;
  const problem = "there are no signature key files in CLOUDTKEFILES";
  throw new PreconditionError([{ unit: "signature keys", problem, nextStep: "create one with 'opentke sigkey-add'" }]);
}

export class KeyFilesSource implements KeySource {
  readonly remedy = "select more signature keys with 'opentke sigkey-sel'";
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  async signing(): Promise<SourceKey[]> {
    return this.#files().map((key) => {
      const { description, ski } = key.file;
      return { name: description, ski, open: () => openKey(this.#session, key, passwordQuestion(key)) };
    });
  }

  async chooseAdministrator(): Promise<NewAdministrator> {
    this.#refuseService();
    const session = this.#session;
    requireSomeToChoose(session);
    session.showChoices("keynum", () => listKeys(session).text);
    const question = "\nEnter the KEYNUM of the administrator signature key you wish to load:";
    const key = session.signatureKeys.get(await session.prompts.number(question, "keynum"));
    const { description, ski } = key.file;
    const forPassword = "Enter the password for the administrator signature key file:";
    return { name: description, ski, open: () => openAdministrator(session, key, forPassword) };
  }

  async chooseAdministrators(count: number): Promise<() => Promise<Administrator[]>> {
    this.#refuseService();
    const existing = await this.#existingKeys(count);
    return async () => {
      const opened: Administrator[] = [];
      for (const key of existing) opened.push(await openAdministrator(this.#session, key, passwordQuestion(key)));
      return [...opened, ...(await this.#createKeys(count - existing.length))];
    };
  }

  async close(): Promise<void> {}

  /** @throws UsageError if an option names a key of a signing service */
  #refuseService(): void {
    if (this.#session.argv["key"] === undefined) return;
    throw new UsageError("--key names a key of a signing service, and TKE_SIGNSERV_URL is not set: use --keynum.");
  }

  #files(): KeyFile[] {
    const { argv, folder, signatureKeys } = this.#session;
    const named = argv["sign-with"];
    if (named !== undefined) return keynumsIn(`${named}`).map((keynum) => signatureKeys.get(keynum));
    const selected = readSelectedKeys(folder);
    const files = signatureKeys.list();
    return selected.flatMap((ski) => files.find(({ file }) => toHex(file.ski) === ski) ?? []);
  }

  async #existingKeys(count: number): Promise<KeyFile[]> {
    const { prompts, signatureKeys, argv } = this.#session;
    if (argv["keynum"] === undefined && signatureKeys.list().length === 0) return [];
    this.#session.showChoices("keynum", () => listKeys(this.#session).text);
    const question =
      "\nEnter the KEYNUM of the existing signature key files you want to use to create administrators:\nSeparate them by spaces; an empty line for none.";
    const keynums = await prompts.numbers(question, "keynum");
    if (keynums.length > count)
      throw new UsageError(`administrators: want ${count} KEYNUM values at most, got ${keynums.length}.`);
    return keynums.map((keynum) => signatureKeys.get(keynum));
  }

  /** Administrators with new keys, in new files; in a dry run, in the card alone. */
  async #createKeys(count: number): Promise<Administrator[]> {
    const { argv, prompts, signatureKeys, dryRun } = this.#session;
    const names = namesIn(argv["name"], count);
    const core = await this.#session.core();
    const administrators: Administrator[] = [];
    while (administrators.length < count) {
      const name = checkedName(names?.[administrators.length] ?? (await prompts.text(NAME_QUESTION, "name")));
      const password = await prompts.newPassword("Enter a password to protect the signature key:");
      if (dryRun) {
        administrators.push(...administratorsOf(core, generateSigners(core, [name])));
        continue;
      }
      const { file, pair } = await createSignatureKey(core, name, password, SealFormat.Sdk);
      signatureKeys.add(file);
      administrators.push(...administratorsOf(core, [signerOf(core, name, pair)]));
    }
    return administrators;
  }
}

function keynumsIn(text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0 || words.some((word) => !/^[0-9]{1,9}$/.test(word)))
    throw new UsageError(`--sign-with: want KEYNUM values, got '${text}'.`);
  return [...new Set(words.map(Number))];
}

export function passwordQuestion({ file: { description, ski } }: KeyFile): string {
  return `Enter the password for the signature key identified by:\n${description} (${shortSki(ski)})`;
}

/** The key in the card (RSA: in OpenSSL), after the question for its password. @throws WrongPasswordError naming the key */
export async function openKey(desk: KeyDesk, key: KeyFile, question: string): Promise<Signer> {
  const { core, opened } = await openFile(desk, key, question);
  const { description } = key.file;
  return opened.keyType === KeyType.P521
    ? signerOf(core, description, opened.pair)
    : rsaSigner(description, opened.privateKey);
}

/** The key with its certificate, to be installed in units. @throws WrongPasswordError, WorkstationError naming the key */
async function openAdministrator(desk: KeyDesk, key: KeyFile, question: string): Promise<Administrator> {
  const { core, opened } = await openFile(desk, key, question);
  const { description } = key.file;
  if (opened.keyType === KeyType.Rsa2048) return rsaAdministrator(description, opened.privateKey);
  return administratorsOf(core, [signerOf(core, description, opened.pair)])[0]!;
}

async function openFile(
  desk: KeyDesk,
  { keynum, file }: KeyFile,
  question: string,
): Promise<{ readonly core: Core; readonly opened: OpenedKey }> {
  const password = await desk.prompts.password(question);
  const core = await desk.core();
  try {
    return { core, opened: await openSignatureKey(core, file, password) };
  } catch (cause) {
    if (!(cause instanceof WorkstationError)) throw cause;
    const Kind = cause instanceof WrongPasswordError ? WrongPasswordError : WorkstationError;
    throw new Kind(`KEYNUM ${keynum} (${file.description}): ${cause.message}`, { cause });
  }
}
