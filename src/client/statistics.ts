// What a client has done since it was made: the figures that tell what a run cost.

export interface Statistics {
  /** Commands that change something, sent; with or without signatures (imprint mode). */
  readonly signedCommands: number;
  /** Queries sent, the reads before commands and of certificates included. */
  readonly queries: number;
  /** Administrators' signatures made. */
  readonly signaturesMade: number;
  /** OA signatures on answers and certificates verified, whatever the verdict. */
  readonly signaturesVerified: number;
}

/** Running totals. */
export type Totals = { -readonly [K in keyof Statistics]: Statistics[K] };

export function noTotals(): Totals {
  return { signedCommands: 0, queries: 0, signaturesMade: 0, signaturesVerified: 0 };
}

/** What was done between two looks at the totals. */
export function difference(before: Statistics, after: Statistics): Statistics {
  return {
    signedCommands: after.signedCommands - before.signedCommands,
    queries: after.queries - before.queries,
    signaturesMade: after.signaturesMade - before.signaturesMade,
    signaturesVerified: after.signaturesVerified - before.signaturesVerified,
  };
}
