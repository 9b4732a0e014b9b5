// opentke fleet list, show: what is in the fleet. They read beside whoever changes it, and need no key.

import { UsageError } from "../../errors.ts";
import { type InstanceView, type UnitView, viewInstance, viewUnit } from "../../fleet/inspect.ts";
import { readStore } from "../../fleet/store/open.ts";
import type { SqliteStore } from "../../fleet/store/sqlite-store.ts";
import { type Arguments, type Command, oneOf } from "../command.ts";
import { opentkeHome } from "../home.ts";
import type { Io } from "../io.ts";
import { OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { labels, styleFor, table } from "../style.ts";

/** Hexadecimal digits of patterns in tables. */
const SHORT = 16;

export const fleetList: Command = {
  name: "fleet list",
  summary: "List the service instances of the fleet",
  examples: [["opentke fleet list --output json", "ids of all service instances, for scripts"]],
  options: OUTPUT_OPTION,
  run: (argv, io) =>
    reading(io, (store) => {
      const views = [...store.instances()].map((instance) => viewInstance(store, instance));
      print(argv, io, { instances: views }, () => listText(views, io));
    }),
};

export const fleetShow: Command = {
  name: "fleet show",
  summary: "Show the crypto units of the fleet: where they are, how they are set up, what their registers hold",
  examples: [
    ["opentke fleet show", "all crypto units"],
    ["opentke fleet show --instance-id 1b4e28ba-2fa1-41d2-883f-0016d3cca427", "those of one service instance"],
  ],
  options: {
    "instance-id": { describe: "Service instance whose crypto units are shown", requiresArg: true },
    ...OUTPUT_OPTION,
  },
  run: (argv, io) =>
    reading(io, (store) => {
      const views = chosen(store, argv["instance-id"]).map(({ id, resourceGroup, units }) => ({
        id,
        resourceGroup,
        units: units.flatMap((unit) => viewUnit(store, unit) ?? []),
      }));
      const { records, root } = store.head();
      const fleet = { folder: opentkeHome(io.env), root, auditRecords: records, instances: views };
      print(argv, io, fleet, () =>
        [
          labels([
            ["Fleet", fleet.folder],
            ["Audit records", `${records}`],
          ]),
          ...views.map(({ id, units }) => `\nSERVICE INSTANCE: ${id}\n${unitsText(units, io)}`),
        ].join(""),
      );
    }),
};

async function reading(io: Io, work: (store: SqliteStore) => void): Promise<void> {
  const store = await readStore(opentkeHome(io.env));
  try {
    work(store);
  } finally {
    store.close();
  }
}

function chosen(store: SqliteStore, id: unknown) {
  if (id === undefined) return [...store.instances()];
  const instance = store.instance(`${id}`);
  if (!instance)
    throw new UsageError(`--instance-id: want a service instance of the fleet, got '${id}'; see 'opentke fleet list'.`);
  return [instance];
}

function print(argv: Arguments, io: Io, value: unknown, text: () => string): void {
  io.out(oneOf(argv, "output", OUTPUTS) === "json" ? `${JSON.stringify(value, null, 2)}\n` : text());
}

function listText(views: readonly InstanceView[], io: Io): string {
  const header = [
    "SERVICE INSTANCE",
    "RESOURCE GROUP",
    "REGION",
    "OPERATIONAL",
    "RECOVERY",
    "FAILOVER",
    "INITIALIZED",
    "VALID",
  ];
  const rows = views.map((view) => [
    ...[view.id, view.resourceGroup, view.region],
    ...[view.operational, view.recovery, view.failover, view.initialized, view.valid],
  ]);
  return table(header, rows, styleFor(io, io.outIsTerminal));
}

function unitsText(units: readonly UnitView[], io: Io): string {
  const header = [
    "CRYPTO UNIT",
    "TYPE",
    "LOCATION",
    "SERIAL",
    "ADMINS",
    "THRESHOLDS",
    "NEW REGISTER",
    "CURRENT REGISTER",
  ];
  const register = ({ status, pattern }: UnitView["current"]): string =>
    pattern === null ? status : `${status} ${pattern.slice(0, SHORT)}...`;
  const rows = units.map((unit) => [
    ...[unit.id, unit.type.toUpperCase(), unit.location, unit.serial, unit.administrators.length],
    unit.imprint ? "imprint mode" : `${unit.signatureThreshold}, ${unit.revocationThreshold}`,
    ...[register(unit.next), register(unit.current)],
  ]);
  return table(header, rows, styleFor(io, io.outIsTerminal));
}
