// Reproducible choices: what lies where in a fleet, and what breaks. Never keys, nonces or anything that must be hard to guess.
// xoshiro128** 1.1 (Blackman and Vigna, 2018), its state taken from SHA-256 of the seed text.

import { sha256 } from "@noble/hashes/sha2.js";

const rotl = (x: number, k: number): number => ((x << k) | (x >>> (32 - k))) >>> 0;

export class SeededRandom {
  readonly #seed: string;
  readonly #s: Uint32Array;

  constructor(seed: string) {
    this.#seed = seed;
    const digest = sha256(new TextEncoder().encode(seed));
    const view = new DataView(digest.buffer, digest.byteOffset);
    this.#s = Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at));
  }

  /** An independent stream of the same seed: what one consumer draws moves nothing of another's. */
  fork(label: string): SeededRandom {
    return new SeededRandom(`${this.#seed}\0${label}`);
  }

  /** Uniform in 0..2^32-1. */
  u32(): number {
    const s = this.#s;
    const result = Math.imul(rotl(Math.imul(s[1]!, 5), 7), 9) >>> 0;
    const t = s[1]! << 9;
    s[2]! ^= s[0]!;
    s[3]! ^= s[1]!;
    s[1]! ^= s[2]!;
    s[0]! ^= s[3]!;
    s[2]! ^= t;
    s[3] = rotl(s[3]!, 11);
    return result;
  }

  /** Uniform in 0..n-1, without the bias of a remainder. In: n, 1..2^32. */
  below(n: number): number {
    if (!Number.isInteger(n) || n < 1 || n > 2 ** 32) throw new RangeError(`n: want an integer 1..2^32, got ${n}`);
    const limit = 2 ** 32 - (2 ** 32 % n);
    for (;;) {
      const value = this.u32();
      if (value < limit) return value % n;
    }
  }

  /** One of the items, which must not be none. */
  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)]!;
  }

  /** The items in a random order, in a new array (Fisher and Yates). */
  shuffle<T>(items: readonly T[]): T[] {
    const order = [...items];
    for (let i = order.length - 1; i > 0; i--) {
      const j = this.below(i + 1);
      [order[i], order[j]] = [order[j]!, order[i]!];
    }
    return order;
  }

  /** A version 4 UUID (RFC 9562, 5.4) in lower case. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.u32().toString(16).padStart(8, "0")).join("");
    const variant = (8 | (Number.parseInt(hex[16]!, 16) & 3)).toString(16);
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
  }

  /** `length` characters drawn from `alphabet`. */
  text(length: number, alphabet: string): string {
    return Array.from({ length }, () => alphabet[this.below(alphabet.length)]!).join("");
  }
}
