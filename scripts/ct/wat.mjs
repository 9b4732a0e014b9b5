// Reads and prints the folded WebAssembly text that asc and Binaryen write. A node is an array of strings and nodes.

const token = /\(;[\s\S]*?;\)|;;[^\n]*|"(?:[^"\\]|\\.)*"|\(|\)|[^\s()";]+/g;

/** The module as nested arrays: ["module", ["func", "$name", ...], ...]. */
export function parseWat(text) {
  const stack = [[]];
  for (const [word] of text.matchAll(token)) {
    if (word.startsWith(";;") || word.startsWith("(;")) continue;
    if (word === "(") stack.push([]);
    else if (word === ")") {
      const node = stack.pop();
      stack.at(-1).push(node);
    } else stack.at(-1).push(word);
  }
  return stack[0][0];
}

export function printWat(node) {
  return typeof node === "string" ? node : `(${node.map(printWat).join(" ")})`;
}

export const functionsOf = (module) => module.filter((node) => Array.isArray(node) && node[0] === "func");

/** Operands of an instruction: the nodes in it that are themselves instructions. */
export const operands = (node) =>
  node.filter((part) => Array.isArray(part) && !["type", "result", "param"].includes(part[0]));
