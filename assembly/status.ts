// The status codes that cross the boundary. Every export that can fail returns one; the host mirrors this list and a test
// compares the two.

export enum Status {
  /** Done; or "the signature is valid". */
  Ok = 0,
  /** A signature that does not verify: r or s out of range, or the equation fails. */
  BadSignature = 1,
  /** A public key that is not an uncompressed point of P-521 (wrong lead byte, coordinate >= p, not on the curve). */
  BadPoint = 2,
  /** A private scalar that is not in 1..n-1. */
  BadScalar = 3,
  /** RFC 3394 integrity check failed. */
  BadWrap = 4,
  /** A sealed blob was changed, belongs to another context, or was sealed under another storage key. */
  BadSeal = 5,
  /** The entropy pool holds fewer bytes than the operation needs; nothing was done. */
  NeedEntropy = 6,
  /** A valid signature of a signer that was counted before. */
  Duplicate = 7,
  /** The current register is empty. */
  CurrentEmpty = 8,
  /** The new register is empty. */
  NewEmpty = 9,
  /** The new register is not committed. */
  NotCommitted = 10,
  /** The verification pattern given is not that of the register. */
  PatternMismatch = 11,
  /** Both registers hold a key. */
  BothOccupied = 12,
  /** The key to load equals the current one. */
  SameKey = 13,
  /** The unit holds no importer key. */
  NoImporter = 14,
  /** The slot is not in use. */
  EmptySlot = 15,
  /** An argument is out of its range. The facade checks first; this is the card's own check. */
  BadArgument = 16,
  /** No storage key is loaded. */
  NoStorageKey = 17,
}
