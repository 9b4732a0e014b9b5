// An HTTP server that answers everything with the same body.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export async function canned(body: string): Promise<{ readonly url: string; readonly close: () => Promise<void> }> {
  const server = createServer((_, response) => response.end(body));
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
      }),
  };
}
