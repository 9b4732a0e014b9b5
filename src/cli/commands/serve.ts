// opentke serve: the fleet behind HTTP, as the cloud would have it.

import { LOG_LEVELS } from "../../server/log-levels.ts";
import type { Command } from "../command.ts";
import { KEY_OPTIONS } from "../fleet-place.ts";
import { choiceOption } from "../options.ts";

const text = (describe: string) => ({ describe, requiresArg: true });
const number = (describe: string, value: number) => ({ describe, default: value, requiresArg: true });
const flag = (describe: string) => ({ describe, type: "boolean", default: false }) as const;

export const serve: Command = {
  name: "serve",
  summary: "Serve the fleet over HTTP, as the cloud serves its crypto units",
  examples: [
    ["opentke serve --no-auth --port 8443", "the fleet in OPENTKE_HOME, for this machine alone"],
    ["opentke serve --token-file tokens --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem", "for others, over TLS"],
    ["opentke serve --memory --instances 2 --no-auth --port-file url", "a throw-away fleet on a free port"],
    ["openssl rand -hex 32 | tee token | opentke serve --hash-token - >> tokens", "a new token, and its hash"],
  ],
  options: {
    host: { describe: "Host or address to listen on", default: "127.0.0.1", requiresArg: true },
    port: number("Port to listen on; 0 picks a free one", 0),
    "port-file": text("File that gets the URL once it is served, and is removed at the end"),
    "token-file": text("File with the hashes of tokens, one a line; made with --hash-token"),
    "no-auth": flag("Ask for no token; on a loopback host alone"),
    "hash-token": text("Print the token file's line for the token in this file (-: standard input), and end"),
    "tls-cert": text("File with the certificate chain (PEM): serve HTTPS"),
    "tls-key": text("File with the certificate's private key (PEM)"),
    "max-in-flight": number("Requests in flight at most; more get 503", 1024),
    "log-level": choiceOption("Log lines on standard error", LOG_LEVELS, "info"),
    "control-port": text("Port on 127.0.0.1 for the control interface, which tests use to strike units; 0 picks one"),
    "control-socket": text("Unix socket for the control interface"),
    "control-token-file": text("File with the hashes of the control interface's own tokens"),
    "control-port-file": text("File that gets the URL of the control interface"),
    ...KEY_OPTIONS,
    memory: flag("Serve a new fleet that is gone at the end, in place of the one in OPENTKE_HOME"),
    instances: number("With --memory: service instances", 1),
    operational: number("With --memory: operational crypto units of each instance", 2),
    recovery: number("With --memory: recovery crypto units of each instance", 2),
    failover: number("With --memory: failover crypto units of each instance", 0),
    seed: text("With --memory: fixes ids and places, never keys"),
  },
  run: async (argv, io) => {
    // Loaded when it is wanted: a server brings its own libraries.
    const { hashToken, serveFleet } = await import("../serving.ts");
    if (argv["hash-token"] !== undefined) return hashToken(`${argv["hash-token"]}`, io);
    return serveFleet(argv, io);
  },
};
