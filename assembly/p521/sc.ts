// Scalars mod n, the order of P-521: what the rest of the card uses of them. Formats and promises are in sc-limbs.ts.
//
//   scFromBytes(z, octets66): u32     1 and z := the number, if it is below n; else 0 and z := 0
//   scFromDigest(z, digest64)         the 512 bits of a SHA-512 digest
//   scFromCoordinate(z, octets66)     an x coordinate mod n
//   scRandom(z, octets82)             uniform in 1..n-1 from uniform octets
//   scToBytes(octets66, x)            x mod n, big-endian
//   scToWords(words72, x)             x mod n as 9 little-endian u64
//   scAdd, scSub, scMul(z, x, y)      z may be x or y
//   scIsZero(x), scIsEqual(x, y): u32
//   scInvert(z, x)                    1/x, or 0 if x = 0; constant time
//   scInvertManyVarTime(z, x, n, stride): u32   the same for n public scalars; returns how many were 0
//   scCanonical, scCopy(z, x); scClear, scSetOne(z)

export { SC_BYTES, scAdd, scCanonical, scClear, scCopy, scMul, scSetOne, scSub } from "./sc-limbs";
export {
  SC_OCTETS, SC_RANDOM_OCTETS, scFromBytes, scFromCoordinate, scFromDigest, scIsEqual, scIsZero, scRandom, scToBytes, scToWords,
} from "./sc-bytes";
export { scInvert, scInvertManyVarTime } from "./sc-inverse";
