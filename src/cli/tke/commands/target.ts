// target: shows and sets where commands go, and says where each setting comes from.

import { resolve } from "node:path";
import { UsageError } from "../../../errors.ts";
import { baseUrl, WANTED_URL } from "../../../wire/base-url.ts";
import { opentkeHome } from "../../home.ts";
import { DRY_RUN_OPTION } from "../../options.ts";
import { labels } from "../../style.ts";
import { dryRunOf } from "../dry-run.ts";
import { readRoot } from "../root-file.ts";
import type { Session } from "../session.ts";
import { readTargetSettings, type TargetSettings, writeTargetSettings } from "../target-file.ts";
import { optionsOf, type ResolvedTarget, resolveTarget, type Setting, sameEndpoint } from "../target-settings.ts";
import { flagOption, TARGET_OPTIONS, tkeCommand } from "../tke-command.ts";

export const target = tkeCommand({
  name: "target",
  summary: "Show or set where commands go: the fleet in OPENTKE_HOME, or an endpoint",
  examples: [
    ["opentke target", "where commands go now, and who said so"],
    [
      "opentke target --endpoint https://host:8443 --token-file token --root-file root.json",
      "to an endpoint of 'opentke serve' from now on",
    ],
    [
      "opentke target --endpoint https://tke.us-south.hs-crypto.cloud.ibm.com --token-file token --root ibm --instance-id ID",
      "to crypto units in IBM Cloud",
    ],
    ["opentke target --embedded", "to the fleet in OPENTKE_HOME from now on"],
  ],
  options: { embedded: flagOption("The fleet in OPENTKE_HOME"), ...DRY_RUN_OPTION, ...TARGET_OPTIONS },
  run: async (session) => {
    const { argv, io } = session;
    const given = optionsOf(argv);
    const embedded = argv["embedded"] === true;
    if (embedded && given.endpoint !== undefined) throw new UsageError("Want --embedded or --endpoint, not both.");
    const changed = embedded || Object.keys(given).length > 0;
    const settings = changed ? await chosen(session, given, embedded) : null;
    if (settings && session.dryRun) return dryRunOf("keep these settings for all commands", { settings });
    if (settings) writeTargetSettings(io, settings);
    const resolved = resolveTarget({}, io);
    return { text: `${changed ? session.ok : ""}${describe(session, resolved)}`, json: json(resolved) };
  },
});

/** What was kept, with what the options say; relative paths are resolved, since commands may run elsewhere. */
async function chosen(session: Session, given: TargetSettings, embedded: boolean): Promise<TargetSettings> {
  if (given.endpoint !== undefined && !baseUrl(given.endpoint)) throw notAnEndpoint(given.endpoint);
  const before = readTargetSettings(session.io);
  const elsewhere = embedded || (given.endpoint !== undefined && !sameEndpoint(given.endpoint, before.endpoint));
  const trustGiven = given.roots !== undefined || given.rootFile !== undefined;
  const kept = elsewhere ? ofNoEndpoint(before) : trustGiven ? withoutTrust(before) : before;
  const settings = { ...kept, ...given, ...paths(given) };
  if (settings.endpoint === undefined && hasAccess(settings))
    throw new UsageError("--token-file, --root, --root-file and --ca-file are for an endpoint: want --endpoint too.");
  if (settings.rootFile !== undefined) readRoot(settings.rootFile, await session.core());
  return settings;
}

/** A password in the URL is not told. */
function notAnEndpoint(text: string): UsageError {
  return new UsageError(`--endpoint: want ${WANTED_URL}, got '${text.replace(/^.*@/, "...@")}'.`);
}

/** Another place has other tokens, roots and service instances. */
function ofNoEndpoint({ resourceGroup, timeout, retries }: TargetSettings): TargetSettings {
  return {
    ...(resourceGroup === undefined ? {} : { resourceGroup }),
    ...(timeout === undefined ? {} : { timeout }),
    ...(retries === undefined ? {} : { retries }),
  };
}

function withoutTrust({ roots: _roots, rootFile: _rootFile, ...rest }: TargetSettings): TargetSettings {
  return rest;
}

function paths({ tokenFile, rootFile, caFile }: TargetSettings): TargetSettings {
  return {
    ...(tokenFile === undefined ? {} : { tokenFile: resolve(tokenFile) }),
    ...(rootFile === undefined ? {} : { rootFile: resolve(rootFile) }),
    ...(caFile === undefined ? {} : { caFile: resolve(caFile) }),
  };
}

function hasAccess({ tokenFile, roots, rootFile, caFile }: TargetSettings): boolean {
  return [tokenFile, roots, rootFile, caFile].some((setting) => setting !== undefined);
}

function describe(session: Session, resolved: ResolvedTarget): string {
  const { endpoint, tokenFile, roots, rootFile, caFile, resourceGroup, instances, timeout, retries } = resolved;
  const line = ({ source }: Setting<unknown>, shown: string): string => `${shown || "-"} (${source})`;
  const home = `the fleet in ${opentkeHome(session.io.env)}`;
  return labels([
    ["API endpoint", line(endpoint, endpoint.value ?? home)],
    ["Token file", line(tokenFile, tokenFile.value ?? "")],
    ["Roots", line(roots, roots.value.join(" "))],
    ["Root file", line(rootFile, rootFile.value ?? "")],
    ["CA file", line(caFile, caFile.value ?? "")],
    ["Resource group", line(resourceGroup, resourceGroup.value)],
    ["Instances", line(instances, instances.value?.join(" ") ?? "all")],
    ["Timeout", line(timeout, `${timeout.value} s`)],
    ["Retries", line(retries, `${retries.value}`)],
  ]);
}

/** Values and, apart from them, their sources. */
function json(resolved: ResolvedTarget) {
  const settings: readonly (readonly [string, Setting<unknown>])[] = Object.entries(resolved);
  return {
    target: Object.fromEntries(settings.map(([name, { value }]) => [name, value ?? null])),
    sources: Object.fromEntries(settings.map(([name, { source }]) => [name, source])),
  };
}
