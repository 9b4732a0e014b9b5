// Checks of jobs against src/core/api.ts: each throws RangeError "want X, got Y".

import { SIZE } from "../../src/core/abi.ts";
import type { BlockImportJob, ExportJob, ImportJob, QuorumJob } from "../../src/core/api.ts";
import { fixed, inRange } from "../../src/core/checks.ts";

const MAX_SIGNERS = 8;
const MAX_PARTS = 20;

export function checkSigned(item: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }): void {
  fixed("publicKey", item.publicKey, SIZE.point);
  fixed("signature", item.signature, SIZE.signature);
}

export function checkQuorum({ required, signers }: QuorumJob): void {
  inRange("required", required, 0, MAX_SIGNERS);
  inRange("number of signers", signers.length, 0, MAX_SIGNERS);
  for (const signer of signers) {
    fixed("ski", signer.ski, SIZE.ski);
    if (!("valid" in signer)) checkSigned(signer);
  }
}

export function checkExport({ recipients }: ExportJob): void {
  inRange("number of recipients", recipients.length, 1, MAX_PARTS);
  for (const recipient of recipients) fixed("recipient", recipient, SIZE.point);
}

export function checkBlockImport({ blocks }: BlockImportJob): void {
  inRange("number of blocks", blocks.length, 1, MAX_PARTS);
  for (const block of blocks) fixed("block", block, SIZE.rsaBlock);
}

export function checkImport({ parts }: ImportJob): void {
  inRange("number of parts", parts.length, 1, MAX_PARTS);
  for (const part of parts) {
    fixed("originator", part.originator, SIZE.point);
    fixed("ukm", part.ukm, SIZE.ukm);
    fixed("wrapped", part.wrapped, SIZE.wrapped);
  }
}
