// opentke keystore list, generate, check: the key storage of service instances of the fleet in OPENTKE_HOME. Root keys show whether a
// master key that was lost is back, and whether a rotation lost any.

import { toHex } from "../../bytes.ts";
import { OpenTkeError, UsageError } from "../../errors.ts";
import type { Fleet } from "../../fleet/fleet.ts";
import { locationOf, type ServiceInstance } from "../../fleet/topology.ts";
import { type Arguments, type Command, oneOf, wholeNumber } from "../command.ts";
import { KEY_OPTIONS } from "../fleet-place.ts";
import type { Io } from "../io.ts";
import { storedFleet } from "../open-fleet.ts";
import { OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { table } from "../style.ts";

/** Root keys made by one command. */
const MOST = 65_535;

const OPTIONS = {
  ...KEY_OPTIONS,
  "instance-id": { describe: "Service instance; by default all of them", type: "string", requiresArg: true },
  ...OUTPUT_OPTION,
} as const;

/** A root key that some crypto unit can't use. */
export class LostRootKeys extends OpenTkeError {
  readonly code: string = "ERR_ROOT_KEYS";
}

export const keystoreList: Command = {
  name: "keystore list",
  summary: "List the root keys in key storage: wrapped, with their verification patterns",
  examples: [["opentke keystore list", "all root keys of all service instances"]],
  options: OPTIONS,
  run: (argv, io) =>
    withInstances(argv, io, (fleet, instances) => {
      const lists = instances.map(({ id }) => ({
        instance: id,
        job: jobOf(fleet, id),
        keys: fleet.rootKeys(id).map(({ pattern, blob }) => ({
          pattern: toHex(pattern),
          masterKey: toHex(blob.subarray(1, 17)),
        })),
      }));
      const text = lists.map(({ instance, keys }) => {
        const rows = keys.map(({ pattern, masterKey }) => [pattern, masterKey]);
        return `SERVICE INSTANCE: ${instance}\n${table(["ROOT KEY PATTERN", "UNDER MASTER KEY"], rows)}`;
      });
      print(argv, io, `${text.join("\n")}\n`, { instances: lists });
    }),
};

export const keystoreGenerate: Command = {
  name: "keystore generate",
  summary: "Generate root keys under the current master key of a service instance",
  examples: [["opentke keystore generate --count 100", "a hundred for each service instance"]],
  options: { ...OPTIONS, count: { describe: "Root keys for each service instance", default: 1, requiresArg: true } },
  run: (argv, io) =>
    withInstances(argv, io, (fleet, instances) => {
      const count = wholeNumber(argv, "count");
      if (count < 1 || count > MOST) throw new UsageError(`--count: want 1 to ${MOST}, got ${count}.`);
      for (const { id, units } of instances) fleet.storeRootKeys(id, units[0]!.id, count);
      const made = instances.map(({ id }) => ({ instance: id, generated: count, keys: fleet.rootKeys(id).length }));
      const rows = made.map(({ instance, generated, keys }) => [instance, `${generated}`, `${keys}`]);
      print(argv, io, `${table(["SERVICE INSTANCE", "GENERATED", "ROOT KEYS"], rows)}\n`, { instances: made });
    }),
};

export const keystoreCheck: Command = {
  name: "keystore check",
  summary: "Check that the current master key of every crypto unit unwraps every root key",
  examples: [["opentke keystore check", "exit code 0 if no root key is lost"]],
  options: OPTIONS,
  run: (argv, io) =>
    withInstances(argv, io, (fleet, instances) => {
      const checked = instances.flatMap(({ id, units }) =>
        units.map((unit) => {
          const results = fleet.unwrap(unit.id, id);
          return {
            instance: id,
            unit: locationOf(unit),
            keys: results.length,
            unwraps: results.filter(Boolean).length,
          };
        }),
      );
      const rows = checked.map(({ instance, unit, keys, unwraps }) => [instance, unit, `${unwraps} of ${keys}`]);
      const header = ["SERVICE INSTANCE", "LOCATION", "ROOT KEYS UNWRAPPED"];
      print(argv, io, `${table(header, rows)}\n`, { units: checked });
      const short = checked.filter(({ keys, unwraps }) => unwraps < keys).length;
      if (short > 0)
        throw new LostRootKeys(
          `${short} of ${checked.length} crypto units don't unwrap all root keys; look at their registers with 'opentke cryptounit-mks', and finish a rotation or run 'opentke auto-mk-recover'`,
        );
    }),
};

function jobOf(fleet: Fleet, instance: string) {
  const job = fleet.rewrapJob(instance);
  return job ? { status: job.status, message: job.message } : null;
}

async function withInstances(
  argv: Arguments,
  io: Io,
  work: (fleet: Fleet, instances: readonly ServiceInstance[]) => void,
): Promise<void> {
  oneOf(argv, "output", OUTPUTS);
  const { fleet, close } = await storedFleet(io, argv);
  try {
    work(fleet, chosen(fleet, argv["instance-id"]));
  } finally {
    close();
  }
}

/** @throws UsageError if there is no such instance */
function chosen(fleet: Fleet, id: unknown): ServiceInstance[] {
  if (id === undefined) return [...fleet.instances()];
  const instance = fleet.instance(`${id}`);
  if (!instance) throw new UsageError(`--instance-id: want one of this fleet, got '${id}'.`);
  return [instance];
}

function print(argv: Arguments, io: Io, text: string, json: unknown): void {
  io.out(oneOf(argv, "output", OUTPUTS) === "json" ? `${JSON.stringify(json, null, 2)}\n` : text);
}
