// Completion for fish, with descriptions.

import { type Model, type Place, type Value, wantsOf } from "./model.ts";

/** The script. All it needs is in it: no process is started for a TAB. */
export function fishScript({ places, values }: Model): string {
  return `# fish completion for opentke, made by 'opentke completion fish'

# The words of the command line that name a place in it.
function __opentke_place
    set -l line ''
    for word in (commandline -opc)[2..-1]
        set -l next "$line $word"
        switch $line
            case '' help tke
                set next (string replace -r '^h$' help -- $word)
        end
        if contains -- "$next" ${places.map(({ path }) => quoted(path)).join(" ")}
            set line $next
        end
    end
    echo $line
end

function __opentke_at
    test (__opentke_place) = "$argv[1]"
end

complete -c opentke -f
${places.flatMap((place) => linesOf(place, values)).join("\n")}
`;
}

function linesOf({ path, words, options }: Place, values: Model["values"]): string[] {
  const at = `complete -c opentke -n ${quoted(`__opentke_at ${quoted(path)}`)}`;
  return [
    ...words.map(({ word, about }) => `${at} -a ${word} -d ${quoted(about)}`),
    ...options.map(({ word, about }) => `${at} ${flagOf(word)}${wantsText(values.get(word))} -d ${quoted(about)}`),
  ];
}

function flagOf(word: string): string {
  return word.startsWith("--") ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`;
}

function wantsText(value: Value | undefined): string {
  if (value === undefined || value.kind === "none") return "";
  if (value.kind === "path") return " -r -F";
  return value.kind === "words" ? ` -x -a ${quoted(wantsOf(value).join(" "))}` : " -x";
}

function quoted(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
