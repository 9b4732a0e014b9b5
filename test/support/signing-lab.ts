// A signing service of ours with two keys, over HTTP on loopback, and all that it tells.

import { createPublicKey, verify } from "node:crypto";
import type { Core } from "../../src/core/api.ts";
import { createLog } from "../../src/server/log.ts";
import { parseKeyTokens, type ServedKey, ServedKeys } from "../../src/server/signing/keys.ts";
import type { SigningEvent } from "../../src/server/signing/routes.ts";
import {
  type RunningSigningServer,
  type SigningServerOptions,
  startSigningServer,
} from "../../src/server/signing/server.ts";
import { tokenLine } from "../../src/server/tokens.ts";
import { testCore } from "./core.ts";
import { type Answered, ask } from "./endpoint.ts";
import { adminBlock, ascii, cat, spki, u32 } from "./handmade.ts";
import { base64 } from "./signing-service.ts";

export const TOKENS = { alice: "a-token-for-alice-0123456789", "b.o_b~1": "another-one-for-bob-987654321" } as const;

/** The block of a commit, for module 93AABD1X. */
export const commitIn = (domain: number): Uint8Array =>
  adminBlock({
    command: 0x0d,
    adminDomain: u32(domain, 3),
    moduleId: cat(ascii("93AABD1X"), new Uint8Array(8)),
    counter: new Uint8Array(16).fill(1),
    input: new Uint8Array(32).fill(9),
  });
export const COMMIT = commitIn(22);

export const bodyOf = (input: Uint8Array): string =>
  JSON.stringify({ hash_algorithm: "sha2-512", input: base64(input) });

export class SigningLab {
  readonly core: Core;
  readonly keys: ServedKeys;
  readonly alice: ServedKey;
  /** What it told since it was opened last. */
  readonly events: SigningEvent[] = [];
  readonly log: string[] = [];
  #server: RunningSigningServer | null = null;

  static async open(): Promise<SigningLab> {
    return new SigningLab(await testCore());
  }

  private constructor(core: Core) {
    const ids = Object.keys(TOKENS);
    const served = core.keyGenerate(2).map(({ slot, publicKey }, at): ServedKey => {
      return { id: ids[at]!, name: `Name ${at}`, publicKey, slot };
    });
    const lines = Object.entries(TOKENS).map(([id, token]) => `${tokenLine(token)} ${id}`);
    this.core = core;
    this.alice = served[0]!;
    this.keys = new ServedKeys(core, served, parseKeyTokens(lines.join("\n"), "tokens"));
  }

  get url(): string {
    return this.#server!.url;
  }

  readonly serve = async (options: Partial<SigningServerOptions> = {}): Promise<void> => {
    this.events.length = 0;
    this.log.length = 0;
    this.#server = await startSigningServer({
      keys: this.keys,
      tell: (event) => this.events.push(event),
      log: createLog("debug", (line) => this.log.push(line)),
      ...options,
    });
  };

  readonly get = (path: string, token?: string): Promise<Answered> =>
    ask(this.url + path, { headers: token === undefined ? {} : { authorization: token } });

  readonly post = (body: string, path = "/sign/alice", token: string = TOKENS.alice): Promise<Answered> =>
    ask(this.url + path, { body, headers: { authorization: token, "content-type": "application/json" } });

  /** Whether node:crypto takes the answer's signature of the message, as it stands in DER. */
  readonly isSigned = (body: string, message: Uint8Array): boolean => {
    const { signature } = JSON.parse(body) as { signature: string };
    const key = createPublicKey({ key: Buffer.from(spki(this.alice.publicKey)), format: "der", type: "spki" });
    return verify("sha512", message, key, Buffer.from(signature, "base64"));
  };

  async stop(): Promise<void> {
    await this.#server?.stop();
  }
}
