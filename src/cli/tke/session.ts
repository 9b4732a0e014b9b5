// What one TKE command works with: the terminal, the workstation's files, the administrators' card, the target. All of it is opened
// when it is first asked for, and closed, with all secrets wiped, when the command ends.

import type { Core } from "../../core/api.ts";
import { loadCore } from "../../core/load.ts";
import { WorkstationFolder } from "../../workstation/folder.ts";
import { type KeyFiles, keyPartsIn, signatureKeysIn } from "../../workstation/key-files.ts";
import type { KeyPartFile } from "../../workstation/key-part-file.ts";
import type { SignatureKeyFile } from "../../workstation/signature-key-file.ts";
import type { Arguments } from "../command.ts";
import { oneOf } from "../command.ts";
import type { Io } from "../io.ts";
import { OUTPUTS } from "../options.ts";
import { type Progress, progressOn } from "../progress.ts";
import { styleFor } from "../style.ts";
import { KeyFilesSource } from "./key-files-source.ts";
import type { KeySource } from "./key-source.ts";
import { keysToCompare } from "./modules.ts";
import { Prompts } from "./prompts.ts";
import { ServiceSource } from "./service-source.ts";
import { openTarget, type Target } from "./target.ts";

/** What a command comes to. */
export interface Result {
  /** For people: whole lines. */
  readonly text: string;
  /** For programs, with --output json. */
  readonly json: unknown;
}

export class Session {
  readonly argv: Arguments;
  readonly io: Io;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly prompts: Prompts;
  readonly progress: Progress;
  #folder: WorkstationFolder | undefined;
  #keySource: KeySource | undefined;
  #core: Promise<Core> | undefined;
  #target: Promise<Target> | undefined;

  /** @throws UsageError if an option makes no sense. */
  constructor(argv: Arguments, io: Io) {
    this.argv = argv;
    this.io = io;
    this.json = oneOf(argv, "output", OUTPUTS) === "json";
    this.quiet = argv["quiet"] === true;
    this.prompts = new Prompts(argv, io);
    this.progress = progressOn(io, this.quiet || this.json || argv["verbose"] === true);
  }

  /** CLOUDTKEFILES. @throws WorkstationError unless it is there. */
  get folder(): WorkstationFolder {
    this.#folder ??= new WorkstationFolder(this.io.env["CLOUDTKEFILES"]);
    return this.#folder;
  }

  /** TKE_SIGNSERV_URL: the signing service that all signatures and public keys come from (workstation.md 1); null: there is none. */
  get signingService(): string | null {
    return this.io.env["TKE_SIGNSERV_URL"] || null;
  }

  /** Whose signatures commands carry. */
  get keySource(): KeySource {
    const url = this.signingService;
    this.#keySource ??= url === null ? new KeyFilesSource(this) : new ServiceSource(this, url);
    return this.#keySource;
  }

  /** The key files, whether commands sign with them or not. */
  get signatureKeys(): KeyFiles<SignatureKeyFile> {
    return signatureKeysIn(this.folder);
  }

  get keyParts(): KeyFiles<KeyPartFile> {
    return keyPartsIn(this.folder);
  }

  /** The administrators' card. */
  core(): Promise<Core> {
    this.#core ??= loadCore();
    return this.#core;
  }

  target(): Promise<Target> {
    this.#target ??= this.core().then((core) => openTarget(this.argv, this.io, core, keysToCompare(this)));
    return this.#target;
  }

  get dryRun(): boolean {
    return this.argv["dry-run"] === true;
  }

  /** Shows people what they need to know; a program needs nothing. */
  show(text: string): void {
    if (!this.json) this.io.out(text);
    else if (this.prompts.canAsk) this.io.err(text);
  }

  /** Shows the list that the question of an option is about, if it will be asked. */
  showChoices(option: string, list: () => string): void {
    if (this.argv[option] === undefined && this.prompts.canAsk) this.show(list());
  }

  /** Tells people, programs beside them, what they should know though the command goes on. */
  warn(text: string): void {
    if (!this.quiet) this.io.err(`WARNING: ${text}\n`);
  }

  /** `OK`, as a line of its own. */
  get ok(): string {
    return `${styleFor(this.io, this.io.outIsTerminal).good("OK")}\n`;
  }

  /** The name that commands go by in messages. */
  hint(command: string): string {
    return `'opentke ${command}'`;
  }

  /** The useful command after this one, as a paragraph: `To commit it, use the 'opentke cryptounit-mk-commit' command.` */
  next(purpose: string, command: string): string {
    return `\nTo ${purpose}, use the ${this.hint(command)} command.\n`;
  }

  async close(): Promise<void> {
    this.progress.clear();
    this.prompts.wipe();
    const [target, core] = await Promise.allSettled([this.#target, this.#core, this.#keySource?.close()]);
    try {
      if (target.status === "fulfilled") await target.value?.close();
    } finally {
      if (core.status === "fulfilled") core.value?.dispose();
    }
  }
}
