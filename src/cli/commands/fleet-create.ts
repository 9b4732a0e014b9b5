// opentke fleet create: a fleet of new hardware in OPENTKE_HOME, pristine or initialized.

import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync } from "node:fs";
import { parse } from "yaml";
import { toHex } from "../../bytes.ts";
import type { Transport } from "../../client/transport.ts";
import { loadCore } from "../../core/load.ts";
import { UsageError } from "../../errors.ts";
import { type Plan, parseDeclaration, planDeclared } from "../../fleet/declaration.ts";
import { Fleet } from "../../fleet/fleet.ts";
import { planLayout, within } from "../../fleet/layout.ts";
import { SeededRandom } from "../../fleet/seeded.ts";
import { createStore, type OpenStore, requireVacant, type StorePlace } from "../../fleet/store/open.ts";
import { defaultKeyFile } from "../../fleet/store/storage-key.ts";
import { regionPair } from "../../fleet/topology.ts";
import { DRILL_DEFAULTS } from "../../scenario/options.ts";
import { provision } from "../../scenario/provision.ts";
import type { StageHooks } from "../../scenario/stage.ts";
import { WorkstationFolder } from "../../workstation/folder.ts";
import { signatureKeysIn } from "../../workstation/key-files.ts";
import { createSignatureKey } from "../../workstation/signature-key-file.ts";
import { signerOf } from "../../workstation/signer.ts";
import { banner } from "../banner.ts";
import { type Arguments, type Command, oneOf, wholeNumber } from "../command.ts";
import { KEY_OPTIONS, placeOf } from "../fleet-place.ts";
import type { Io } from "../io.ts";
import { DRY_RUN_OPTION, OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { readPassword } from "../password-file.ts";
import { progressOn } from "../progress.ts";
import { contentsText, labels, styleFor } from "../style.ts";
import { dryRunOf } from "../tke/dry-run.ts";
import { observedBy, observerOf } from "../verbose.ts";

const MAX_ADMINISTRATORS = 8;
const text = (describe: string) => ({ describe, requiresArg: true });
const number = (describe: string, value: number) => ({ describe, default: value, requiresArg: true });

/** Administrators who are to be made, and where their keys go. */
interface Administrators {
  readonly folder: string;
  readonly password: Uint8Array;
  readonly count: number;
  readonly threshold: number;
}

interface AdministratorFile {
  readonly name: string;
  readonly ski: string;
  readonly keynum: number;
}

export const fleetCreate: Command = {
  name: "fleet create",
  summary: "Make a fleet in OPENTKE_HOME",
  examples: [
    ["opentke fleet create --instances 4", "four service instances of pristine crypto units"],
    ["opentke fleet create --seed-file fleet.yaml", "the service instances that a file declares"],
    [
      "opentke fleet create --initialized --admins-dir admins --password-file password",
      "with administrators, thresholds and master keys; the administrators' key files in a folder",
    ],
  ],
  options: {
    instances: number("Service instances", 1),
    operational: number("Operational crypto units of each instance, 1 to 6", DRILL_DEFAULTS.operational),
    recovery: number("Recovery crypto units of each instance, 1 to 6", DRILL_DEFAULTS.recovery),
    failover: number("Failover crypto units of each instance, up to the operational ones", DRILL_DEFAULTS.failover),
    region: { describe: "Region of the instances", default: "us-south", requiresArg: true },
    "resource-group": { describe: "Resource group of the instances", default: "Default", requiresArg: true },
    seed: {
      describe: "Fixes ids and places, never keys",
      defaultDescription: "a new one each time",
      requiresArg: true,
    },
    "seed-file": text("File that declares the service instances, YAML or JSON, in place of the counts above"),
    initialized: { describe: "Set up all crypto units as well", type: "boolean", default: false },
    admins: number("With --initialized: administrators of every crypto unit, 1 to 8", DRILL_DEFAULTS.admins),
    threshold: number("With --initialized: signature thresholds, up to the administrators", DRILL_DEFAULTS.threshold),
    "admins-dir": text("With --initialized: folder for the administrators' key files, as CLOUDTKEFILES is"),
    "password-file": text("With --initialized: file with the password of the key files, in its first line"),
    "password-fd": text("With --initialized: open descriptor to read that password from"),
    ...KEY_OPTIONS,
    ...DRY_RUN_OPTION,
    ...OUTPUT_OPTION,
  },
  run: async (argv, io) => {
    const output = oneOf(argv, "output", OUTPUTS);
    const plan = planOf(argv);
    const administrators = argv["initialized"] === true ? administratorsOf(argv) : null;
    if (argv["dry-run"] === true) return dryRun(argv, io, plan, administrators);
    const quiet = argv["quiet"] === true;
    banner(io, quiet || output === "json");
    const observer = observerOf(argv, io);
    const progress = progressOn(io, quiet || observer !== undefined);
    const wrap = (transport: Transport): Transport => observedBy(observer, transport);
    const hooks = { signal: io.signal, progress: (line: string) => progress.show(line), wrap };
    try {
      const files = await make(placeOf(argv, io), plan, administrators, hooks);
      const result = resultOf(argv, io, plan, files);
      progress.clear();
      io.out(output === "json" ? `${JSON.stringify(result, null, 2)}\n` : resultText(result, io));
    } finally {
      progress.clear();
      administrators?.password.fill(0);
    }
  },
};

/** @throws StoreError if there is a fleet already */
function dryRun(argv: Arguments, io: Io, plan: Plan, administrators: Administrators | null): void {
  administrators?.password.fill(0);
  const place = placeOf(argv, io);
  requireVacant(place);
  const { folder, modules, units, instances } = resultOf(argv, io, plan, []);
  const setUp = administrators ? `, initialized by ${administrators.count} administrators` : "";
  const contents = contentsText(instances.length, units, modules);
  const { text, json } = dryRunOf(`make a fleet in ${folder}: ${contents}${setUp}`, { folder, modules, units });
  io.out(oneOf(argv, "output", OUTPUTS) === "json" ? `${JSON.stringify(json, null, 2)}\n` : text);
}

// --- what is asked for -----------------------------------------------------------------------------------------------------------

function planOf(argv: Arguments): Plan {
  const file = argv["seed-file"];
  const declaration = file === undefined ? null : parseDeclaration(readYaml(`${file}`));
  const random = new SeededRandom(`${argv["seed"] ?? declaration?.seed ?? randomBytes(4).toString("hex")}`);
  if (declaration) return planDeclared(declaration, random.fork("declared"));
  const request = {
    instances: wholeNumber(argv, "instances"),
    operational: wholeNumber(argv, "operational"),
    recovery: wholeNumber(argv, "recovery"),
    failover: wholeNumber(argv, "failover"),
    regions: regionPair(`${argv["region"]}`),
    resourceGroup: `${argv["resource-group"]}`,
  };
  return planLayout(request, random.fork("layout"));
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new UsageError(`--seed-file: '${file}' can't be read: ${code ?? message.split("\n")[0]}.`, { cause });
  }
}

