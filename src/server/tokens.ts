// Tokens that open the endpoint, of which only hashes are kept. A token file has one line for each token:
//
//   sha256:<64 hexadecimal digits> [name]        # SHA-256 of the token; blank lines and what follows a # do not count
//
// A plain hash is enough because tokens are random and long (at least 16 characters are asked for); it would not be for passwords.

import { createHash, timingSafeEqual } from "node:crypto";
import { UsageError } from "../errors.ts";

const LINE = /^sha256:([0-9a-f]{64})(?:\s+(\S.*))?$/i;
const LEAST_LENGTH = 16;
/** Printable ASCII: what a header field can carry as it is. */
const TOKEN = /^[\x21-\x7e]+$/;
const BEARER = /^bearer +/i;

export class Tokens {
  readonly #digests: readonly Buffer[];

  /** @throws UsageError naming the first line that is none, or if there is no token at all. */
  static parse(text: string, file: string): Tokens {
    const digests = text.split(/\r?\n/).flatMap((line, at) => {
      const content = line.replace(/#.*$/, "").trim();
      if (content === "") return [];
      const digest = LINE.exec(content)?.[1];
      if (digest === undefined)
        throw new UsageError(`${file}, line ${at + 1}: want 'sha256:' and 64 hexadecimal digits, got other text.`);
      return [Buffer.from(digest, "hex")];
    });
    if (digests.length === 0)
      throw new UsageError(`${file}: want a token at least, got none; make a line with 'opentke serve --hash-token'.`);
    return new Tokens(digests);
  }

  /** `digests` are SHA-256, 32 bytes each. */
  constructor(digests: readonly Buffer[]) {
    this.#digests = digests;
  }

  /**
   * Whether an Authorization field holds one of the tokens, as it is or after `Bearer `. Time depends on the field's length and
   * the number of tokens alone.
   */
  admits(authorization: string | undefined): boolean {
    const presented = digestOf((authorization ?? "").replace(BEARER, ""));
    let found = 0;
    for (const digest of this.#digests) found |= Number(timingSafeEqual(digest, presented));
    return authorization !== undefined && found === 1;
  }
}

/** The line of a token file for a token, given with or without `Bearer `. @throws UsageError unless it is long printable ASCII. */
export function tokenLine(given: string): string {
  const token = given.trim().replace(BEARER, "");
  if (token.length < LEAST_LENGTH || !TOKEN.test(token))
    throw new UsageError(`token: want ${LEAST_LENGTH} or more printable ASCII characters without blanks.`);
  return `sha256:${digestOf(token).toString("hex")}`;
}

function digestOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
