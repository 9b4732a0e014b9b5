// Parsed public keys by their bytes; the least recently used goes first.

const CAPACITY = 4096;

export class KeyCache<Public> {
  readonly #parse: (bytes: Uint8Array) => Public | null;
  /** In order of use, the latest last. */
  readonly #keys = new Map<string, Public>();

  constructor(parse: (bytes: Uint8Array) => Public | null) {
    this.#parse = parse;
  }

  /** In: 133 bytes. null if they are no uncompressed point of P-521. */
  get(bytes: Uint8Array): Public | null {
    if (bytes[0] !== 4) return null;
    const id = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("latin1");
    const key = this.#keys.get(id) ?? this.#parse(bytes);
    if (key === null) return null;
    this.#keys.delete(id);
    this.#keys.set(id, key);
    if (this.#keys.size > CAPACITY) this.#dropOldest();
    return key;
  }

  clear(): void {
    this.#keys.clear();
  }

  #dropOldest(): void {
    const [oldest] = this.#keys.keys();
    if (oldest !== undefined) this.#keys.delete(oldest);
  }
}
