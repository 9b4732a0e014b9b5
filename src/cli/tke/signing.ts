// Who signs: the signature keys selected with sigkey-sel (or named with --sign-with), those of them that the units know, and of
// these as many as a command needs. Their passwords are asked for by every command.

import { toHex } from "../../bytes.ts";
import type { Core } from "../../core/api.ts";
import { PreconditionError, UsageError } from "../../errors.ts";
import { includesSki } from "../../procedures/signers.ts";
import { KeyType } from "../../wire/ids.ts";
import { WorkstationError, WrongPasswordError } from "../../workstation/errors.ts";
import type { Numbered } from "../../workstation/key-files.ts";
import { rsaAdministrator, rsaSigner } from "../../workstation/rsa-signer.ts";
import { readSelectedKeys } from "../../workstation/selected-keys.ts";
import { type OpenedKey, openSignatureKey, type SignatureKeyFile } from "../../workstation/signature-key-file.ts";
import { type Administrator, administratorsOf, type Signer, signerOf } from "../../workstation/signer.ts";
import { shortSki } from "./key-tables.ts";
import type { Session } from "./session.ts";

type KeyFile = Numbered<SignatureKeyFile>;

/** A unit as far as its administrators are concerned, and how many of them a command to it needs. */
export interface Quorum {
  /** Location of the unit. */
  readonly unit: string;
  /** SKIs of its administrators. */
  readonly administrators: readonly Uint8Array[];
  readonly signatures: number;
}

/** The keys that may sign, in the order of their selection. @throws WorkstationError, UsageError */
export function signingKeys({ argv, folder, signatureKeys }: Session): KeyFile[] {
  const named = argv["sign-with"];
  if (named !== undefined) return keynumsIn(`${named}`).map((keynum) => signatureKeys.get(keynum));
  const selected = readSelectedKeys(folder);
  const files = signatureKeys.list();
  return selected.flatMap((ski) => files.find(({ file }) => toHex(file.ski) === ski) ?? []);
}

function keynumsIn(text: string): number[] {
  const words = text.split(/[\s,]+/).filter((word) => word !== "");
  if (words.length === 0 || words.some((word) => !/^[0-9]{1,9}$/.test(word)))
    throw new UsageError(`--sign-with: want KEYNUM values, got '${text}'.`);
  return [...new Set(words.map(Number))];
}

/**
 * The keys that are to sign: administrators of all the units, as many as the most demanding of these wants.
 * @throws PreconditionError naming each unit that lacks signers
 */
export function chooseKeys(session: Session, quorums: readonly Quorum[]): KeyFile[] {
  const wanted = Math.max(0, ...quorums.map(({ signatures }) => signatures));
  if (wanted === 0) return [];
  const keys = signingKeys(session);
  const knownTo = ({ administrators }: Quorum) => keys.filter(({ file }) => includesSki(administrators, file.ski));
  const signed = quorums.filter(({ signatures }) => signatures > 0);
  const common = keys.filter((key) => signed.every((quorum) => knownTo(quorum).includes(key)));
  if (common.length >= wanted) return common.slice(0, wanted);
  const problems = signed
    .filter((quorum) => knownTo(quorum).length < wanted)
    .map((quorum) => shortage(quorum, knownTo(quorum).length, wanted));
  throw new PreconditionError(problems.length > 0 ? problems : [noCommonKeys(common.length, wanted)]);
}

function shortage({ unit }: Quorum, found: number, wanted: number) {
  const problem = `want ${wanted} of its administrators to sign, got ${found} selected signature key${found === 1 ? "" : "s"} that it knows`;
  return { unit, problem, nextStep: "select more signature keys with 'opentke sigkey-sel'" };
}

function noCommonKeys(found: number, wanted: number) {
  const problem = `want ${wanted} selected signature keys that all of these crypto units know, got ${found}`;
  return { unit: "all", problem, nextStep: "give the crypto units the same administrators, or work on fewer at once" };
}

/** The keys ready to sign, after their passwords. */
export function openSigners(session: Session, keys: readonly KeyFile[]): Promise<Signer[]> {
  return openKeys(session, keys, ({ file }) => {
    return `Enter the password for the signature key identified by:\n${file.description} (${shortSki(file.ski)})`;
  });
}

/** The keys in the card (RSA: in OpenSSL), after a question for the password of each. @throws WrongPasswordError naming the key */
export async function openKeys(
  session: Session,
  keys: readonly KeyFile[],
  question: (key: KeyFile) => string,
): Promise<Signer[]> {
  const signers: Signer[] = [];
  for (const key of keys) signers.push(await openKey(session, key, await session.prompts.password(question(key))));
  return signers;
}

async function openKey(session: Session, key: KeyFile, password: Uint8Array): Promise<Signer> {
  const core = await session.core();
  const { description } = key.file;
  const opened = await openFile(core, key, password);
  return opened.keyType === KeyType.P521
    ? signerOf(core, description, opened.pair)
    : rsaSigner(description, opened.privateKey);
}

/** The key with its certificate, to be installed in units. @throws WrongPasswordError, WorkstationError naming the key */
export async function administratorOf(session: Session, key: KeyFile, password: Uint8Array): Promise<Administrator> {
  const core = await session.core();
  const { description } = key.file;
  const opened = await openFile(core, key, password);
  if (opened.keyType === KeyType.Rsa2048) return rsaAdministrator(description, opened.privateKey);
  return administratorsOf(core, [signerOf(core, description, opened.pair)])[0]!;
}

async function openFile(core: Core, { keynum, file }: KeyFile, password: Uint8Array): Promise<OpenedKey> {
  try {
    return await openSignatureKey(core, file, password);
  } catch (cause) {
    if (!(cause instanceof WorkstationError)) throw cause;
    const Kind = cause instanceof WrongPasswordError ? WrongPasswordError : WorkstationError;
    throw new Kind(`KEYNUM ${keynum} (${file.description}): ${cause.message}`, { cause });
  }
}
