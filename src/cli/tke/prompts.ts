// Questions to the user. Each has a flag that answers it beforehand; without a terminal, or with --no-input, the flag is the only
// answer. The texts are an interface: scripts in the field wait for them.

import { UsageError } from "../../errors.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { type PasswordLines, passwordLines } from "./passwords.ts";

const decoder = new TextDecoder("utf-8", { fatal: true });

export class Prompts {
  readonly #argv: Arguments;
  readonly #io: Io;
  readonly #passwords: PasswordLines | null;
  readonly #secrets: Uint8Array[] = [];

  /** @throws UsageError if the password file cannot be read. */
  constructor(argv: Arguments, io: Io) {
    this.#argv = argv;
    this.#io = io;
    this.#passwords = passwordLines(argv);
  }

  /** Whether there is somebody to ask. */
  get canAsk(): boolean {
    return this.#io.input.isTerminal && this.#argv["no-input"] !== true;
  }

  /** A line of text: the option's value, or what the user answers. @throws UsageError */
  async text(question: string, option: string): Promise<string> {
    const given = this.#argv[option];
    if (given !== undefined) return `${given}`.trim();
    const answer = await this.#ask(question, `--${option}`, true);
    try {
      return decoder.decode(answer).trim();
    } catch {
      throw new UsageError("want text in UTF-8, got something else.");
    }
  }

  /** Numbers separated by blanks, each once. @throws UsageError */
  async numbers(question: string, option: string): Promise<number[]> {
    const words = (await this.text(question, option)).split(/[\s,]+/).filter((word) => word !== "");
    const bad = words.find((word) => !/^[0-9]{1,9}$/.test(word));
    if (bad !== undefined) throw new UsageError(`--${option}: want numbers separated by spaces, got '${bad}'.`);
    return [...new Set(words.map(Number))];
  }

  /** One number. @throws UsageError */
  async number(question: string, option: string): Promise<number> {
    const answer = await this.text(question, option);
    if (!/^[0-9]{1,9}$/.test(answer)) throw new UsageError(`--${option}: want a whole number, got '${answer}'.`);
    return Number(answer);
  }

  /** Whether the user says y; --force says it for him. */
  async confirm(question: string): Promise<boolean> {
    if (this.#argv["force"] === true) return true;
    const answer = await this.#ask(question, "--force", true);
    return /^\s*y(es)?\s*$/i.test(decoder.decode(answer));
  }

  /** A password, wiped at the end of the command. @throws UsageError */
  async password(question: string): Promise<Uint8Array> {
    const password = this.#passwords?.next() ?? (await this.#ask(question, "--password-file", false));
    return this.keep(password);
  }

  /** A new password, typed twice. @throws UsageError if it is empty or the two differ. */
  async newPassword(question: string): Promise<Uint8Array> {
    const password = await this.password(question);
    if (password.length === 0) throw new UsageError("password: want at least one character, got none.");
    if (this.#passwords) return password;
    const again = await this.password("Re-enter the password to confirm:");
    if (password.length !== again.length || password.some((byte, at) => byte !== again[at]))
      throw new UsageError("The two passwords differ. Enter the same one twice.");
    return password;
  }

  /** A secret line other than a password, shown as it is typed if `echo`. */
  async secret(question: string, option: string): Promise<Uint8Array> {
    return this.keep(await this.#ask(question, option, false));
  }

  /** Has `secret` wiped at the end of the command. */
  keep(secret: Uint8Array): Uint8Array {
    this.#secrets.push(secret);
    return secret;
  }

  /** Wipes all secrets that were asked for. */
  wipe(): void {
    for (const secret of this.#secrets) secret.fill(0);
    this.#passwords?.wipe();
  }

  #ask(question: string, option: string, echo: boolean): Promise<Uint8Array> {
    if (this.canAsk) return this.#io.input.line(`${question}\n> `, echo);
    const [what] = question.trim().split("\n");
    throw new UsageError(`There is nobody to ask, so ${option} is wanted. The question is: ${what}`);
  }
}
