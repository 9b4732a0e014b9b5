// A server that says what it is told to say: for clients that must cope with it.

import { createServer, type IncomingHttpHeaders, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** A request as it arrived. */
export interface Arrived {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Canned {
  readonly url: string;
  readonly arrived: Arrived[];
  /** From now on, answers with this. */
  say(status: number, body: string): void;
  /** From now on, does this with a request. */
  do(act: (request: Arrived, response: ServerResponse) => void): void;
  close(): Promise<void>;
}

export async function cannedServer(): Promise<Canned> {
  const arrived: Arrived[] = [];
  let act: (request: Arrived, response: ServerResponse) => void = (_, response) => response.end();
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.on("end", () => {
      const { method = "", url = "", headers } = incoming;
      const request = { method, url, headers, body: Buffer.concat(chunks).toString() };
      arrived.push(request);
      act(request, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    arrived,
    say(status, body) {
      act = (_, response) => response.writeHead(status, { "content-type": "application/json" }).end(body);
    },
    do(other) {
      act = other;
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
