// What the contract of Core is checked with: known values, keys of node:crypto and registers with known contents.

import { generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { expect } from "vitest";
import { decryptPart, encryptPart, verificationPattern } from "../../../bench/backends/host-units.ts";
import { nodePrimitives } from "../../../bench/backends/node.ts";
import type { Core, EncryptedPart, ExportJob, UnitSlot } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";

export const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
export const text = (value: string) => new TextEncoder().encode(value);
export const N =
  0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n;
export const P = (1n << 521n) - 1n;
export const scalarBytes = (value: bigint) => hex(value.toString(16).padStart(132, "0"));
export const toBigInt = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
export const flipped = (bytes: Uint8Array, at: number) =>
  bytes.with(at < 0 ? bytes.length + at : at, bytes.at(at)! ^ 1);

/** The base point, SP 800-186, 3.2.1.5. */
export const G = hex(
  "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66" +
    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
);
/** 133 bytes that are no point: wrong lead byte, hybrid form, off the curve, x = p, all zeros. */
export const NO_POINTS: readonly [string, Uint8Array][] = [
  ["lead byte 02", G.with(0, 2)],
  ["hybrid form 06", G.with(0, 6)],
  ["off the curve", flipped(G, -1)],
  ["x = p", new Uint8Array([4, ...scalarBytes(P), ...G.subarray(67)])],
  ["y + p", new Uint8Array([...G.subarray(0, 67), ...scalarBytes(toBigInt(G.subarray(67)) + P)])],
  ["all zeros after 04", new Uint8Array(133).fill(4, 0, 1)],
];
/** Verification pattern of 00 01 .. 1f, computed with IBM's TKE SDK. */
export const COUNTING_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
export const COUNTING_PATTERN = hex("491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000");

export interface Foreign {
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
}

export function foreignKey(): Foreign {
  const key = generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey;
  return { key, publicKey: new Uint8Array(nodePrimitives.publicOf(key)) };
}

export function foreignSign({ key }: Foreign, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign("sha512", message, { key, dsaEncoding: "ieee-p1363" }));
}

export function foreignVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = nodePrimitives.publicKey(publicKey);
  return key !== null && verify("sha512", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

export function partFor(recipient: Uint8Array, part: Uint8Array): EncryptedPart {
  return encryptPart(nodePrimitives, part, nodePrimitives.publicKey(recipient)!);
}

export function openPart({ key }: Foreign, part: EncryptedPart): Uint8Array {
  const clear = decryptPart(nodePrimitives, key, part, nodePrimitives.publicKey(part.originator));
  if (typeof clear === "number") throw new Error(`want a part that opens, got status ${clear}`);
  return clear;
}

export const pattern = (key: Uint8Array) => verificationPattern(nodePrimitives, key);

/** Puts a known key into the new register. */
export function load(core: Core, slot: UnitSlot, key: Uint8Array): void {
  const [publicKey] = core.importerGenerate([slot]);
  const [result] = core.wkImport([{ slot, parts: [partFor(publicKey!, key)] }]);
  expect(result).toEqual({ status: Status.Ok, pattern: pattern(key) });
}

/** Puts a known key into the current register. */
export function install(core: Core, slot: UnitSlot, key: Uint8Array): void {
  load(core, slot, key);
  expect(core.wkCommit(slot, pattern(key))).toBe(Status.Ok);
  expect(core.wkFinalize(slot, pattern(key))).toBe(Status.Ok);
}

export function exportOk(core: Core, job: ExportJob): readonly EncryptedPart[] {
  const [result] = core.wkExport([job]);
  if (result?.status !== Status.Ok) throw new Error(`want an export, got status ${result?.status}`);
  return result.parts;
}

export const KEY_A = new Uint8Array(32).fill(0xa1);
export const KEY_B = new Uint8Array(32).fill(0xb2);

/** What registers() tells, by parts: nothing; current = KEY_A; current empty; new = KEY_B. */
export const BOTH_EMPTY = { current: null, next: null };
export const CURRENT_A = { current: pattern(KEY_A) };
export const NO_CURRENT = { current: null };
export const nextB = (committed: boolean) => ({ next: { pattern: pattern(KEY_B), committed } });

export type Get = () => Core;
