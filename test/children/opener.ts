// Tries to open a fleet, or to make one, as a user without privileges; says what came of it.
// usage: node opener.js open|create FOLDER

import { loadCore } from "../../src/core/load.ts";
import { createStore, openStore } from "../../src/fleet/store/open.ts";

const NOBODY = 65_534;

const [what, folder] = process.argv.slice(2);
const core = await loadCore();
await import("libsql");
if (process.getuid?.() === 0) process.setuid!(NOBODY);
try {
  await (what === "open" ? openStore : createStore)(core, { folder: folder! });
  process.stdout.write(`${JSON.stringify({ failure: null })}\n`);
} catch (error) {
  const { failure, message } = error as { failure?: string; message: string };
  process.stdout.write(`${JSON.stringify({ failure, message })}\n`);
}
