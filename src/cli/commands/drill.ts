// opentke drill: break a throw-away fleet, recover it, prove it.

import { randomBytes } from "node:crypto";
import type { Transport } from "../../client/transport.ts";
import { loadCore } from "../../core/load.ts";
import { OpenTkeError } from "../../errors.ts";
import { drill as runDrill } from "../../scenario/drill.ts";
import { checkFleetOptions, DRILL_DEFAULTS, type FleetOptions } from "../../scenario/options.ts";
import type { DrillReport } from "../../scenario/report.ts";
import { banner } from "../banner.ts";
import { type Arguments, type Command, oneOf, wholeNumber } from "../command.ts";
import { GROUND_OPTIONS, newGround, standingGround } from "../drill-ground.ts";
import { drillText, findingsText } from "../drill-text.ts";
import type { Io } from "../io.ts";
import { OUTPUT_OPTION, OUTPUTS } from "../options.ts";
import { progressOn } from "../progress.ts";
import { styleFor } from "../style.ts";
import { observedBy, observerOf } from "../verbose.ts";

/** A proof did not hold. */
class DrillFailed extends OpenTkeError {
  readonly code: string = "ERR_DRILL";

  constructor(report: DrillReport) {
    super(
      `${report.recovered} of ${report.struck} struck crypto units recovered; what follows is not as it should be.\n\n` +
        `${findingsText(report)}\nTo see the same strikes again, add '--seed ${report.seed}'.`,
    );
  }
}

const number = (describe: string, value: number) => ({ describe, default: value, requiresArg: true });

export const drill: Command = {
  name: "drill",
  summary: "Break a throw-away fleet of crypto units, recover its master keys, prove it",
  examples: [
    ["opentke drill", "16 service instances of 3 operational and 2 recovery crypto units"],
    ["opentke drill --instances 200 --output json", "1,000 crypto units; the report as JSON"],
    ["opentke drill --failover 2 --admins 5 --threshold 3 --seed 7", "the same layout and strikes each time"],
    ["opentke drill --fleet --admins-dir admins --password-file password", "the fleet in OPENTKE_HOME, initialized"],
  ],
  options: {
    instances: number("Service instances", DRILL_DEFAULTS.instances),
    operational: number("Operational crypto units of each instance, 1 to 6", DRILL_DEFAULTS.operational),
    recovery: number("Recovery crypto units of each instance, 1 to 6", DRILL_DEFAULTS.recovery),
    failover: number("Failover crypto units of each instance, up to the operational ones", DRILL_DEFAULTS.failover),
    admins: number("Administrators of every crypto unit, 1 to 8", DRILL_DEFAULTS.admins),
    threshold: number(
      "Signatures that a command of high consequence needs, up to the administrators",
      DRILL_DEFAULTS.threshold,
    ),
    seed: {
      describe: "Fixes layout and strikes, never keys",
      defaultDescription: "a new one each time",
      requiresArg: true,
    },
    ...GROUND_OPTIONS,
    ...OUTPUT_OPTION,
  },
  run: async (argv, io) => {
    const options = optionsOf(argv);
    const output = oneOf(argv, "output", OUTPUTS);
    const quiet = argv["quiet"] === true;
    banner(io, quiet || output === "json");
    const report = await recoverAndProve(argv, options, io, quiet);
    io.out(
      output === "json" ? `${JSON.stringify(report, null, 2)}\n` : drillText(report, styleFor(io, io.outIsTerminal)),
    );
    if (!report.ok) throw new DrillFailed(report);
  },
};

function optionsOf(argv: Arguments): FleetOptions {
  const names = ["instances", "operational", "recovery", "failover", "admins", "threshold"] as const;
  const numbers = Object.fromEntries(names.map((name) => [name, wholeNumber(argv, name)])) as Omit<
    FleetOptions,
    "seed"
  >;
  const options = { ...numbers, seed: `${argv["seed"] ?? randomBytes(4).toString("hex")}` };
  checkFleetOptions(options);
  return options;
}

async function recoverAndProve(argv: Arguments, options: FleetOptions, io: Io, quiet: boolean): Promise<DrillReport> {
  const observer = observerOf(argv, io);
  const progress = progressOn(io, quiet || observer !== undefined);
  const [units, administrators] = await Promise.all([loadCore(), loadCore()]);
  const wrap = (transport: Transport): Transport => observedBy(observer, transport);
  const hooks = { signal: io.signal, progress: (line: string) => progress.show(line), wrap };
  try {
    const ground =
      argv["fleet"] === true ? await standingGround(argv, io, administrators, units) : await newGround(units);
    try {
      const chosen = { ...options, ...ground.options };
      return await runDrill(chosen, { units, administrators }, { ...hooks, house: ground.house });
    } finally {
      ground.close();
    }
  } finally {
    progress.clear();
    units.dispose();
    administrators.dispose();
  }
}
