/** The card's status codes: the same list as assembly/status.ts; a test compares the two with the binary's exports. */
export const Status = {
  Ok: 0,
  BadSignature: 1,
  BadPoint: 2,
  BadScalar: 3,
  BadWrap: 4,
  BadSeal: 5,
  NeedEntropy: 6,
  Duplicate: 7,
  CurrentEmpty: 8,
  NewEmpty: 9,
  NotCommitted: 10,
  PatternMismatch: 11,
  BothOccupied: 12,
  SameKey: 13,
  NoImporter: 14,
  EmptySlot: 15,
  BadArgument: 16,
  NoStorageKey: 17,
} as const;

export type Status = (typeof Status)[keyof typeof Status];
