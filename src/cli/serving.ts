// Serving, from typed options to the end of the server.

import { randomBytes } from "node:crypto";
import { UsageError } from "../errors.ts";
import { createLog } from "../server/log.ts";
import { LOG_LEVELS } from "../server/log-levels.ts";
import { type RunOptions, runServer } from "../server/run.ts";
import type { ControlAccess } from "../server/server.ts";
import { Tokens, tokenLine } from "../server/tokens.ts";
import { banner } from "./banner.ts";
import { type Arguments, oneOf, wholeNumber } from "./command.ts";
import type { Io } from "./io.ts";
import { portOf, readText, tlsOf } from "./listening.ts";
import { memoryFleet, type OpenFleet, storedFleet } from "./open-fleet.ts";

/** Prints the token file's line for the token in a file. @throws UsageError */
export function hashToken(file: string, io: Io): void {
  io.out(`${tokenLine(readText("hash-token", file))}\n`);
}

/** Serves until the user interrupts. @throws UsageError, StoreError */
export async function serveFleet(argv: Arguments, io: Io): Promise<void> {
  const options = optionsOf(argv, io);
  banner(io, argv["quiet"] === true);
  const { fleet, close } = await openFleet(argv, io);
  try {
    await runServer({ ...options, fleet }, io.signal);
  } finally {
    close();
  }
}

function optionsOf(argv: Arguments, io: Io): Omit<RunOptions, "fleet"> {
  const tls = tlsOf(argv);
  const control = controlOf(argv);
  const file = (option: string, name: "portFile" | "controlPortFile") =>
    argv[option] === undefined ? {} : { [name]: `${argv[option]}` };
  return {
    host: `${argv["host"]}`,
    port: portOf(argv, "port"),
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

function controlOf(argv: Arguments): ControlAccess | null {
  const [socket, controlPort, tokens] = [argv["control-socket"], argv["control-port"], argv["control-token-file"]];
  if (socket === undefined && controlPort === undefined) return null;
  if (socket !== undefined && controlPort !== undefined)
    throw new UsageError("Want --control-port or --control-socket, not both.");
  if (tokens === undefined)
    throw new UsageError("The control interface wants tokens of its own: --control-token-file.");
  const address =
    socket === undefined ? { host: "127.0.0.1", port: portOf(argv, "control-port") } : { path: `${socket}` };
  return { address, tokens: readTokens("control-token-file", `${tokens}`) };
}

function openFleet(argv: Arguments, io: Io): Promise<OpenFleet> {
  if (argv["memory"] !== true) return storedFleet(io, argv);
  return memoryFleet({
    instances: wholeNumber(argv, "instances"),
    operational: wholeNumber(argv, "operational"),
    recovery: wholeNumber(argv, "recovery"),
    failover: wholeNumber(argv, "failover"),
    seed: `${argv["seed"] ?? randomBytes(4).toString("hex")}`,
  });
}
