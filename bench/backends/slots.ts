// Numbered slots of bounded number, as a card has them.

export class Slots<T> {
  readonly #what: string;
  readonly #capacity: number;
  readonly #used = new Map<number, T>();
  #free: number[] = [];
  #next = 0;

  constructor(what: string, capacity: number) {
    this.#what = what;
    this.#capacity = capacity;
  }

  /** @throws RangeError if all slots are in use. */
  add(value: T): number {
    const slot = this.#free.pop() ?? this.#next++;
    if (slot >= this.#capacity) {
      this.#next = this.#capacity;
      throw new RangeError(`want a free ${this.#what} slot, got all ${this.#capacity} in use`);
    }
    this.#used.set(slot, value);
    return slot;
  }

  /** @throws RangeError if the slot is not in use. */
  get(slot: number): T {
    const value = this.#used.get(slot);
    if (value === undefined) throw new RangeError(`want a ${this.#what} slot in use, got ${slot}`);
    return value;
  }

  set(slot: number, value: T): void {
    this.get(slot);
    this.#used.set(slot, value);
  }

  delete(slot: number): void {
    this.get(slot);
    this.#used.delete(slot);
    this.#free.push(slot);
  }

  clear(): void {
    this.#used.clear();
    this.#free = [];
    this.#next = 0;
  }
}
