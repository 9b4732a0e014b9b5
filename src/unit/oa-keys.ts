// Modules' OA keys, which sign every answer: open in the card's slots as long as there is room.

import { concat, equal } from "../bytes.ts";
import type { Core, KeySlot } from "../core/api.ts";
import { oaKeyContext } from "./contexts.ts";
import { Lru } from "./lru.ts";
import type { ModuleState } from "./state.ts";

/** What an answer of a module needs. */
export interface OaKey {
  readonly slot: KeySlot;
  /** 32 bytes (ep11-wire.md 9.3). */
  readonly ski: Uint8Array;
  /** Serial number and module instance, 16 bytes. */
  readonly moduleId: Uint8Array;
}

interface Open extends OaKey {
  readonly module: ModuleState;
}

/** SKI of an OA key or root key: the first 32 bytes of SHA-512(04 || X || Y) (ep11-wire.md 9.3). */
export function oaSki(core: Core, publicKey: Uint8Array): Uint8Array {
  return core.sha512(publicKey).slice(0, 32);
}

export class OaKeys {
  readonly #core: Core;
  readonly #open: Lru<Open>;

  /** `capacity`: modules whose keys are kept open, and the most that may be used at once. */
  constructor(core: Core, capacity: number) {
    this.#core = core;
    this.#open = new Lru(capacity, ({ slot }) => core.keyFree(slot));
  }

  /** Modules whose keys are open. */
  get size(): number {
    return this.#open.size;
  }

  /** The module's key, good until as many other modules were asked for as there is room; null if its seal does not open. */
  get(module: ModuleState): OaKey | null {
    const known = this.#open.get(module.serial);
    if (known !== undefined && isSame(known.module, module)) return known;
    const key = this.#core.keyUnseal(module.sealedOaKey, oaKeyContext(module.serial));
    if (key === null) return null;
    const moduleId = concat(new TextEncoder().encode(module.serial), module.instance);
    const open = { module, moduleId, slot: key.slot, ski: oaSki(this.#core, key.publicKey) };
    this.#open.set(module.serial, open);
    return open;
  }

  /** Wipes all keys. */
  clear(): void {
    this.#open.clear();
  }
}

/** A module may have been replaced by another with its serial number. */
function isSame(a: ModuleState, b: ModuleState): boolean {
  return a === b || (equal(a.sealedOaKey, b.sealedOaKey) && equal(a.instance, b.instance));
}
