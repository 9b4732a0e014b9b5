// What sealed blobs are bound to: a blob moved to another unit, module or state does not open.

import { concat, EMPTY, u32 } from "../bytes.ts";
import type { UnitState } from "./state.ts";

const text = new TextEncoder();
const OA_KEY = text.encode("opentke oa key 1");
const OA_ROOT = text.encode("opentke oa root 1");
const UNIT = text.encode("opentke unit 1");
const RSA_IMPORTER = text.encode("opentke rsa importer 1");

/** Bytes of the longest unit id; keeps contexts below what a core takes. */
export const MAX_UNIT_ID = 256;

/** Of the sealed OA key of a module. */
export function oaKeyContext(serial: string): Uint8Array {
  return concat(OA_KEY, text.encode(serial));
}

/** Of the sealed key of a root. */
export function oaRootContext(): Uint8Array {
  return OA_ROOT.slice();
}

/** Of a unit's sealed RSA importer key, whose public key is `publicKey`. It outlives changes of the registers. */
export function rsaImporterContext(
  { id, serial, domain, domainInstance }: UnitState,
  publicKey: Uint8Array,
): Uint8Array {
  const name = text.encode(id);
  return concat(
    ...[RSA_IMPORTER, u32(name.length), name, text.encode(serial), u32(domain), u32(domainInstance)],
    publicKey,
  );
}

const Present = { Current: 1, Next: 2, Committed: 4, Importer: 8 } as const;

/** Of a unit's sealed secrets: who it is, and all that its public state says of them. Each field has a fixed place or a length. */
export function unitContext(state: UnitState): Uint8Array {
  const { current, next } = state.registers;
  const { importer } = state;
  const id = text.encode(state.id);
  const flags =
    (current === null ? 0 : Present.Current) |
    (next === null ? 0 : Present.Next) |
    (next?.committed ? Present.Committed : 0) |
    (importer === null ? 0 : Present.Importer);
  return concat(
    ...[UNIT, u32(id.length), id, text.encode(state.serial), u32(state.domain), u32(state.domainInstance), u32(flags)],
    ...[
      current ?? EMPTY,
      next?.pattern ?? EMPTY,
      importer === null ? EMPTY : u32(importer.type),
      importer?.publicKey ?? EMPTY,
    ],
  );
}
