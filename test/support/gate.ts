// A gate in front of an endpoint, which closes at a request: from then on nothing gets through until it is opened again.

import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What happens to the request at which the gate closes, and to all after it. */
export type Closing =
  /** The connection is cut before the request is seen; so are all others. */
  | "unseen"
  /** The request is executed and its connection cut; all others are cut before they are seen. */
  | "unanswered"
  /** Status 401, as the token has expired. */
  | "expired"
  /** Nothing: all go through. The gate only tells. */
  | "passing";

export class Gate {
  readonly #server: Server;
  readonly #target: string;
  #closing: Closing = "unseen";
  #closesAt = 0;
  #seen = 0;
  /** Called when the gate closes. */
  onClosed: () => void = () => {};

  private constructor(target: string) {
    this.#target = target;
    this.#server = createServer((incoming, outgoing) => this.#pass(incoming, outgoing));
  }

  static async before(target: string): Promise<Gate> {
    const gate = new Gate(target);
    await new Promise<void>((resolve) => gate.#server.listen(0, "127.0.0.1", resolve));
    return gate;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Requests since the gate was opened. */
  get seen(): number {
    return this.#seen;
  }

  /** Opens the gate, to close at the n-th request from now on; 0: never. */
  open(closesAt = 0, closing: Closing = "unseen"): void {
    [this.#seen, this.#closesAt, this.#closing] = [0, closesAt, closing];
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const number = ++this.#seen;
    const isLast = number === this.#closesAt;
    if (isLast) this.onClosed();
    const isOpen = this.#closesAt === 0 || number < this.#closesAt || this.#closing === "passing";
    if (isOpen) this.#forward(incoming, outgoing, () => false);
    else if (this.#closing === "expired") {
      incoming.resume();
      outgoing.writeHead(401).end("the token has expired");
    } else if (isLast && this.#closing === "unanswered") this.#forward(incoming, outgoing, () => true);
    else incoming.socket.destroy();
  }

  #forward(incoming: IncomingMessage, outgoing: ServerResponse, isCut: () => boolean): void {
    const { method, headers, url } = incoming;
    const onward = request(`${this.#target}${url}`, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        if (isCut()) incoming.socket.destroy();
        else outgoing.writeHead(answer.statusCode!, answer.headers).end(Buffer.concat(chunks));
      });
    });
    onward.on("error", () => incoming.socket.destroy());
    incoming.pipe(onward);
  }
}
