// A server's life: open, tell where, wait, finish what was accepted.

import { type Logger, noLog } from "./log.ts";
import { removePortFile, writePortFile } from "./port-file.ts";
import { type RunningServer, type ServerOptions, startServer } from "./server.ts";

export interface RunOptions extends ServerOptions {
  /** Files that hold the URLs of the server and of its control interface as long as they are served. */
  readonly portFile?: string;
  readonly controlPortFile?: string;
}

/** Serves until `signal` is aborted. Resolves when everything is closed. @throws UsageError if it cannot begin. */
export async function runServer(options: RunOptions, signal: AbortSignal): Promise<void> {
  const { log = noLog(), portFile, controlPortFile } = options;
  const server = await startServer(options);
  const { url, controlUrl } = server;
  const begun = () => log.info({ url, control: controlUrl ?? undefined }, "listening");
  await runUntil(signal, server, { files: filesOf(server, portFile, controlPortFile), begun, log });
}

export interface UntilOptions {
  /** Files that hold URLs until the end. */
  readonly files: readonly (readonly [file: string, url: string])[];
  /** Called when the files are written. */
  readonly begun: () => void;
  readonly log: Logger;
}

/** Waits until `signal` is aborted, then stops the server. @throws UsageError if a file cannot be written. */
export async function runUntil(
  signal: AbortSignal,
  server: { stop(): Promise<void> },
  { files, begun, log }: UntilOptions,
): Promise<void> {
  try {
    for (const [file, url] of files) writePortFile(file, url);
    begun();
    await aborted(signal);
    log.info("stopping");
  } finally {
    for (const [file, url] of files) removePortFile(file, url);
    await server.stop();
    log.info("stopped");
  }
}

function filesOf(server: RunningServer, portFile?: string, controlPortFile?: string): [file: string, url: string][] {
  const files: [string, string][] = [];
  if (portFile !== undefined) files.push([portFile, server.url]);
  if (controlPortFile !== undefined && server.controlUrl !== null) files.push([controlPortFile, server.controlUrl]);
  return files;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
