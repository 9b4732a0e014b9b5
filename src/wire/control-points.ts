// Control points (ep11-wire.md 10.8; unit-behaviour.md 9): 128 bits in 16 bytes; bit b is 80 >> (b mod 8) of byte b div 8.
//
//   80 00 .. 00   bit 0       01 00 .. 00   bit 7       00 80 00 .. 00   bit 8

import { WireError } from "../errors.ts";

/** Bytes of a set of control points. */
export const CONTROL_POINTS_SIZE = 16;

/** Numbers of the defined control points. */
export const ControlPoint = {
  ADD_CPBS: 0,
  DELETE_CPBS: 1,
  SIGN_ASYMM: 2,
  SIGN_SYMM: 3,
  SIGVERIFY_SYMM: 4,
  ENCRYPT_SYMM: 5,
  DECRYPT_ASYMM: 6,
  DECRYPT_SYMM: 7,
  WRAP_ASYMM: 8,
  WRAP_SYMM: 9,
  UNWRAP_ASYMM: 10,
  UNWRAP_SYMM: 11,
  KEYGEN_ASYMM: 12,
  KEYGEN_SYMM: 13,
  RETAINKEYS: 14,
  SKIP_KEYTESTS: 15,
  NON_ATTRBOUND: 16,
  MODIFY_OBJECTS: 17,
  RNG_SEED: 18,
  ALG_RAW_RSA: 19,
  ALG_NFIPS2009: 20,
  ALG_NBSI2009: 21,
  KEYSZ_HMAC_ANY: 22,
  KEYSZ_BELOW80BIT: 23,
  KEYSZ_80BIT: 24,
  KEYSZ_112BIT: 25,
  KEYSZ_128BIT: 26,
  KEYSZ_192BIT: 27,
  KEYSZ_256BIT: 28,
  KEYSZ_RSA65536: 29,
  ALG_RSA: 30,
  ALG_DSA: 31,
  ALG_EC: 32,
  ALG_EC_BPOOLCRV: 33,
  ALG_EC_NISTCRV: 34,
  ALG_NFIPS2011: 35,
  ALG_NBSI2011: 36,
  USER_SET_TRUSTED: 37,
  ALG_SKIP_CROSSCHK: 38,
  WRAP_CRYPT_KEYS: 39,
  SIGN_CRYPT_KEYS: 40,
  WRAP_SIGN_KEYS: 41,
  USER_SET_ATTRBOUND: 42,
  ALLOW_PASSPHRASE: 43,
  WRAP_STRONGER_KEY: 44,
  WRAP_WITH_RAW_SPKI: 45,
  ALG_DH: 46,
  DERIVE: 47,
  ALLOW_NONSESSION: 48,
  ALG_EC_25519: 55,
  ALG_EC_SECGCRV: 60,
  ALG_NBSI2017: 61,
  CPACF_PK: 64,
  ALG_PQC: 65,
  BTC: 66,
  ECDSA_OTHER: 67,
  ALG_NFIPS2021: 68,
  ALG_NFIPS2024: 69,
  COMPAT_LEGACY_SHA3: 70,
  DSA_PARAMETER_GEN: 71,
  DERIVE_NON_AB_KEYS: 72,
  ALLOW_LOGIN_PRE_F2021: 73,
  ALG_RSA_OAEP: 74,
  ALLOW_COMBINED_EXTRACT: 75,
  ALG_EC_PAIRING_FRIENDLY: 76,
  ALG_DILITHIUM: 77,
  ALG_KYBER: 78,
  ALG_ML_DSA: 79,
  ALG_ML_KEM: 80,
} as const;
export type ControlPoint = (typeof ControlPoint)[keyof typeof ControlPoint];

const NAMES: ReadonlyMap<number, string> = new Map(Object.entries(ControlPoint).map(([name, bit]) => [bit, name]));

/** The control points that can never be turned on. */
export const NEVER_ON: readonly ControlPoint[] = [
  ControlPoint.SKIP_KEYTESTS,
  ControlPoint.ALG_RAW_RSA,
  ControlPoint.ALG_NBSI2009,
  ControlPoint.KEYSZ_HMAC_ANY,
  ControlPoint.KEYSZ_BELOW80BIT,
];

/** The name of a control point; undefined if none is defined with this number. */
export function controlPointName(bit: number): string | undefined {
  return NAMES.get(bit);
}

/** The set of these control points; numbers from 0 to 127. */
export function controlPointSet(bits: Iterable<number>): Uint8Array {
  const set = new Uint8Array(CONTROL_POINTS_SIZE);
  for (const bit of bits) set[bit >> 3]! |= 0x80 >> (bit & 7);
  return set;
}

/** All defined control points. */
export function definedControlPoints(): Uint8Array {
  return controlPointSet(NAMES.keys());
}

/** Whether a set holds a control point. */
export function hasControlPoint(set: Uint8Array, bit: number): boolean {
  return (set[bit >> 3]! & (0x80 >> (bit & 7))) !== 0;
}

/** The numbers in a set, ascending. */
export function controlPointsIn(set: Uint8Array): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < 8 * CONTROL_POINTS_SIZE; bit++) if (hasControlPoint(set, bit)) bits.push(bit);
  return bits;
}

/** a OR b, 16 bytes each, in a new array. */
export function addControlPoints(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte | b[i]!);
}

/** a AND NOT b, 16 bytes each, in a new array. */
export function removeControlPoints(a: Uint8Array, b: Uint8Array): Uint8Array {
  return a.map((byte, i) => byte & ~b[i]!);
}

/** `bytes` itself. @throws WireError unless it has 16 bytes. */
export function checkControlPoints(bytes: Uint8Array): Uint8Array {
  if (bytes.length !== CONTROL_POINTS_SIZE) throw new WireError("control points", 0, "16 bytes", `${bytes.length}`);
  return bytes;
}
