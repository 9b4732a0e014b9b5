// Contract of Core: hashing, signing keys in slots, sealed keys.

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { flipped, foreignVerify, G, type Get, hex, N, P, scalarBytes, text, toBigInt } from "./kit.ts";

export function hashing(core: Get): void {
  it("SHA-512 and SHA-256 of abc (FIPS 180-4)", () => {
    expect(core().sha512(text("abc"))).toEqual(
      hex(
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
      ),
    );
    expect(core().sha256(text("abc"))).toEqual(hex("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
  });

  it("agrees with node:crypto at every length of three blocks, and on a long message", () => {
    const data = Uint8Array.from({ length: 200_000 }, (_, i) => (i * 7 + (i >> 8)) & 255);
    const lengths = [...Array(400).keys(), 65_535, 65_536, data.length];
    for (const length of lengths) {
      const part = data.subarray(0, length);
      expect(core().sha256(part)).toEqual(new Uint8Array(createHash("sha256").update(part).digest()));
      expect(core().sha512(part)).toEqual(new Uint8Array(createHash("sha512").update(part).digest()));
    }
  });
}

export function signingKeys(core: Get): void {
  it("generates distinct keys that sign", () => {
    const pairs = core().keyGenerate(3);
    expect(new Set(pairs.map((pair) => pair.slot)).size).toBe(3);
    expect(new Set(pairs.map((pair) => toBigInt(pair.publicKey))).size).toBe(3);
    for (const { slot, publicKey } of pairs) {
      const [signature] = core().sign([{ key: slot, message: text("hello") }]);
      expect(publicKey.length).toBe(133);
      expect(foreignVerify(publicKey, text("hello"), signature!)).toBe(true);
      core().keyFree(slot);
    }
    expect(core().keyGenerate(0)).toEqual([]);
  });

  it("imports scalars 1 and n-1 as G and -G", () => {
    const one = core().keyImport(scalarBytes(1n));
    const last = core().keyImport(scalarBytes(N - 1n));
    expect(one.publicKey).toEqual(G);
    expect(last.publicKey.subarray(0, 67)).toEqual(G.subarray(0, 67));
    expect(toBigInt(last.publicKey.subarray(67))).toBe(P - toBigInt(G.subarray(67)));
    core().keyFree(one.slot);
    core().keyFree(last.slot);
  });

  it.each([0n, N, N + 1n, P, (1n << 528n) - 1n])("refuses scalar %x", (value) => {
    expect(() => core().keyImport(scalarBytes(value))).toThrow(RangeError);
  });

  it("keeps no reference to the scalar it was given", () => {
    const scalar = scalarBytes(12_345n);
    const { slot, publicKey } = core().keyImport(scalar);
    scalar.fill(0xff);
    const [signature] = core().sign([{ key: slot, message: text("m") }]);
    expect(foreignVerify(publicKey, text("m"), signature!)).toBe(true);
    core().keyFree(slot);
  });

  it("refuses wrong sizes, counts and slots", () => {
    expect(() => core().keyImport(new Uint8Array(65).fill(1))).toThrow(RangeError);
    expect(() => core().keyImport(new Uint8Array(67).fill(1))).toThrow(RangeError);
    expect(() => core().keyGenerate(-1)).toThrow(RangeError);
    expect(() => core().keyGenerate(1.5)).toThrow(RangeError);
    const { slot } = core().keyGenerate(1)[0]!;
    core().keyFree(slot);
    expect(() => core().keyFree(slot)).toThrow(RangeError);
    expect(() => core().sign([{ key: slot, message: text("m") }])).toThrow(RangeError);
    expect(() => core().signDeterministic([{ key: slot, message: text("m") }])).toThrow(RangeError);
    expect(() => core().keySeal(slot, text("c"))).toThrow(RangeError);
    expect(() => core().keyFree(-1 as typeof slot)).toThrow(RangeError);
    expect(() => core().keyFree(core().keySlots as typeof slot)).toThrow(RangeError);
  });
}

export function sealedKeys(core: Get): void {
  it("unseals to the same key", () => {
    const pair = core().keyGenerate(1)[0]!;
    const blob = core().keySeal(pair.slot, text("oa:1"));
    core().keyFree(pair.slot);
    const again = core().keyUnseal(blob, text("oa:1"))!;
    expect(again.publicKey).toEqual(pair.publicKey);
    const [signature] = core().sign([{ key: again.slot, message: text("m") }]);
    expect(foreignVerify(pair.publicKey, text("m"), signature!)).toBe(true);
    core().keyFree(again.slot);
  });

  it("is bound to its context, and no byte of it may change", () => {
    const { slot } = core().keyGenerate(1)[0]!;
    const blob = core().keySeal(slot, text("oa:1"));
    core().keyFree(slot);
    for (const context of ["oa:2", "", "oa:1 ", "oa:"]) expect(core().keyUnseal(blob, text(context))).toBeNull();
    for (let at = 0; at < blob.length; at++) expect(core().keyUnseal(flipped(blob, at), text("oa:1"))).toBeNull();
    for (const size of [0, 1, blob.length - 1]) {
      expect(core().keyUnseal(blob.subarray(0, size), text("oa:1"))).toBeNull();
    }
    expect(core().keyUnseal(new Uint8Array([...blob, 0]), text("oa:1"))).toBeNull();
  });

  it("takes contexts of 0 and 1,024 bytes, not of 1,025", () => {
    const { slot } = core().keyGenerate(1)[0]!;
    for (const size of [0, 1024]) {
      const blob = core().keySeal(slot, new Uint8Array(size));
      const again = core().keyUnseal(blob, new Uint8Array(size));
      expect(again).not.toBeNull();
      core().keyFree(again!.slot);
    }
    expect(() => core().keySeal(slot, new Uint8Array(1025))).toThrow(RangeError);
    core().keyFree(slot);
  });

  it("does not take a unit's blob for a key, nor a key's for a unit", () => {
    const unit = core().unitAlloc();
    const [blob] = core().unitSeal([{ slot: unit, context: text("c") }]);
    expect(core().keyUnseal(blob!, text("c"))).toBeNull();
    core().unitFree(unit);
    const { slot } = core().keyGenerate(1)[0]!;
    const sealed = core().keySeal(slot, text("c"));
    expect(core().unitUnseal([{ blob: sealed, context: text("c") }])).toEqual([null]);
    core().keyFree(slot);
  });
}
