// opentke serve: the fleet behind HTTP, as the cloud would have it.

import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { UsageError } from "../../errors.ts";
import type { KeySource } from "../../fleet/store/storage-key.ts";
import { createLog, LOG_LEVELS } from "../../server/log.ts";
import { type RunOptions, runServer } from "../../server/run.ts";
import type { ControlAccess } from "../../server/server.ts";
import { Tokens, tokenLine } from "../../server/tokens.ts";
import { banner } from "../banner.ts";
import { type Arguments, type Command, oneOf, wholeNumber } from "../command.ts";
import type { Io } from "../io.ts";
import { memoryFleet, type OpenFleet, storedFleet } from "../open-fleet.ts";

const MAX_PORT = 65_535;
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
    "log-level": {
      describe: `Log lines on standard error: ${LOG_LEVELS.join(", ")}`,
      default: "info",
      requiresArg: true,
    },
    "control-port": text("Port on 127.0.0.1 for the control interface, which tests use to strike units; 0 picks one"),
    "control-socket": text("Unix socket for the control interface"),
    "control-token-file": text("File with the hashes of the control interface's own tokens"),
    "control-port-file": text("File that gets the URL of the control interface"),
    "storage-key-file": text("File with the storage key of the fleet; by default beside OPENTKE_HOME"),
    "storage-key-fd": text("Open descriptor to read the storage key from"),
    memory: flag("Serve a new fleet that is gone at the end, in place of the one in OPENTKE_HOME"),
    instances: number("With --memory: service instances", 1),
    operational: number("With --memory: operational crypto units of each instance", 2),
    recovery: number("With --memory: recovery crypto units of each instance", 2),
    failover: number("With --memory: failover crypto units of each instance", 0),
    seed: text("With --memory: fixes ids and places, never keys"),
  },
  run: async (argv, io) => {
    if (argv["hash-token"] !== undefined) {
      io.out(`${tokenLine(readText("hash-token", `${argv["hash-token"]}`))}\n`);
      return;
    }
    const options = optionsOf(argv, io);
    banner(io, argv["quiet"] === true);
    const { fleet, close } = await openFleet(argv, io);
    try {
      await runServer({ ...options, fleet }, io.signal);
    } finally {
      close();
    }
  },
};

function optionsOf(argv: Arguments, io: Io): Omit<RunOptions, "fleet"> {
  const tls = tlsOf(argv);
  const control = controlOf(argv);
  const file = (option: string, name: "portFile" | "controlPortFile") =>
    argv[option] === undefined ? {} : { [name]: `${argv[option]}` };
  return {
    host: `${argv["host"]}`,
    port: port(argv, "port"),
    tokens: tokensOf(argv),
    log: createLog(oneOf(argv, "log-level", LOG_LEVELS), io.err),
    limits: { inFlight: wholeNumber(argv, "max-in-flight") },
    processMetrics: true,
    ...(tls ? { tls } : {}),
    ...(control ? { control } : {}),
    ...file("port-file", "portFile"),
    ...file("control-port-file", "controlPortFile"),
  };
}

function tokensOf(argv: Arguments): Tokens | null {
  const file = argv["token-file"];
  const open = argv["no-auth"] === true;
  if ((file === undefined) !== open)
    throw new UsageError("Want either --token-file, or --no-auth to ask for no token on a loopback host.");
  return file === undefined ? null : readTokens("token-file", `${file}`);
}

function readTokens(option: string, file: string): Tokens {
  return Tokens.parse(readText(option, file), file);
}

function tlsOf(argv: Arguments): { cert: string; key: string } | null {
  const [cert, key] = [argv["tls-cert"], argv["tls-key"]];
  if (cert === undefined && key === undefined) return null;
  if (cert === undefined || key === undefined) throw new UsageError("Want --tls-cert and --tls-key together.");
  return { cert: readText("tls-cert", `${cert}`), key: readText("tls-key", `${key}`) };
}

function controlOf(argv: Arguments): ControlAccess | null {
  const [socket, controlPort, tokens] = [argv["control-socket"], argv["control-port"], argv["control-token-file"]];
  if (socket === undefined && controlPort === undefined) return null;
  if (socket !== undefined && controlPort !== undefined)
    throw new UsageError("Want --control-port or --control-socket, not both.");
  if (tokens === undefined)
    throw new UsageError("The control interface wants tokens of its own: --control-token-file.");
  const address =
    socket === undefined ? { host: "127.0.0.1", port: port(argv, "control-port") } : { path: `${socket}` };
  return { address, tokens: readTokens("control-token-file", `${tokens}`) };
}

function port(argv: Arguments, option: string): number {
  const value = wholeNumber(argv, option);
  if (value > MAX_PORT) throw new UsageError(`--${option}: want 0 to ${MAX_PORT}, got ${value}.`);
  return value;
}

/** @throws UsageError if the file cannot be read. */
function readText(option: string, file: string): string {
  try {
    return readFileSync(file === "-" ? 0 : file, "utf8");
  } catch (cause) {
    throw new UsageError(`--${option}: '${file}' cannot be read (${(cause as NodeJS.ErrnoException).code}).`, {
      cause,
    });
  }
}

function keyOf(argv: Arguments): KeySource | undefined {
  const [file, descriptor] = [argv["storage-key-file"], argv["storage-key-fd"]];
  if (file !== undefined && descriptor !== undefined)
    throw new UsageError("Want --storage-key-file or --storage-key-fd, not both.");
  if (file !== undefined) return { file: `${file}` };
  return descriptor === undefined ? undefined : { descriptor: wholeNumber(argv, "storage-key-fd") };
}

function openFleet(argv: Arguments, io: Io): Promise<OpenFleet> {
  if (argv["memory"] !== true) return storedFleet(io, keyOf(argv));
  return memoryFleet({
    instances: wholeNumber(argv, "instances"),
    operational: wholeNumber(argv, "operational"),
    recovery: wholeNumber(argv, "recovery"),
    failover: wholeNumber(argv, "failover"),
    seed: `${argv["seed"] ?? randomBytes(4).toString("hex")}`,
  });
}