function administratorsOf(argv: Arguments): Administrators {
  const count = wholeNumber(argv, "admins");
  within("administrators", count, 1, MAX_ADMINISTRATORS);
  const threshold = wholeNumber(argv, "threshold");
  within("signature threshold", threshold, 1, count, "every signer must be an administrator");
  const [folder, password] = [argv["admins-dir"], readPassword(argv)];
  if (folder === undefined || password === null)
    throw new UsageError(
      "--initialized wants --admins-dir and --password-file (or --password-fd) for the administrators' keys.",
    );
  return { folder: `${folder}`, password, count, threshold };
}

// --- making it -------------------------------------------------------------------------------------------------------------------

async function make(
  place: StorePlace,
  plan: Plan,
  administrators: Administrators | null,
  hooks: StageHooks,
): Promise<AdministratorFile[]> {
  const core = await loadCore();
  let files: AdministratorFile[] = [];
  try {
    const populate = async (opened: OpenStore): Promise<void> => {
      const fleet = new Fleet(core, opened.store, opened.root);
      fleet.build(plan);
      if (administrators) files = await initialize(fleet, plan, administrators, hooks);
    };
    (await createStore(core, place, {}, populate)).close();
    return files;
  } finally {
    core.dispose();
  }
}

/** The key files are written when everything else is done. */
async function initialize(
  fleet: Fleet,
  plan: Plan,
  { folder, password, count, threshold }: Administrators,
  hooks: StageHooks,
): Promise<AdministratorFile[]> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const keyFiles = signatureKeysIn(new WorkstationFolder(folder));
  const core = await loadCore();
  try {
    const keys = [];
    for (let at = 1; at <= count; at++) keys.push(await createSignatureKey(core, `Administrator ${at}`, password));
    const signers = keys.map(({ file, pair }) => signerOf(core, file.description, pair));
    await provision(fleet, plan.serviceInstances, { core, signers, threshold }, hooks);
    return keys.map(({ file }) => ({ name: file.description, ski: toHex(file.ski), keynum: keyFiles.add(file) }));
  } finally {
    core.dispose();
  }
}

// --- what the user sees ----------------------------------------------------------------------------------------------------------

function resultOf(argv: Arguments, io: Io, plan: Plan, administrators: readonly AdministratorFile[]) {
  const { folder, key = { file: defaultKeyFile(folder) } } = placeOf(argv, io);
  return {
    folder,
    storageKeyFile: "file" in key ? key.file : null,
    modules: plan.modules.length,
    units: plan.serviceInstances.reduce((sum, { units }) => sum + units.length, 0),
    instances: plan.serviceInstances.map(({ id }) => ({ id })),
    administrators,
    adminsDir: administrators.length > 0 ? `${argv["admins-dir"]}` : null,
  };
}

const NEXT_STEPS = {
  pristine: "To initialize it, run 'opentke sigkey-add' and 'opentke auto-init'. To serve it, run 'opentke serve'.\n",
  initialized: "To select its crypto units, run 'opentke cryptounit-add'. To serve it, run 'opentke serve'.\n",
} as const;

function resultText(result: ReturnType<typeof resultOf>, io: Io): string {
  const { folder, storageKeyFile, modules, units, instances, administrators, adminsDir } = result;
  const keys = adminsDir ? ([["Administrators", `${administrators.length}, their keys in ${adminsDir}`]] as const) : [];
  return `${styleFor(io, io.outIsTerminal).good("OK")}\n${labels([
    ["Fleet", folder],
    ["Storage key", storageKeyFile ?? "given by descriptor"],
    ["Contents", contentsText(instances.length, units, modules)],
    ...keys,
  ])}${NEXT_STEPS[administrators.length > 0 ? "initialized" : "pristine"]}`;
}
