// opentke completion bash, zsh, fish: scripts that complete command lines in these shells. They are made from the command table.

import type { Command } from "../command.ts";
import { bashScript } from "../completion/bash.ts";
import { fishScript } from "../completion/fish.ts";
import type { Model } from "../completion/model.ts";
import { zshScript } from "../completion/zsh.ts";

function completionFor(shell: string, script: (model: Model) => string, examples: Command["examples"]): Command {
  return {
    name: `completion ${shell}`,
    summary: `Print a script that completes command lines in ${shell}`,
    examples,
    options: {},
    run: async (_, io) => {
      // The table has this command too, so it can't be imported before.
      const { completionModel } = await import("../completion-model.ts");
      io.out(script(completionModel()));
    },
  };
}

export const completionBash = completionFor("bash", bashScript, [
  [
    "opentke completion bash > ~/.local/share/bash-completion/completions/opentke",
    "for every bash from now on, where bash-completion is installed",
  ],
  ["opentke completion bash >> ~/.bashrc", "where it is not"],
]);
export const completionZsh = completionFor("zsh", zshScript, [
  [`opentke completion zsh > "\${fpath[1]}/_opentke"`, "for every zsh from now on"],
]);
export const completionFish = completionFor("fish", fishScript, [
  ["opentke completion fish > ~/.config/fish/completions/opentke.fish", "for every fish from now on"],
]);
