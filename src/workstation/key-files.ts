// The signature keys and key parts that are in a workstation's folder: `<KEYNUM>.sigkey`, `<KEYNUM>.mkpart`.

import { WorkstationError } from "./errors.ts";
import type { WorkstationFolder } from "./folder.ts";
import { formatKeyPartFile, type KeyPartFile, parseKeyPartFile } from "./key-part-file.ts";
import { formatSignatureKeyFile, parseSignatureKeyFile, type SignatureKeyFile } from "./signature-key-file.ts";

/** A file and its number. */
export interface Numbered<T> {
  readonly keynum: number;
  readonly file: T;
}

/** One kind of key files. */
export class KeyFiles<T> {
  readonly #folder: WorkstationFolder;
  readonly #ending: string;
  readonly #parse: (text: string) => T;
  readonly #format: (file: T) => string;

  constructor(folder: WorkstationFolder, ending: string, parse: (text: string) => T, format: (file: T) => string) {
    this.#folder = folder;
    this.#ending = ending;
    this.#parse = parse;
    this.#format = format;
  }

  /** All files, by ascending number. @throws WorkstationError naming the first that is none of its kind. */
  list(): Numbered<T>[] {
    return this.#folder.numbers(this.#ending).map((keynum) => this.get(keynum));
  }

  /** @throws WorkstationError if there is no file with this number, or it is none of its kind. */
  get(keynum: number): Numbered<T> {
    const name = this.#name(keynum);
    const text = this.#folder.read(name);
    if (text === null)
      throw new WorkstationError(`KEYNUM ${keynum}: there is no file '${name}' in ${this.#folder.path}`);
    try {
      return { keynum, file: this.#parse(text) };
    } catch (cause) {
      if (!(cause instanceof WorkstationError)) throw cause;
      throw new WorkstationError(`'${name}' in ${this.#folder.path}: ${cause.message}`, { cause });
    }
  }

  /** Writes a new file; its number is the one after the highest there is. */
  add(file: T): number {
    return this.#folder.addNumbered(this.#ending, this.#format(file));
  }

  remove(keynum: number): void {
    this.#folder.remove(this.#name(keynum));
  }

  #name(keynum: number): string {
    return `${keynum}${this.#ending}`;
  }
}

export function signatureKeysIn(folder: WorkstationFolder): KeyFiles<SignatureKeyFile> {
  return new KeyFiles(folder, ".sigkey", parseSignatureKeyFile, formatSignatureKeyFile);
}

export function keyPartsIn(folder: WorkstationFolder): KeyFiles<KeyPartFile> {
  return new KeyFiles(folder, ".mkpart", parseKeyPartFile, formatKeyPartFile);
}
