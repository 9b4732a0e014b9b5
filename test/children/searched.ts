// The command line. When a command is done and has wiped what it had, the process says so on descriptor 3 and stays, so that its memory
// can be searched. With OPENTKE_TEST_PLANT=KIND:HEX it keeps a secret (each byte XOR a5, so that nobody else has brought it in) in
// memory of that kind: the control of the search.

import { writeSync } from "node:fs";
import { processIo } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";

const MASK = 0xa5;
const PAGES = 2048;

const PLANTS: Readonly<Record<string, (masked: Buffer) => unknown>> = {
  buffer: (masked) => filled(Buffer.alloc(masked.length + 4096), masked),
  array: (masked) => filled(new Uint8Array(masked.length), masked),
  string: (masked) => Array.from(masked, (byte) => String.fromCharCode(byte ^ MASK)).join(""),
  hexadecimal: (masked) => Array.from(masked, (byte) => (byte ^ MASK).toString(16).padStart(2, "0")).join(""),
  card: (masked) => {
    const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
    filled(new Uint8Array(memory.buffer), masked);
    return memory;
  },
};

function filled(into: Uint8Array, masked: Uint8Array): Uint8Array {
  for (const [at, byte] of masked.entries()) into[at] = byte ^ MASK;
  return into;
}

const [kind, hex] = (process.env["OPENTKE_TEST_PLANT"] ?? "").split(":");
const planted = kind ? PLANTS[kind]!(Buffer.from(hex!, "hex")) : null;

const code = await main(process.argv.slice(2), processIo());
writeSync(3, `${code}\n`);
setInterval(() => void planted, 1_000_000);
