// The file with the root key at which certificate chains are to end, as `opentke root` prints it.

import { equal, fromHex } from "../../bytes.ts";
import type { PinnedRoot } from "../../client/roots.ts";
import type { Core } from "../../core/api.ts";
import { UsageError } from "../../errors.ts";
import { readOptionFile } from "./option-file.ts";

const POINT_SIZE = 133;

/** A root key as `GET /v1/opentke/root` gives it: {"ski", "x", "y"} in hexadecimal. @throws UsageError */
export function readRoot(file: string, core: Core): PinnedRoot {
  const text = readOptionFile("root-file", file).toString("utf8");
  try {
    const { x, y, ski } = JSON.parse(text) as Record<string, string>;
    const publicKey = Uint8Array.of(4, ...fromHex(x ?? ""), ...fromHex(y ?? ""));
    const computed = core.sha512(publicKey).slice(0, 32);
    if (publicKey.length !== POINT_SIZE) throw new Error("want coordinates of 66 bytes");
    if (ski !== undefined && !equal(computed, fromHex(ski))) throw new Error("its ski is not that of the key");
    return { name: file, ski: computed, publicKey };
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "unreadable";
    throw new UsageError(`--root-file: '${file}': want {"ski", "x", "y"} in hexadecimal: ${why}.`, { cause });
  }
}
