// The keys of a signing service: in the card, each with its tokens, of which only hashes are kept. A token file has one line for each
// token, made with `opentke serve --hash-token`:
//
//   sha256:<64 hexadecimal digits> <key id>

import type { Core, KeySlot } from "../../core/api.ts";
import { UsageError } from "../../errors.ts";
import { isKeyId } from "../../wire/signing-service.ts";
import { Tokens } from "../tokens.ts";

export interface ServedKey {
  /** RFC 3986 unreserved characters. */
  readonly id: string;
  /** The administrator's name. */
  readonly name: string;
  /** 04 || X || Y, 133 bytes. */
  readonly publicKey: Uint8Array;
  readonly slot: KeySlot;
}

export class ServedKeys {
  readonly #core: Core;
  readonly #keys: ReadonlyMap<string, ServedKey>;
  readonly #tokens: ReadonlyMap<string, Tokens>;

  /**
   * @param core has the keys
   * @param tokens for each id
   * @throws UsageError if an id is none, is there twice, or has no token
   */
  constructor(core: Core, keys: readonly ServedKey[], tokens: ReadonlyMap<string, Tokens>) {
    for (const { id } of keys) {
      if (!isKeyId(id)) throw new UsageError(`key id: want letters, digits and - . _ ~ alone, got '${id}'.`);
      if (!tokens.has(id)) throw new UsageError(`key '${id}': want a token for it, got none.`);
    }
    this.#core = core;
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    if (this.#keys.size < keys.length) throw new UsageError("key ids: want each once, got one twice.");
    this.#tokens = tokens;
  }

  get(id: string): ServedKey | undefined {
    return this.#keys.get(id);
  }

  /** Whether an Authorization field holds a token for the key. */
  admits(id: string, authorization: string | undefined): boolean {
    return this.#tokens.get(id)?.admits(authorization) ?? false;
  }

  /** Whether it holds a token for any key. */
  admitsSome(authorization: string | undefined): boolean {
    return [...this.#tokens.values()].filter((tokens) => tokens.admits(authorization)).length > 0;
  }

  /** r || s, 132 bytes. */
  sign({ slot }: ServedKey, message: Uint8Array): Uint8Array {
    return this.#core.sign([{ key: slot, message }])[0]!;
  }
}

/** The tokens of each key in a token file. @throws UsageError naming the first line that is none; never a token. */
export function parseKeyTokens(text: string, file: string): Map<string, Tokens> {
  const lines = new Map<string, string[]>();
  for (const [at, line] of text.split(/\r?\n/).entries()) {
    const [hash, id, ...rest] = line.replace(/#.*$/, "").trim().split(/\s+/);
    if (!hash) continue;
    if (id === undefined || !isKeyId(id) || rest.length > 0)
      throw new UsageError(
        `${file}, line ${at + 1}: want 'sha256:', 64 hexadecimal digits and a key id, got other text.`,
      );
    lines.set(id, [...(lines.get(id) ?? []), hash]);
  }
  return new Map(Array.from(lines, ([id, hashes]) => [id, Tokens.parse(hashes.join("\n"), `${file}, key '${id}'`)]));
}
