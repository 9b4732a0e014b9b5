// A function of the compiled text in which everything loaded from memory is taken for a secret: which branches, selects,
// addresses and divisions depend on it? Flow-insensitive: a local that is ever set from a secret is secret.

import { operands } from "./wat.mjs";

const isLoad = (op) => /^(?:i32|i64|f32|f64|v128)\.load/.test(op);
const isStore = (op) => /^(?:i32|i64|f32|f64|v128)\.store/.test(op);

/** The instructions of `func` that depend on a secret, as text. In: a ["func", ...] node; names of parameters that are secret. */
export function leaks(func, secretParams = []) {
  const secret = new Set(secretParams);
  /** Is the value of this instruction secret? Marks locals on the way. */
  const value = (node) => {
    const [op] = node;
    const inner = operands(node).map(value);
    const any = inner.some(Boolean);
    if (op === "local.get") return secret.has(node[1]);
    if (op === "local.set" || op === "local.tee") {
      if (any) secret.add(node[1]);
      return op === "local.tee" && secret.has(node[1]);
    }
    if (isLoad(op)) return true;
    if (op === "call") return true;
    if (op.endsWith(".const") || op === "global.get") return false;
    return any;
  };
  const body = operands(func).filter((node) => node[0] !== "local");
  for (let before = -1; before !== secret.size; ) {
    before = secret.size;
    body.forEach(value);
  }
  const found = [];
  const inspect = (node) => {
    const [op] = node;
    const parts = operands(node);
    parts.forEach(inspect);
    const bad = (index) => parts.at(index) !== undefined && value(parts.at(index));
    if ((op === "if" && bad(0)) || ((op === "br_if" || op === "select") && bad(-1))) found.push(op);
    if (op === "br_table") found.push(op);
    if ((isLoad(op) || isStore(op)) && bad(0)) found.push(`address of ${op}`);
    if (/\.(?:div|rem)_[su]$/.test(op) && parts.some((_, index) => bad(index))) found.push(op);
  };
  body.forEach(inspect);
  return found;
}
