// Makes a module tell what it does: every branch condition and every address passes through $trace, which folds it, with the
// number of its place, into a running hash. Two runs with the same hash took the same branches and touched the same addresses.

import { functionsOf, parseWat, printWat } from "./wat.mjs";

const isAccess = (op) => /^(?:i32|i64|f32|f64|v128)\.(?:load|store)/.test(op);
const isInstruction = (part) => Array.isArray(part) && !["type", "result", "param"].includes(part[0]);

/** Which operands of an instruction must not depend on secrets: positions among its operands; -1 is the last. */
function observed(op) {
  if (isAccess(op)) return [0];
  if (op === "if") return [0];
  if (op === "br_if" || op === "select" || op === "br_table") return [-1];
  if (op === "memory.copy" || op === "memory.fill") return op === "memory.copy" ? [0, 1, 2] : [0, 2];
  // Their time depends on the operands on common processors.
  if (/^i(?:32|64)\.(?:div|rem)_[su]$/.test(op)) return [0, 1];
  return [];
}

/**
 * In: WebAssembly text. Out: the instrumented text, and for each place the function it is in and the instruction.
 * Added exports: trace_reset(limit), trace_hash(), trace_count(), trace_site() (the place of event number `limit`).
 */
export function instrument(text) {
  const module = parseWat(text);
  const sites = [];
  const visit = (node, name) => {
    for (const part of node) if (Array.isArray(part)) visit(part, name);
    const at = observed(node[0]);
    if (at.length === 0) return;
    const places = node.map((part, index) => [part, index]).filter(([part]) => isInstruction(part));
    for (const position of at) {
      const [operand, index] = places.at(position);
      const wide = node[0].startsWith("i64.div") || node[0].startsWith("i64.rem");
      sites.push({ function: name, op: node[0] });
      node[index] = ["call", wide ? "$trace64" : "$trace32", operand, ["i32.const", String(sites.length - 1)]];
    }
  };
  for (const node of functionsOf(module)) visit(node, node[1]);

  const added = parseWat(`(module
    (global $trace_h (mut i64) (i64.const 0))
    (global $trace_n (mut i32) (i32.const 0))
    (global $trace_limit (mut i32) (i32.const -1))
    (global $trace_at (mut i64) (i64.const 0))
    (global $trace_place (mut i32) (i32.const -1))
    (func $trace64 (param $x i64) (param $site i32) (result i64)
      (global.set $trace_h (i64.mul
        (i64.xor (i64.add (global.get $trace_h) (local.get $x)) (i64.shl (i64.extend_i32_u (local.get $site)) (i64.const 40)))
        (i64.const 0x9E3779B97F4A7C15)))
      (global.set $trace_h (i64.xor (global.get $trace_h) (i64.shr_u (global.get $trace_h) (i64.const 29))))
      (if (i32.eq (global.get $trace_n) (global.get $trace_limit)) (then
        (global.set $trace_at (global.get $trace_h)) (global.set $trace_place (local.get $site))))
      (global.set $trace_n (i32.add (global.get $trace_n) (i32.const 1)))
      (local.get $x))
    (func $trace32 (param $x i32) (param $site i32) (result i32)
      (drop (call $trace64 (i64.extend_i32_u (local.get $x)) (local.get $site))) (local.get $x))
    (func $trace_reset (export "trace_reset") (param $limit i32)
      (global.set $trace_h (i64.const 0)) (global.set $trace_n (i32.const 0)) (global.set $trace_at (i64.const 0))
      (global.set $trace_place (i32.const -1)) (global.set $trace_limit (local.get $limit)))
    (func $trace_hash (export "trace_hash") (result i64) (global.get $trace_h))
    (func $trace_count (export "trace_count") (result i32) (global.get $trace_n))
    (func $trace_at (export "trace_at") (result i64) (global.get $trace_at))
    (func $trace_site (export "trace_site") (result i32) (global.get $trace_place)))`).slice(1);
  return { text: printWat([...module, ...added]), sites };
}
