// Hot units: secrets stay open in the card's slots as long as there is room, and are sealed in the units' states otherwise.

import { equal } from "../bytes.ts";
import type { Core, UnitSlot } from "../core/api.ts";
import { unitContext } from "./contexts.ts";
import { Lru } from "./lru.ts";
import type { UnitState } from "./state.ts";

/** An open slot and the blob it was opened from, or sealed into; null if the unit had nothing to keep. */
interface Hot {
  readonly sealed: Uint8Array | null;
  readonly slot: UnitSlot;
}

export class Secrets {
  readonly #core: Core;
  readonly #hot: Lru<Hot>;

  /** `capacity`: units whose secrets are kept open, and the most that may be asked for at once. */
  constructor(core: Core, capacity: number) {
    this.#core = core;
    this.#hot = new Lru(capacity, ({ slot }) => core.unitFree(slot));
  }

  /** Units whose secrets are open. */
  get size(): number {
    return this.#hot.size;
  }

  /**
   * The slots of units in the given states, each unit once; null where a seal does not open. They must not be changed, and stay
   * as they are until other units are asked for.
   */
  open(states: readonly UnitState[]): (UnitSlot | null)[] {
    const found = states.map((state) => this.#find(state));
    const cold = states.filter((_, i) => found[i] === undefined);
    if (cold.length > 0) this.#warm(cold);
    return states.map((state, i) => found[i] ?? this.#find(state) ?? null);
  }

  #warm(states: readonly UnitState[]): void {
    const sealed = states.filter((state) => state.sealed !== null);
    const opened = this.#core.unitUnseal(sealed.map((state) => ({ blob: state.sealed!, context: unitContext(state) })));
    sealed.forEach((state, i) => {
      const slot = opened[i]!;
      if (slot !== null) this.#hot.set(state.id, { sealed: state.sealed, slot });
    });
    for (const state of states) {
      if (state.sealed === null) this.#hot.set(state.id, { sealed: null, slot: this.#core.unitAlloc() });
    }
  }

  /** From now on `slot`, which is handed over, holds what the unit's state has sealed. */
  replace(state: UnitState, slot: UnitSlot): void {
    this.#hot.set(state.id, { sealed: state.sealed, slot });
  }

  /** Wipes the unit's slot, if it has one. */
  forget(id: string): void {
    this.#hot.delete(id);
  }

  /** Wipes all slots. */
  clear(): void {
    this.#hot.clear();
  }

  /** A slot is good for one state alone: that of a unit that somebody else has changed is not found. */
  #find(state: UnitState): UnitSlot | undefined {
    const hot = this.#hot.get(state.id);
    if (hot === undefined) return undefined;
    const { sealed } = hot;
    const same = sealed === state.sealed || (sealed !== null && state.sealed !== null && equal(sealed, state.sealed));
    return same ? hot.slot : undefined;
  }
}
