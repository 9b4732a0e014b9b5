// opentke bench: the crypto core and whole recoveries against baselines.

import { banner } from "../banner.ts";
import { type Command, oneOf } from "../command.ts";
import { choiceOption } from "../options.ts";

const SUITES = ["all", "primitives", "operations", "recovery"] as const;

export const bench: Command = {
  name: "bench",
  summary: "Measure the crypto core and whole recoveries beside node:crypto and @noble",
  examples: [
    ["opentke bench --quick", "all suites with fewer and shorter samples"],
    ["opentke bench --suite operations --json report.json", "one suite, and the figures in a file"],
  ],
  options: {
    suite: choiceOption("Which suite", SUITES, "all"),
    quick: { describe: "Fewer and shorter samples, smaller fleets", type: "boolean", default: false },
    json: { describe: "File for the report", requiresArg: true },
    plot: { describe: "File for a page of diagrams (SVG)", requiresArg: true },
  },
  run: async (argv, io) => {
    const suite = oneOf(argv, "suite", SUITES);
    const file = (name: "json" | "plot") => (argv[name] === undefined ? {} : { [name]: `${argv[name]}` });
    const options = {
      quick: argv["quick"] === true,
      ...(suite === "all" ? {} : { suite }),
      ...file("json"),
      ...file("plot"),
    };
    banner(io, argv["quiet"] === true);
    // Loaded when it is wanted: the suite brings two more cores and their libraries.
    const { runBench } = await import("../../../bench/main.ts");
    await runBench(options, io);
  },
};
