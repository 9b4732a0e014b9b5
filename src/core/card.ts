// One instance of core.wasm as the facade uses it: its functions, its exchange region as a stack, its pool of entropy.

import { type CardExports, type CardFunctions, CONSTANTS } from "./abi.ts";
import { Status } from "./status.ts";

/** No call takes more: 64 parts of an export need 9,856 bytes. */
const ENTROPY_RESERVE = 16_384;

type Constants = Readonly<Record<(typeof CONSTANTS)[number], number>>;

/**
 * A call of the facade: `mark`, then `put` and `reserve`, the card's function, `take`, and in `finally` the `release` of the mark,
 * which wipes all that was put and reserved since.
 */
export class Card {
  readonly run: CardFunctions;
  readonly constants: Constants;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #pool: Uint8Array<ArrayBuffer>;
  readonly #end: number;
  #top: number;
  #retired = false;

  constructor(instance: WebAssembly.Instance) {
    const exports = instance.exports as unknown as CardExports;
    const constants = Object.fromEntries(CONSTANTS.map((name) => [name, exports[name].value])) as Constants;
    const memory = exports.memory.buffer;
    this.run = exports;
    this.constants = constants;
    this.#bytes = new Uint8Array(memory);
    this.#view = new DataView(memory);
    this.#pool = new Uint8Array(memory, constants.ENTROPY, constants.ENTROPY_BYTES);
    this.#top = constants.EXCHANGE;
    this.#end = constants.EXCHANGE + constants.EXCHANGE_BYTES;
  }

  // --- exchange region ---

  /**
   * Where the stack stands; to be released.
   * @throws Error if the card was retired.
   */
  mark(): number {
    if (this.#retired) throw new Error("the core was disposed of; load another");
    return this.#top;
  }

  /** Wipes all that was put or reserved since `mark`. */
  release(mark: number): void {
    this.#bytes.fill(0, mark, this.#top);
    this.#top = mark;
  }

  /** Bytes that can still be put or reserved, alignment included. */
  get room(): number {
    return this.#end - this.#top;
  }

  /**
   * Address of `size` zero bytes, a multiple of 4.
   * @throws RangeError if there is no room for them.
   */
  reserve(size: number): number {
    const at = this.#top;
    if (size > this.room) throw new RangeError(`want at most ${this.room} bytes more in one call, got ${size}`);
    this.#top = at + ((size + 3) & ~3);
    return at;
  }

  /**
   * Address of a copy.
   * @throws RangeError if there is no room for it.
   */
  put(bytes: Uint8Array): number {
    const at = this.reserve(bytes.length);
    this.#bytes.set(bytes, at);
    return at;
  }

  /** Copies `bytes` to an address that was reserved. */
  write(at: number, bytes: Uint8Array): void {
    this.#bytes.set(bytes, at);
  }

  /** A copy of `size` bytes. */
  take(at: number, size: number): Uint8Array {
    return this.#bytes.slice(at, at + size);
  }

  /** The bytes themselves, for who fills them before the next call and keeps nothing of them. */
  view(at: number, size: number): Uint8Array {
    return this.#bytes.subarray(at, at + size);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, true);
  }

  setU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }

  /** Stores a job's fields, u32 each. */
  setJob(at: number, a: number, b: number, c: number, d = 0): void {
    this.#view.setUint32(at, a, true);
    this.#view.setUint32(at + 4, b, true);
    this.#view.setUint32(at + 8, c, true);
    this.#view.setUint32(at + 12, d, true);
  }

  status(at: number): Status {
    return this.#view.getUint32(at, true) as Status;
  }

  // --- entropy ---

  /** Fills the pool, straight from the system's generator, if the next call could find it short. */
  needEntropy(): void {
    if (this.run.entropyLeft() >= ENTROPY_RESERVE) return;
    globalThis.crypto.getRandomValues(this.#pool);
    this.run.entropyFilled();
  }

  // --- end ---

  /** Wipes all secrets; `mark` throws from now on. */
  retire(): void {
    this.run.wipeSecrets();
    this.#retired = true;
  }
}

/**
 * For statuses that the facade's own checks exclude, and for a missing storage key.
 * @throws Error unless the status is Ok.
 */
export function expectOk(status: Status): void {
  if (status === Status.Ok) return;
  if (status === Status.NoStorageKey) throw new Error("no storage key is loaded; call setStorageKey first");
  const name = Object.entries(Status).find(([, code]) => code === status)?.[0];
  throw new Error(`want status Ok of the card, got ${name ?? status}: a defect of the core`);
}

/**
 * End of the longest run of items from `from` on that makes a call: at most `most` in `weight`, at most `room` in `size`; at least
 * one item.
 */
export function runEnd<T>(
  items: readonly T[],
  from: number,
  most: number,
  weight: (item: T) => number,
  room: number,
  size: (item: T) => number,
): number {
  let to = from;
  let weights = 0;
  let sizes = 0;
  while (to < items.length) {
    weights += weight(items[to]!);
    sizes += size(items[to]!);
    if (to > from && (weights > most || sizes > room)) break;
    to++;
  }
  return to;
}
