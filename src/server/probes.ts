// What watches the server asks: is it alive, is it ready, what has it done. Metrics want a token like everything else; probes don't.

import type { Metrics } from "./metrics.ts";
import { plain } from "./reply.ts";
import type { Route } from "./routes.ts";

/** Without a token. `ready`: whether requests are taken now. */
export function healthRoutes(ready: () => boolean): Route[] {
  return [
    { method: "GET", pattern: "/healthz", probe: true, handle: () => plain(200, "ok") },
    {
      method: "GET",
      pattern: "/readyz",
      probe: true,
      handle: () => (ready() ? plain(200, "ready") : plain(503, "Service Unavailable: stopping")),
    },
  ];
}

/** The probes and what the server counts. */
export function probeRoutes(metrics: Metrics, ready: () => boolean): Route[] {
  return [
    ...healthRoutes(ready),
    {
      method: "GET",
      pattern: "/metrics",
      handle: async () => ({ status: 200, type: metrics.type, body: await metrics.text() }),
    },
  ];
}
