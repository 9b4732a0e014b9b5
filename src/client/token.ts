// An access token on its way into the Authorization field.

import { UsageError } from "../errors.ts";

/** A token that can be renewed while a command runs. */
export interface TokenSource {
  /** Where a newer one is to be put, such as a file's name in quotes; null if that is not for the user to do. */
  readonly place: string | null;
  /** The token as it is now. The buffer stays the owner's, who may wipe it. */
  bytes(): Uint8Array;
  /** Looks for a newer token; false if there is none. */
  renew(): boolean;
}

const FIELD_VALUE = /^[\x21-\x7e]+( [\x21-\x7e]+)*$/;

/** The field's value: the token exactly as it is, but for blanks and line ends around it. @throws UsageError */
export function authorizationOf(token: Uint8Array): string {
  const text = Buffer.from(token.buffer, token.byteOffset, token.byteLength).toString("latin1").trim();
  if (!FIELD_VALUE.test(text)) throw new UsageError("token: want printable ASCII characters, got something else.");
  return text;
}

/** A token that stays what it is. */
export function fixedToken(bytes: Uint8Array): TokenSource {
  return { place: null, bytes: () => bytes, renew: () => false };
}
