// target: shows and sets where commands go.

import { resolve } from "node:path";
import { UsageError } from "../../../errors.ts";
import { opentkeHome } from "../../home.ts";
import { labels } from "../../style.ts";
import type { Session } from "../session.ts";
import { readRoot, targetSettings } from "../target.ts";
import { readTargetSettings, type TargetSettings, writeTargetSettings } from "../target-file.ts";
import { flagOption, TARGET_OPTIONS, tkeCommand } from "../tke-command.ts";

const SETTINGS = ["endpoint", "token-file", "root-file", "ca-file", "resource-group", "instance-id"] as const;

export const target = tkeCommand({
  name: "target",
  summary: "Show or set where commands go: the fleet in OPENTKE_HOME, or an endpoint",
  examples: [
    ["opentke target", "where commands go now"],
    [
      "opentke target --endpoint https://host:8443 --token-file token --root-file root.json",
      "to an endpoint from now on",
    ],
    ["opentke target --embedded", "to the fleet in OPENTKE_HOME from now on"],
  ],
  options: { embedded: flagOption("The fleet in OPENTKE_HOME"), ...TARGET_OPTIONS },
  run: async (session) => {
    const { argv, io } = session;
    const named = SETTINGS.filter((name) => argv[name] !== undefined);
    const embedded = argv["embedded"] === true;
    if (embedded && argv["endpoint"] !== undefined) throw new UsageError("Want --embedded or --endpoint, not both.");
    if (embedded || named.length > 0) {
      const settings = await chosen(session, embedded);
      writeTargetSettings(io, settings);
    }
    const settings = targetSettings({}, io);
    const changed = embedded || named.length > 0;
    return { text: `${changed ? session.ok : ""}${describe(session, settings)}`, json: { target: json(settings) } };
  },
});

/** What was kept, with what the options say; relative paths are resolved, since commands may run elsewhere. */
async function chosen(session: Session, embedded: boolean): Promise<TargetSettings> {
  const { argv, io } = session;
  const before = readTargetSettings(io);
  const { resourceGroup } = before;
  // Another place has other files.
  const kept = embedded || argv["endpoint"] !== undefined ? (resourceGroup ? { resourceGroup } : {}) : before;
  const path = (name: string) => (argv[name] === undefined ? undefined : resolve(`${argv[name]}`));
  const given = {
    endpoint: argv["endpoint"] as string | undefined,
    tokenFile: path("token-file"),
    rootFile: path("root-file"),
    caFile: path("ca-file"),
    resourceGroup: argv["resource-group"] as string | undefined,
    instances: argv["instance-id"] === undefined ? undefined : `${argv["instance-id"]}`.split(/[\s,]+/),
  };
  const settings = { ...kept, ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) };
  if (settings.endpoint === undefined && (settings.tokenFile ?? settings.rootFile ?? settings.caFile) !== undefined)
    throw new UsageError("--token-file, --root-file and --ca-file are for an endpoint: want --endpoint too.");
  if (settings.rootFile !== undefined) readRoot(settings.rootFile, await session.core());
  return settings;
}

function describe(session: Session, settings: TargetSettings): string {
  const { endpoint, tokenFile, rootFile, caFile, resourceGroup, instances } = json(settings);
  return labels([
    ["API endpoint", endpoint ?? `the fleet in ${opentkeHome(session.io.env)}`],
    ["Token file", tokenFile ?? "-"],
    ["Root file", rootFile ?? "-"],
    ["CA file", caFile ?? "-"],
    ["Resource group", resourceGroup],
    ["Instances", instances?.join(" ") ?? "all"],
  ]);
}

function json(settings: TargetSettings) {
  const { endpoint = null, tokenFile = null, rootFile = null, caFile = null, instances = null } = settings;
  return { endpoint, tokenFile, rootFile, caFile, resourceGroup: settings.resourceGroup ?? "Default", instances };
}
