// Load on the endpoint of a throw-away fleet: requests per second, latencies, errors, memory, and whether counters, answers and audit
// log agree. With --kills, the server is killed that often while it is under load: after each restart everything that was
// acknowledged must be there and the audit log verify. Build first.
// usage: node scripts/load.mjs [--connections 64] [--instances 40] [--seconds 60] [--memory | --kills 50]     (5 units an instance)
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";

process.chdir(fileURLToPath(new URL("..", import.meta.url)));
const { Load } = await import("../dist/bench/load.js");
const { Fleet, loadCore, planLayout, SeededRandom } = await import("../dist/src/index.js");
const { createStore, readStore } = await import("../dist/src/fleet/store/open.js");
const { verifyStore } = await import("../dist/src/fleet/store/check.js");

const { values } = parseArgs({
  options: {
    connections: { type: "string", default: "64" },
    instances: { type: "string", default: "40" },
    seconds: { type: "string", default: "60" },
    memory: { type: "boolean", default: false },
    kills: { type: "string", default: "0" },
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
async function serve(port = "0") {
  const portFile = join(folder, "url");
  const fleet = values.memory
    ? ["--memory", ...Object.entries(counts).flatMap(([name, n]) => [`--${name}`, `${n}`])]
    : [];
  const args = [
    "dist/src/cli/bin.js",
    "serve",
    "--no-auth",
    "--quiet",
    "--log-level",
    "warn",
    "--port",
    port,
    "--port-file",
    portFile,
  ];
  const env = { ...process.env, OPENTKE_HOME: home };
  const child = spawn(process.execPath, [...args, ...fleet], { stdio: ["ignore", "inherit", "inherit"], env });
  const ended = new Promise((resolve) => child.on("exit", resolve));
  while (!existsSync(portFile)) {
    if (child.exitCode !== null) throw new Error(`serve ended with ${child.exitCode}`);
    await sleep(50);
  }
  const end = (signal) => {
    child.kill(signal);
    return ended;
  };
  return { url: readFileSync(portFile, "utf8").trim(), end };
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

/** Kills the server under load and starts it again on the same port; how often, and what was not as it should be after it. */
async function kills(load, server, core) {
  const wrong = [];
  let commands = 0;
  for (let kill = 1; kill <= Number(values.kills); kill++) {
    const stop = new AbortController();
    const pressing = load.press(60, stop.signal);
    await sleep(200 + Math.random() * 1500);
    await server.end("SIGKILL");
    stop.abort();
    commands += (await pressing).commands;
    await audited(core).catch((error) => wrong.push(`kill ${kill}: ${error.message}`));
    rmSync(join(folder, "url"), { force: true });
    server = await serve(new URL(server.url).port);
    const disagreeing = await load.disagreeing();
    if (disagreeing > 0) wrong.push(`kill ${kill}: the counters of ${disagreeing} units disagree`);
  }
  return { server, report: { kills: Number(values.kills), commands, wrong } };
}

try {
  if (!values.memory) await createFleet();
  let server = await serve();
  const { url } = server;
  const core = await loadCore();
  const root = await (await fetch(`${url}/v1/opentke/root`)).json();
  const bytes = (hex) => Uint8Array.from(Buffer.from(hex, "hex"));
  const load = await Load.begin({
    url,
    root: { name: "load", ski: bytes(root.ski), publicKey: bytes(`04${root.x}${root.y}`) },
    core,
    connections: Number(values.connections),
    job: JOB,
  });
  const killed = await kills(load, server, core);
  server = killed.server;
  const memory = [];
  const watch = new AbortController();
  const watched = watchMemory(url, memory, watch.signal);
  const pressed = await load.press(Number(values.seconds));
  watch.abort();
  await watched;
  const disagreeing = await load.disagreeing();
  await load.end();
  const metrics = await (await fetch(`${url}/metrics`)).text();
  const sample = (name) => Number(new RegExp(`^${name} (\\S+)$`, "m").exec(metrics)[1]);
  const meanBatch = Math.round((100 * sample("opentke_batch_size_sum")) / sample("opentke_batch_size_count")) / 100;
  const exit = await server.end("SIGTERM");
  const audit = values.memory ? null : await audited(core);
  const report = { ...pressed, disagreeing, meanBatch, memoryMegabytes: memory, exit, audit, killed: killed.report };
  process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
  // Each unit also had an administrator added and its thresholds set. What a kill left unanswered may be in the log, too.
  const logged = audit && audit.ofThisJob - pressed.commands - killed.report.commands - 2 * pressed.units;
  const agree = !audit || (killed.report.kills > 0 ? logged >= 0 : logged === 0);
  const sound = exit === 0 && disagreeing === 0 && Object.keys(pressed.errors).length === 0;
  process.exitCode = sound && agree && killed.report.wrong.length === 0 ? 0 : 1;
} finally {
  rmSync(folder, { recursive: true });
}
