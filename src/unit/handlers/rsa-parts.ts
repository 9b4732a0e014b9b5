// Key parts for an RSA importer key (ep11-wire.md 11.4): decrypted on the host, unpadded and put together in the card.

import type { BlockImportJob, Core, ImportResult } from "../../core/api.ts";
import { rsaImporterContext } from "../contexts.ts";
import { decryptRaw, hasRsa } from "../rsa.ts";
import type { UnitState } from "../state.ts";

/** An import whose parts are still encrypted. */
export interface RsaImport {
  readonly state: UnitState;
  /** As in BlockImportJob. */
  readonly slot: BlockImportJob["slot"];
  /** 1..20 ciphertexts of 256 bytes. */
  readonly ciphertexts: readonly Uint8Array[];
}

/** The results of all imports in one call of the card; null where the seal of the importer key does not open, or nobody does RSA. */
export function importRsaParts(core: Core, imports: readonly RsaImport[]): (ImportResult | null)[] {
  const blocks = imports.map((one) => decrypt(core, one));
  try {
    const jobs = imports.flatMap(({ slot }, i) => (blocks[i] ? [{ slot, blocks: blocks[i] }] : []));
    const results = core.wkImportBlocks(jobs);
    let next = 0;
    return blocks.map((opened) => (opened ? results[next++]! : null));
  } finally {
    for (const block of blocks.flatMap((opened) => opened ?? [])) block.fill(0);
  }
}

function decrypt(core: Core, { state, ciphertexts }: RsaImport): Uint8Array[] | null {
  const { publicKey, sealedKey } = state.importer!;
  const isOpenable = sealedKey !== null && hasRsa();
  const privateKey = isOpenable ? core.hostKeyUnseal(sealedKey, rsaImporterContext(state, publicKey)) : null;
  if (privateKey === null) return null;
  try {
    return decryptRaw({ publicKey, privateKey }, ciphertexts);
  } finally {
    privateKey.fill(0);
  }
}
