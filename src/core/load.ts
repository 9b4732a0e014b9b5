// Loads core.wasm, which lies beside this file: from the file system in Node, by fetch in a browser.

import { WasmCore } from "./core.ts";

let compiled: Promise<WebAssembly.Module> | undefined;

/**
 * A fresh card: no keys, no units, no storage key. The module is compiled once for all cards.
 * @throws Error if core.wasm is not there; `node scripts/build.mjs` makes it.
 */
export async function loadCore(): Promise<WasmCore> {
  return instantiateCore(await compileCore());
}

/** The compiled module, which may be handed to workers. */
export function compileCore(): Promise<WebAssembly.Module> {
  compiled ??= compileFrom(new URL("./core.wasm", import.meta.url));
  return compiled;
}

/** As compileCore, of a core.wasm that lies elsewhere: a file, or what a server offers as application/wasm. */
export async function compileFrom(url: URL): Promise<WebAssembly.Module> {
  if (url.protocol !== "file:") return WebAssembly.compileStreaming(fetch(url));
  const { readFile } = await import("node:fs/promises");
  return WebAssembly.compile(new Uint8Array(await readFile(url)));
}

/** A fresh card from a compiled module or from the bytes of core.wasm. */
export function instantiateCore(source: WebAssembly.Module | BufferSource): WasmCore {
  const module = source instanceof WebAssembly.Module ? source : new WebAssembly.Module(source);
  return new WasmCore(new WebAssembly.Instance(module, {}));
}
