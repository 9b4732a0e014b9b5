// A signing service by hand (workstation.md 4): node:crypto has the keys and signs, nothing of it is made with the project's encoders.
// It can be told to answer anything else.

import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { expect } from "vitest";
import { cat, ecdsaDer } from "./handmade.ts";

export interface HandmadeKey {
  readonly token: string;
  readonly privateKey: KeyObject;
  /** 04 || X || Y. */
  readonly publicKey: Uint8Array;
}

export interface Asked {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** In place of the service's own answer. */
export interface Said {
  readonly status: number;
  readonly body: string;
}

export const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64");

/** A fresh P-521 key of node:crypto. */
export function handmadeKey(token: string): HandmadeKey {
  const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-521" });
  const { x, y } = publicKey.export({ format: "jwk" });
  const coordinates = [x!, y!].map((text) => Uint8Array.from(Buffer.from(text, "base64url")));
  return { token, privateKey, publicKey: cat(Uint8Array.of(4), ...coordinates) };
}

/** The error of work that fails; it tells no token. */
export async function failure(work: Promise<unknown>): Promise<Error> {
  const error = await work.then(
    () => new Error("it did not fail"),
    (thrown: Error) => thrown,
  );
  expect(error.message).not.toContain("token-of");
  return error;
}

export class HandmadeService {
  readonly keys = new Map<string, HandmadeKey>();
  readonly asked: Asked[] = [];
  /** Answers, or null to let the service answer as it should. */
  lie: (asked: Asked, response: ServerResponse) => Said | "silence" | null = () => null;
  url = "";
  readonly #server;

  constructor(tls?: { readonly cert: string; readonly key: string }) {
    const listener = (request: IncomingMessage, response: ServerResponse): void => {
      const chunks: Buffer[] = [];
      request.on("data", (chunk: Buffer) => chunks.push(chunk));
      request.on("end", () => this.#answer(request, Buffer.concat(chunks).toString(), response));
    };
    this.#server = tls ? createTlsServer(tls, listener) : createServer(listener);
  }

  async open(): Promise<this> {
    await new Promise<void>((resolve) => {
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    const { port } = this.#server.address() as AddressInfo;
    this.url = `${"setSecureContext" in this.#server ? "https" : "http"}://127.0.0.1:${port}`;
    return this;
  }

  /** A new key. */
  add(id: string, token = `token-of-${id}`): HandmadeKey {
    const key = handmadeKey(token);
    this.keys.set(id, key);
    return key;
  }

  /** The same answer to everything: text as it is, else JSON. */
  say(body: unknown, status = 200): void {
    this.lie = () => ({ status, body: typeof body === "string" ? body : JSON.stringify(body) });
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
    });
  }

  #answer({ method = "", url = "", headers }: IncomingMessage, body: string, response: ServerResponse): void {
    const asked = { method, url, headers, body };
    this.asked.push(asked);
    const said = this.lie(asked, response) ?? this.#honest(asked);
    if (said !== "silence") response.writeHead(said.status, { "content-type": "application/json" }).end(said.body);
  }

  #honest({ method, url, headers, body }: Asked): Said {
    const [, what, id = ""] = url.split("/").slice(-3);
    const key = this.keys.get(id);
    if (!key) return { status: 404, body: "no such key" };
    if (headers.authorization !== key.token) return { status: 401, body: "Unauthorized" };
    if (method === "GET" && what === "keys")
      return { status: 200, body: JSON.stringify({ publickey: base64(ecdsaDer(key.publicKey.subarray(1))) }) };
    if (method !== "POST" || what !== "sign") return { status: 405, body: "" };
    const { hash_algorithm, input } = JSON.parse(body) as Record<string, string>;
    if (hash_algorithm !== "sha2-512") return { status: 400, body: "hash_algorithm" };
    const signature = sign("sha512", Buffer.from(input!, "base64"), key.privateKey);
    return { status: 200, body: JSON.stringify({ signature: base64(signature) }) };
  }
}
