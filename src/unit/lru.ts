// A bounded map that forgets what was asked for longest ago.

export class Lru<V> {
  readonly #entries = new Map<string, V>();
  readonly #capacity: number;
  readonly #forgotten: (value: V) => void;

  /** `forgotten` is told every value that leaves the map, whatever the reason. */
  constructor(capacity: number, forgotten: (value: V) => void) {
    this.#capacity = capacity;
    this.#forgotten = forgotten;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value, from now on the one asked for last. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Puts a value in, in place of the one there was, and forgets the oldest if there are too many. */
  set(key: string, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#capacity) return;
    for (const oldest of this.#entries.keys()) {
      this.delete(oldest);
      return;
    }
  }

  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#entries.delete(key);
    this.#forgotten(value);
  }

  clear(): void {
    for (const key of [...this.#entries.keys()]) this.delete(key);
  }
}
