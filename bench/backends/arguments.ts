// Checks of a caller's arguments against src/core/api.ts: each throws RangeError "want X, got Y".

import type { ExportJob, ImportJob, QuorumJob } from "../../src/core/api.ts";

/** Bytes. */
export const SIZE = {
  scalar: 66,
  point: 133,
  signature: 132,
  ski: 32,
  pattern: 32,
  ukm: 40,
  wrapped: 40,
} as const;

const MAX_SIGNERS = 8;
const MAX_PARTS = 20;

export function fixed(name: string, bytes: Uint8Array, size: number): void {
  if (bytes.length !== size) throw new RangeError(`want ${name} of ${size} bytes, got ${bytes.length}`);
}

export function inRange(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high) {
    throw new RangeError(`want ${name} in ${low}..${high}, got ${value}`);
  }
}

export function checkSigned(item: { readonly publicKey: Uint8Array; readonly signature: Uint8Array }): void {
  fixed("publicKey", item.publicKey, SIZE.point);
  fixed("signature", item.signature, SIZE.signature);
}

export function checkQuorum({ required, signers }: QuorumJob): void {
  inRange("required", required, 0, MAX_SIGNERS);
  inRange("number of signers", signers.length, 0, MAX_SIGNERS);
  for (const signer of signers) {
    fixed("ski", signer.ski, SIZE.ski);
    checkSigned(signer);
  }
}

export function checkExport({ recipients }: ExportJob): void {
  inRange("number of recipients", recipients.length, 1, MAX_PARTS);
  for (const recipient of recipients) fixed("recipient", recipient, SIZE.point);
}

export function checkImport({ parts }: ImportJob): void {
  inRange("number of parts", parts.length, 1, MAX_PARTS);
  for (const part of parts) {
    fixed("originator", part.originator, SIZE.point);
    fixed("ukm", part.ukm, SIZE.ukm);
    fixed("wrapped", part.wrapped, SIZE.wrapped);
  }
}
