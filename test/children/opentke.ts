// The command line as users run it. With OPENTKE_TEST_TERMINAL set, the pipes that it is started with pass for a terminal, where the
// machine has nothing that makes a real one: line ends are CR LF, and what is typed is shown unless raw mode is on.

import type { Writable } from "node:stream";

if (process.env["OPENTKE_TEST_TERMINAL"]) {
  let raw = false;
  for (const stream of [process.stdout, process.stderr]) asTerminal(stream);
  const stdin = process.stdin as unknown as Record<string, unknown>;
  stdin["isTTY"] = true;
  stdin["setRawMode"] = (on: boolean): void => {
    raw = on;
  };
  process.stdin.on("data", (chunk: Uint8Array) => {
    if (!raw) process.stdout.write(Buffer.from(chunk).toString("utf8"));
  });
  process.stdin.pause();
}

function asTerminal(stream: Writable & { isTTY?: boolean }): void {
  const write = stream.write.bind(stream) as (text: string) => boolean;
  stream.isTTY = true;
  stream.write = ((text: string) => write(text.replaceAll("\n", "\r\n"))) as typeof stream.write;
}

await import("../../src/cli/bin.ts");
