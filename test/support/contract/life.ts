// Contract of Core: table capacity, storage keys, the end; and cores that work together.

import { expect, it } from "vitest";
import type { Core } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import { exportOk, foreignKey, foreignSign, type Get, text } from "./kit.ts";

export function life(core: Get, make: () => Promise<Core>): void {
  it("verifies with any table capacity", () => {
    const signer = foreignKey();
    const job = { publicKey: signer.publicKey, message: text("m"), signature: foreignSign(signer, text("m")) };
    for (const capacity of [0, 1, 16]) {
      core().setTableCapacity(capacity);
      for (let use = 0; use < 16; use++)
        expect(core().verify([job, { ...job, message: text("n") }])).toEqual([true, false]);
    }
    expect(() => core().setTableCapacity(-1)).toThrow(RangeError);
  });

  it("opens blobs under their own storage key alone", async () => {
    const other = await make();
    const slot = other.unitAlloc();
    const key = other.keyGenerate(1)[0]!;
    expect(() => other.unitSeal([{ slot, context: text("c") }])).toThrow();
    expect(() => other.keySeal(key.slot, text("c"))).toThrow();
    let view: Uint8Array | undefined;
    other.setStorageKey((bytes) => {
      view = bytes;
      bytes.fill(1);
    });
    expect(view).toHaveLength(32);
    const [blob] = other.unitSeal([{ slot, context: text("c") }]);
    const sealed = other.keySeal(key.slot, text("c"));
    other.setStorageKey((bytes) => bytes.fill(2));
    expect(other.unitUnseal([{ blob: blob!, context: text("c") }])).toEqual([null]);
    expect(other.keyUnseal(sealed, text("c"))).toBeNull();
    other.setStorageKey((bytes) => bytes.fill(1));
    expect(other.unitUnseal([{ blob: blob!, context: text("c") }])).not.toContain(null);
    expect(other.keyUnseal(sealed, text("c"))?.publicKey).toEqual(key.publicKey);
    other.dispose();
  });

  it("is of no use once disposed of", async () => {
    const other = await make();
    const unit = other.unitAlloc();
    const { slot } = other.keyGenerate(1)[0]!;
    other.dispose();
    expect(() => other.keyGenerate(1)).toThrow();
    expect(() => other.unitAlloc()).toThrow();
    expect(() => other.registers(unit)).toThrow();
    expect(() => other.sign([{ key: slot, message: text("m") }])).toThrow();
    expect(() => other.setStorageKey((view) => view.fill(1))).toThrow();
  });
}

/** What one core exports, another imports; what one signs, another verifies; their root keys open for each other. */
export function interopContract(
  nameA: string,
  makeA: () => Promise<Core>,
  nameB: string,
  makeB: () => Promise<Core>,
): void {
  it(`${nameA} -> ${nameB}`, async () => {
    const [a, b] = [await makeA(), await makeB()];
    const [source, target] = [a.unitAlloc(), b.unitAlloc()];
    a.wkGenerate(source);
    const { current } = a.registers(source);
    const [importer] = b.importerGenerate([target]);
    for (const recipients of [[importer!], [importer!, importer!, importer!]]) {
      const parts = exportOk(a, { slot: source, register: "current", recipients, split: recipients.length > 1 });
      expect(b.wkImport([{ slot: target, parts }])).toEqual([{ status: Status.Ok, pattern: current }]);
    }
    expect([b.wkCommit(target, current!), b.wkFinalize(target, current!)]).toEqual([Status.Ok, Status.Ok]);
    const roots = a.rootKeyGenerate(source, 2)!;
    expect(
      b.rootKeyPatterns(
        target,
        roots.map((root) => root.blob),
      ),
    ).toEqual(roots.map((root) => root.pattern));

    const { slot, publicKey } = a.keyGenerate(1)[0]!;
    const message = text("from one to the other");
    const [signature] = a.sign([{ key: slot, message }]);
    expect(b.verify([{ publicKey, message, signature: signature! }])).toEqual([true]);
    expect(b.verify([{ publicKey, message: text("no"), signature: signature! }])).toEqual([false]);
    a.dispose();
    b.dispose();
  });
}
