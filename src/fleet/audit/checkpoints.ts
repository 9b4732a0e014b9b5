// When modules sign the log: each after so many commands of its units, and all that have done any when the fleet is closed.
// The signature is made in the card. One covers every record before it, whoever's it is.

import type { Core } from "../../core/api.ts";
import { type OaKey, OaKeys } from "../../unit/oa-keys.ts";
import type { ModuleState } from "../../unit/state.ts";
import type { LogDraft } from "./log.ts";

/** Commands of a module between two of its checkpoints. */
export const CHECKPOINT_INTERVAL = 256;
/** Checkpoints are rare: few keys need be open for them, besides those that sign answers. */
const OPEN_KEYS = 8;

export class Checkpoints {
  readonly #core: Core;
  readonly #keys: OaKeys;
  readonly #interval: number;
  /** Commands since the last checkpoint, by the module's serial number. */
  #unsigned = new Map<string, number>();

  /** `core` holds the storage key. */
  constructor(core: Core, interval: number = CHECKPOINT_INTERVAL) {
    this.#core = core;
    this.#keys = new OaKeys(core, OPEN_KEYS);
    this.#interval = interval;
  }

  /** Adds the checkpoints that are due after these commands of each module. Counts only once `settle` is called. */
  append(draft: LogDraft, commands: ReadonlyMap<string, number>, module: (serial: string) => ModuleState): () => void {
    const counts = new Map<string, number>();
    for (const [serial, count] of commands) {
      const unsigned = (this.#unsigned.get(serial) ?? 0) + count;
      const due = unsigned >= this.#interval && this.#sign(draft, module(serial));
      counts.set(serial, due ? 0 : unsigned);
    }
    return () => {
      for (const [serial, count] of counts) this.#set(serial, count);
    };
  }

  /** Adds a checkpoint of every module that has done something since its last. */
  appendAll(draft: LogDraft, module: (serial: string) => ModuleState | undefined): () => void {
    for (const serial of this.#unsigned.keys()) {
      const found = module(serial);
      if (found) this.#sign(draft, found);
    }
    return () => this.#unsigned.clear();
  }

  /** Wipes the keys that are open. */
  close(): void {
    this.#keys.clear();
  }

  /** False if the module's key does not open: then its answers are not signed either. */
  #sign(draft: LogDraft, module: ModuleState): boolean {
    const key: OaKey | null = this.#keys.get(module);
    if (key === null) return false;
    draft.checkpoint(module.serial, (message) => this.#core.sign([{ key: key.slot, message }])[0]!);
    return true;
  }

  #set(serial: string, count: number): void {
    if (count === 0) this.#unsigned.delete(serial);
    else this.#unsigned.set(serial, count);
  }
}
