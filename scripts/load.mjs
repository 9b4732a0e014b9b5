// Load on the endpoint of a throw-away fleet: requests per second, latencies, errors, memory, and whether counters, answers and audit
// log agree. Build first.
// usage: node scripts/load.mjs [--connections 64] [--instances 40] [--seconds 60] [--memory]     (5 units an instance)
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { runLoad } = await import("../dist/bench/load.js");
const { Fleet, loadCore, planLayout, SeededRandom } = await import("../dist/src/index.js");
const { createStore, readStore } = await import("../dist/src/fleet/store/open.js");
const { verifyStore } = await import("../dist/src/fleet/store/check.js");

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "64" },
    instances: { type: "string", default: "40" },
    seconds: { type: "string", default: "60" },
    memory: { type: "boolean", default: false },
  },
});
const counts = { instances: Number(values.instances), operational: 3, recovery: 2, failover: 0 };
const JOB = "load";
const folder = mkdtempSync(join(tmpdir(), "opentke-load-"));
const home = join(folder, "fleet");

async function createFleet() {
  const core = await loadCore();
  const regions = { region: "us-south", recoveryRegion: "us-east" };
  const layout = planLayout({ ...counts, regions, resourceGroup: "Default" }, new SeededRandom("load"));
  const { close } = await createStore(core, { folder: home }, {}, ({ store, root }) => {
    new Fleet(core, store, root).build(layout);
  });
  close();
  core.dispose();
}

/** The server's process, and its URL. */
async function serve() {
  const portFile = join(folder, "url");
  const fleet = values.memory
    ? ["--memory", ...Object.entries(counts).flatMap(([name, n]) => [`--${name}`, `${n}`])]
    : [];
  const args = ["dist/src/cli/bin.js", "serve", "--no-auth", "--quiet", "--log-level", "warn", "--port-file", portFile];
  const env = { ...process.env, OPENTKE_HOME: home };
  const child = spawn(process.execPath, [...args, ...fleet], { stdio: ["ignore", "inherit", "inherit"], env });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  while (!existsSync(portFile)) {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}`);
    await sleep(50);
  }
  const stop = () => {
    child.kill("SIGTERM");
    return ended;
  };
  return { url: readFileSync(portFile, "utf8").trim(), stop };
}

/** Megabytes of the server, every so often, until told to stop. */
async function watchMemory(url, samples, signal) {
  while (!signal.aborted) {
    const text = await (await fetch(`${url}/metrics`)).text();
    samples.push(Math.round(Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)[1]) / 2 ** 20));
    await sleep(Math.max(500, Number(values.seconds) * 50), undefined, { signal }).catch(() => {});
  }
}

/** Commands of the load in the audit log, which must verify. */
async function audited(core) {
  const store = await readStore(home);
  const report = verifyStore(store, { core });
  let commands = 0;
  for (const line of store.auditLines()) if (JSON.parse(line).job === JOB) commands++;
  store.close();
  return { ...report, head: undefined, ofThisJob: commands };
}

try {
  if (!values.memory) await createFleet();
  const { url, stop } = await serve();
  const core = await loadCore();
  const root = await (await fetch(`${url}/v1/opentke/root`)).json();
  const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
  const memory = [];
  const watch = new AbortController();
  const watched = watchMemory(url, memory, watch.signal);
  const report = await runLoad({
    url,
    root: { name: "load", ski: bytes(root.ski), publicKey: bytes(`04${root.x}${root.y}`) },
    core,
    connections: Number(values.connections),
    seconds: Number(values.seconds),
    job: JOB,
  });
  watch.abort();
  await watched;
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const sample = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)[1]);
  const batch = Math.round((100 * sample("opentke_batch_size_sum")) / sample("opentke_batch_size_count")) / 100;
  const exit = await stop();
  const audit = values.memory ? null : await audited(core);
  process.stdout.write(
    `${JSON.stringify({ ...report, meanBatch: batch, memoryMegabytes: memory, exit, audit }, null, 2)}\n`,
  );
  // Each unit also had an administrator added and its thresholds set.
  const agree = audit === null || audit.ofThisJob === report.commands + 2 * report.units;
  const good = exit === 0 && report.disagreeing === 0 && Object.keys(report.errors).length === 0 && agree;
  process.exitCode = good ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
