// opentke fleet destroy: removes the fleet in OPENTKE_HOME, its storage key included. There is no way back.

import { InterruptedError } from "../../errors.ts";
import { destroyStore, filesOfStore } from "../../fleet/store/open.ts";
import type { Command } from "../command.ts";
import { KEY_OPTIONS, placeOf } from "../fleet-place.ts";
import { DRY_RUN_OPTION } from "../options.ts";
import { styleFor } from "../style.ts";
import { dryRunText } from "../tke/dry-run.ts";
import { Prompts } from "../tke/prompts.ts";

export const fleetDestroy: Command = {
  name: "fleet destroy",
  summary: "Remove the fleet in OPENTKE_HOME and its storage key, for good",
  examples: [["opentke fleet destroy --force", "without a question"]],
  options: {
    force: { alias: "f", describe: "Ask nothing", type: "boolean", default: false },
    "storage-key-file": KEY_OPTIONS["storage-key-file"],
    ...DRY_RUN_OPTION,
  },
  run: async (argv, io) => {
    const place = placeOf(argv, io);
    const files = filesOfStore(place);
    io.err(
      `This removes the fleet, every master key in it and its audit log:\n${files.map((file) => `  ${file}\n`).join("")}`,
    );
    if (argv["dry-run"] === true) return io.out(dryRunText("remove these files"));
    if (!(await new Prompts(argv, io).confirm("Remove them? [y/N]")))
      throw new InterruptedError("Nothing was removed.");
    await destroyStore(place);
    io.out(`${styleFor(io, io.outIsTerminal).good("OK")}\n`);
  },
};
