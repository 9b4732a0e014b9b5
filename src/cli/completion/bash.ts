// Completion for bash 3.2 or newer, with or without bash-completion.

import { type Model, wantsOf } from "./model.ts";

/** The script. All it needs is in it: no process is started for a TAB. */
export function bashScript({ places, values }: Model): string {
  const words = places.filter((place) => place.words.length > 0);
  return `# bash completion for opentke, made by 'opentke completion bash'

# Words that may follow the words in $1.
_opentke_words() {
  case "$1" in
${cases(words.map((place) => [place.path, place.words.map(({ word }) => word)]))}
  esac
}

# Options behind the words in $1.
_opentke_options() {
  case "$1" in
${cases(places.map(({ path, options }) => [path, options.map(({ word }) => word)]))}
  esac
}

# What the option $1 wants: words, @path or @text; nothing if it wants nothing.
_opentke_wants() {
  case "$1" in
${cases(Array.from(values, ([option, value]) => [option, wantsOf(value)] as const).filter(([, wants]) => wants.length > 0))}
  esac
}

_opentke() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD - 1]} line="" option="" prefix="" at word next wants
  for ((at = 1; at < COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]}
    if [[ -z $line && $word == h ]]; then word=help; fi
    case "$line" in
      "" | help | tke) next=$word ;;
      *) next="$line $word" ;;
    esac
    if [[ -n $(_opentke_options "$next") ]]; then line=$next; fi
  done
  # Whether '=' is a word of its own depends on COMP_WORDBREAKS.
  if [[ $cur == "=" ]]; then
    option=$prev cur=""
  elif [[ $prev == "=" ]]; then
    option=\${COMP_WORDS[COMP_CWORD - 2]}
  elif [[ $cur == --*=* ]]; then
    option=\${cur%%=*} prefix=\${cur%%=*}= cur=\${cur#*=}
  elif [[ $prev == -* ]]; then
    option=$prev
  fi
  COMPREPLY=()
  wants=$(_opentke_wants "$option")
  case "$wants" in
    @text) return ;;
    @path)
      local IFS=$'\\n'
      compopt -o filenames 2>/dev/null
      COMPREPLY=($(compgen -P "$prefix" -f -- "$cur"))
      return
      ;;
    ?*)
      COMPREPLY=($(compgen -P "$prefix" -W "$wants" -- "$cur"))
      return
      ;;
  esac
  wants=$(_opentke_words "$line")
  if [[ -z $wants || $cur == -* ]]; then wants=$(_opentke_options "$line"); fi
  COMPREPLY=($(compgen -W "$wants" -- "$cur"))
}

complete -F _opentke opentke
`;
}

/** Branches of a case: those with the same words are one. */
function cases(entries: readonly (readonly [string, readonly string[]])[]): string {
  const paths = new Map<string, string[]>();
  for (const [path, words] of entries) {
    const text = words.join(" ");
    paths.set(text, [...(paths.get(text) ?? []), `"${path}"`]);
  }
  return Array.from(paths, ([text, own]) => `    ${own.join(" | ")}) echo "${text}" ;;`).join("\n");
}
