// The access token of an endpoint, in a file. Tokens live for an hour; who renews the file need not start a command again that runs
// meanwhile.

import { readFileSync, statSync } from "node:fs";
import { authorizationOf, type TokenSource } from "../../client/token.ts";
import { readOptionFile } from "./option-file.ts";

export class TokenFile implements TokenSource {
  readonly place: string;
  readonly #path: string;
  #bytes: Uint8Array;

  /** @throws UsageError if the file cannot be read. */
  constructor(path: string) {
    this.place = `'${path}'`;
    this.#path = path;
    this.#bytes = readOptionFile("token-file", path);
  }

  bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Reads the file again. A pipe is read once: it would be waited for. */
  renew(): boolean {
    let fresh: Uint8Array;
    try {
      if (!statSync(this.#path).isFile()) return false;
      fresh = readFileSync(this.#path);
      if (authorizationOf(fresh) === authorizationOf(this.#bytes)) return false;
    } catch {
      // Not there, or not whole yet: the one that was refused stays.
      return false;
    }
    this.wipe();
    this.#bytes = fresh;
    return true;
  }

  wipe(): void {
    this.#bytes.fill(0);
  }
}
