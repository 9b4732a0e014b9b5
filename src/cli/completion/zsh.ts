// Completion for zsh, with descriptions: to be sourced after compinit, or put into a folder of fpath as _opentke.

import { type Model, type Word, wantsOf } from "./model.ts";

/** The script. All it needs is in it: no process is started for a TAB. */
export function zshScript({ places, values }: Model): string {
  const words = places.filter((place) => place.words.length > 0);
  return `#compdef opentke
# zsh completion for opentke, made by 'opentke completion zsh'

# Words that may follow the words in $1.
_opentke_words() {
  reply=()
  case "$1" in
${words.map((place) => branch(place.path, place.words.map(described))).join("\n")}
  esac
}

# Options behind the words in $1.
_opentke_options() {
  reply=()
  case "$1" in
${places.map(({ path, options }) => branch(path, options.map(described))).join("\n")}
  esac
}

# What the option $1 wants: words, @path or @text; nothing if it wants nothing.
_opentke_wants() {
  reply=()
  case "$1" in
${Array.from(values, ([option, value]) => [option, wantsOf(value)] as const)
  .filter(([, wants]) => wants.length > 0)
  .map(([option, wants]) => branch(option, wants))
  .join("\n")}
  esac
}

_opentke() {
  local line="" option="" cur=\${words[CURRENT]} word next at
  local -a reply
  for ((at = 2; at < CURRENT; at++)); do
    word=\${words[at]}
    if [[ -z $line && $word == h ]]; then word=help; fi
    case "$line" in
      "" | help | tke) next=$word ;;
      *) next="$line $word" ;;
    esac
    _opentke_options "$next"
    if ((\${#reply})); then line=$next; fi
  done
  if [[ $cur == --*=* ]]; then
    option=\${cur%%=*}
    compset -P '*='
  elif ((CURRENT > 2)) && [[ \${words[CURRENT - 1]} == -* ]]; then
    option=\${words[CURRENT - 1]}
  fi
  _opentke_wants "$option"
  case "\${reply[1]}" in
    @text) _message value; return ;;
    @path) _files; return ;;
    ?*) compadd -- "\${reply[@]}"; return ;;
  esac
  _opentke_words "$line"
  if [[ $cur == -* || \${#reply} -eq 0 ]]; then
    _opentke_options "$line"
    _describe -o option reply
  else
    _describe command reply
  fi
}

if [[ "\${funcstack[1]}" == _opentke ]]; then
  _opentke "$@"
else
  compdef _opentke opentke
fi
`;
}

function described({ word, about }: Word): string {
  return `${word}:${about}`;
}

function branch(path: string, words: readonly string[]): string {
  return `    ${quoted(path)}) reply=(${words.map(quoted).join(" ")}) ;;`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
