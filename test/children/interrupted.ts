// The command line, which kills itself at the n-th of the places where the world may end:
//
//   asked       a batch has come to the units, which have not looked at it
//   committing  a transaction of the store is written and not yet committed
//   committed   it is durable, and nobody has been told
//   answered    the units' answers are about to go back
//   naming      a file of the workstation is written and has not its name yet
//   named       it has
//
// Every place that is reached is a line in the trace: the last one is where it died.
// usage: node interrupted.js N TRACE WORD...   (N = 0: it lives)

import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { processIo } from "../../src/cli/io.ts";
import { main } from "../../src/cli/main.ts";
import { Database } from "../../src/fleet/store/sqlite.ts";
import { UnitHost } from "../../src/unit/host.ts";

const [at, trace, ...line] = process.argv.slice(2);
const descriptor = fs.openSync(trace!, "a");
let places = 0;

function place(name: string): void {
  fs.writeSync(descriptor, `${name}\n`);
  if (++places !== Number(at)) return;
  process.kill(process.pid, "SIGKILL");
  for (;;);
}

/** Puts places before and after each call of a function that `isOne` says. */
function between<T extends unknown[], R>(
  before: string,
  after: string,
  work: (...args: T) => R,
  isOne: (...args: T) => boolean = () => true,
) {
  return function (this: unknown, ...args: T): R {
    if (!isOne(...args)) return work.apply(this, args);
    place(before);
    const result = work.apply(this, args);
    place(after);
    return result;
  };
}

UnitHost.prototype.handleMany = between("asked", "answered", UnitHost.prototype.handleMany);
Database.prototype.exec = between("committing", "committed", Database.prototype.exec, (sql) => sql === "COMMIT");
fs.renameSync = between("naming", "named", fs.renameSync);
fs.linkSync = between("naming", "named", fs.linkSync);
syncBuiltinESMExports();

process.exitCode = await main(line, processIo());
