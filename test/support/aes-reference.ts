// AES-256 from the text of FIPS 197, byte by byte.

const range = (n: number) => Array.from({ length: n }, (_, i) => i);

/** Product in GF(2^8) (4.2). */
export function times(a: number, b: number): number {
  let product = 0;
  for (let x = a, y = b; y > 0; y >>= 1, x = x & 0x80 ? (x << 1) ^ 0x11b : x << 1) if (y & 1) product ^= x;
  return product;
}

/** 5.1.1: the inverse, then the affine map. */
export const SBOX = Uint8Array.from({ length: 256 }, (_, a) => {
  const inverse = range(256).find((b) => times(a, b) === 1) ?? 0;
  const bit = (i: number) => (inverse >> (i % 8)) & 1;
  return range(8).reduce((s, i) => s ^ ((bit(i) ^ bit(i + 4) ^ bit(i + 5) ^ bit(i + 6) ^ bit(i + 7)) << i), 0x63);
});

/** 5.3.2. */
export const INVERSE_SBOX = Uint8Array.from({ length: 256 }, (_, s) => SBOX.indexOf(s));

export const xor = (a: Uint8Array, b: Uint8Array | number) =>
  a.map((byte, i) => byte ^ (typeof b === "number" ? b : b[i]!));

/** 5.1.2 and 5.3.1: byte r + 4 c of the result is byte r + 4 (c + by r). */
const rows = (x: Uint8Array, by: number) => x.map((_, p) => x[(p & 3) + 4 * (((p >> 2) + by * (p & 3) + 16) & 3)]!);
/** 5.1.3 and 5.3.3: each column times the circulant matrix with this first row. */
const columns = (x: Uint8Array, row: readonly number[]) =>
  x.map((_, p) => range(4).reduce((sum, i) => sum ^ times(row[i]!, x[(p & ~3) + ((p + i) & 3)]!), 0));

export const subBytes = (x: Uint8Array) => x.map((byte) => SBOX[byte]!);
export const shiftRows = (x: Uint8Array) => rows(x, 1);
export const mixColumns = (x: Uint8Array) => columns(x, [2, 3, 1, 1]);
export const invSubBytes = (x: Uint8Array) => x.map((byte) => INVERSE_SBOX[byte]!);
export const invShiftRows = (x: Uint8Array) => rows(x, -1);
export const invMixColumns = (x: Uint8Array) => columns(x, [14, 11, 13, 9]);

/** 5.2: the 15 round keys of a key of 32 bytes. */
export function expandKey(key: Uint8Array): Uint8Array[] {
  const words = range(8).map((i) => key.slice(4 * i, 4 * i + 4));
  for (let i = 8, rcon = 1; i < 60; i++) {
    let word = words[i - 1]!;
    if (i % 8 === 0) {
      word = subBytes(Uint8Array.of(word[1]!, word[2]!, word[3]!, word[0]!));
      word[0]! ^= rcon;
      rcon = times(rcon, 2);
    } else if (i % 8 === 4) word = subBytes(word);
    words.push(xor(words[i - 8]!, word));
  }
  return range(15).map((r) => Uint8Array.from(words.slice(4 * r, 4 * r + 4).flatMap((word) => [...word])));
}
