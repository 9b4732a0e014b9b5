// opentke keystore list, generate, check: the key storage of service instances, in the fleet in OPENTKE_HOME or behind an endpoint of
// 'opentke serve'. Root keys show whether a master key that was lost is back, and whether a rotation lost any.

import { toHex } from "../../bytes.ts";
import { OpenTkeError, PreconditionError, TransportError, UsageError } from "../../errors.ts";
import { type Command, wholeNumber } from "../command.ts";
import { KEY_OPTIONS } from "../fleet-place.ts";
import { DRY_RUN_OPTION } from "../options.ts";
import { table } from "../style.ts";
import { dryRunOf } from "../tke/dry-run.ts";
import type { Session } from "../tke/session.ts";
import type { Target } from "../tke/target.ts";
import { printResult, TARGET_OPTIONS, textOption, tkeCommand } from "../tke/tke-command.ts";

/** Root keys made by one command. */
const MOST = 65_535;
/** Where a wrapped root key names its master key: the first 16 bytes of that one's verification pattern. */
const MASTER_KEY = { from: 1, to: 17 } as const;

const OPTIONS = { ...TARGET_OPTIONS, ...KEY_OPTIONS };

/** A root key that some crypto unit can't use. */
class LostRootKeys extends OpenTkeError {
  readonly code: string = "ERR_ROOT_KEYS";
}

export const keystoreList: Command = tkeCommand({
  name: "keystore list",
  summary: "List the root keys in key storage: wrapped, with their verification patterns",
  examples: [["opentke keystore list", "all root keys of all service instances"]],
  options: OPTIONS,
  run: async (session) => {
    const lists = await forInstances(session, async ({ keyStorage }, instance) => {
      const job = await keyStorage.status(instance);
      const keys = await keyStorage.list(instance);
      return {
        instance,
        job: job && { status: job.status, message: job.message },
        keys: keys.map(({ pattern, blob }) => ({
          pattern: toHex(pattern),
          masterKey: toHex(blob.subarray(MASTER_KEY.from, MASTER_KEY.to)),
        })),
      };
    });
    const text = lists.map(({ instance, keys }) => {
      const rows = keys.map(({ pattern, masterKey }) => [pattern, masterKey]);
      return `SERVICE INSTANCE: ${instance}\n${table(["ROOT KEY PATTERN", "UNDER MASTER KEY"], rows)}`;
    });
    return { text: `${text.join("\n")}\n`, json: { instances: lists } };
  },
});

export const keystoreGenerate: Command = tkeCommand({
  name: "keystore generate",
  summary: "Generate root keys under the current master key of a service instance",
  examples: [["opentke keystore generate --count 100", "a hundred for each service instance"]],
  options: {
    ...OPTIONS,
    count: { ...textOption("Root keys for each service instance"), default: "1" },
    ...DRY_RUN_OPTION,
  },
  run: async (session) => {
    const count = wholeNumber(session.argv, "count");
    if (count < 1 || count > MOST) throw new UsageError(`--count: want 1 to ${MOST}, got ${count}.`);
    if (session.dryRun) {
      const instances = await forInstances(session, async (_, instance) => instance);
      const what = `generate ${count} root keys for each of ${instances.length} service instances`;
      return dryRunOf(what, { instances, count });
    }
    const made = await forInstances(session, async ({ keyStorage }, instance) => ({
      instance,
      generated: count,
      keys: await keyStorage.generate(instance, count),
    }));
    const rows = made.map(({ instance, generated, keys }) => [instance, generated, keys]);
    return {
      text: `${table(["SERVICE INSTANCE", "GENERATED", "ROOT KEYS"], rows)}\n`,
      json: { instances: made },
    };
  },
});

export const keystoreCheck: Command = tkeCommand({
  name: "keystore check",
  summary: "Check that the current master key of every crypto unit unwraps every root key",
  examples: [["opentke keystore check", "exit code 0 if no root key is lost"]],
  options: OPTIONS,
  run: async (session) => {
    const lists = await forInstances(session, async ({ keyStorage }, instance) => {
      const { keys, units } = await keyStorage.check(instance);
      return units.map(({ location, unwraps }) => ({ instance, unit: location, keys, unwraps }));
    });
    const checked = lists.flat();
    const rows = checked.map(({ instance, unit, keys, unwraps }) => [instance, unit, `${unwraps} of ${keys}`]);
    const header = ["SERVICE INSTANCE", "LOCATION", "ROOT KEYS UNWRAPPED"];
    const result = { text: `${table(header, rows)}\n`, json: { units: checked } };
    const short = checked.filter(({ keys, unwraps }) => unwraps < keys).length;
    if (short === 0) return result;
    printResult(session, result);
    throw new LostRootKeys(
      `${short} of ${checked.length} crypto units don't unwrap all root keys; look at their registers with 'opentke cryptounit-mks', and finish a rotation or run 'opentke auto-mk-recover'`,
    );
  },
});

/** Instance after instance. @throws PreconditionError if there is none; UsageError if the target shows no key storage. */
async function forInstances<T>(
  session: Session,
  work: (target: Target, instance: string) => Promise<T>,
): Promise<readonly T[]> {
  const target = await session.target();
  const { name, resourceGroup } = target;
  const instances = await target.instances();
  const nextStep = "see 'opentke target', or name a resource group with --resource-group";
  const problem = `no service instances were found in ${name}`;
  if (instances.length === 0)
    throw new PreconditionError([{ unit: `resource group ${resourceGroup}`, problem, nextStep }]);
  const results: T[] = [];
  for (const instance of instances) results.push(await work(target, instance).catch((error) => rethrow(name, error)));
  return results;
}

function rethrow(target: string, error: unknown): never {
  if (!(error instanceof TransportError) || error.status !== 404) throw error;
  throw new UsageError(
    `${target} shows no key storage of this service instance: want one that an endpoint of 'opentke serve' has.`,
    { cause: error },
  );
}
