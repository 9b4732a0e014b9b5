// Which of the card's slots are in use: numbers 0..capacity-1, the last freed first to be taken again.

export class Slots {
  readonly #what: string;
  readonly #capacity: number;
  readonly #used: Uint8Array;
  readonly #free: Uint32Array;
  #freed = 0;
  #untouched = 0;

  /** `what`: the kind of slots, as messages are to name it. */
  constructor(what: string, capacity: number) {
    this.#what = what;
    this.#capacity = capacity;
    this.#used = new Uint8Array(capacity);
    this.#free = new Uint32Array(capacity);
  }

  /** Slots that are not in use. */
  get left(): number {
    return this.#capacity - this.#untouched + this.#freed;
  }

  /** @throws RangeError if fewer than `count` slots are left. */
  need(count: number): void {
    if (count > this.left) {
      throw new RangeError(
        `want ${count} free ${this.#what} slots, got ${this.left} of ${this.#capacity}; free some first`,
      );
    }
  }

  /** @throws RangeError if all slots are in use. */
  take(): number {
    this.need(1);
    const slot = this.#freed > 0 ? this.#free[--this.#freed]! : this.#untouched++;
    this.#used[slot] = 1;
    return slot;
  }

  /** @throws RangeError if the slot is not in use. */
  check(slot: number): void {
    if (this.#used[slot] !== 1) throw new RangeError(`want a ${this.#what} slot in use, got ${slot}`);
  }

  /** @throws RangeError if the slot is not in use. */
  give(slot: number): void {
    this.check(slot);
    this.#used[slot] = 0;
    this.#free[this.#freed++] = slot;
  }

  /** No slot is in use, and none can be taken any more. */
  close(): void {
    this.#used.fill(0);
    this.#freed = 0;
    this.#untouched = this.#capacity;
  }
}
