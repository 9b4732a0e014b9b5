// Worked key transports through the card: importer keys with known private scalars, parts with known keys.

import { beforeAll, describe, expect, test } from "vitest";
import { Status } from "../../../src/core/status.ts";
import { decodeSlot, EMPTY_UNIT, readSlot, writeSlot } from "../../support/unit-slots.ts";
import { hex, readVectors } from "../../support/vectors.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const SLOT = 3;
const JOB = ARENA;
const PARTS = ARENA + 0x1000;
/** The scratch of sha2, aes, kdf and register in layout.ts. */
const SCRATCH = 0x640000;
const SCRATCH_END = 0x740000;

interface WorkedTransfer {
  readonly kind: string;
  readonly importerPrivateKey: { readonly d: string };
  readonly masterKey: string;
  readonly verificationPattern: string;
  readonly recipientInfo: string;
}

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

/** Status, index and pattern of an import by a unit with the given importer key. */
function importParts(scalar: Uint8Array, ...parts: readonly Uint8Array[]) {
  writeSlot(card, SLOT, { ...EMPTY_UNIT, importer: scalar });
  [SLOT, parts.length, 0xdead, 0].forEach((word, i) => {
    card.view.setUint32(JOB + 4 * i, word, true);
  });
  parts.forEach((part, i) => {
    card.memory.set(part, PARTS + 213 * i);
  });
  expect(card.call("wkImport", 1, JOB, PARTS)).toBe(Status.Ok);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return {
    status: card.view.getUint32(JOB + 8, true),
    pattern: Buffer.from(card.memory.subarray(JOB + 16, JOB + 48)).toString("hex"),
    next: decodeSlot(readSlot(card, SLOT)).next,
  };
}

describe("import of worked key transports", () => {
  const scalar = (value: number) => new Uint8Array(66).fill(value, 65);
  const ukm = Uint8Array.from({ length: 40 }, (_, i) => i);
  const key = Uint8Array.from({ length: 32 }, (_, i) => i);
  /** 3 G, the public key of originator scalar 3. */
  const originator = () => {
    const [at, out] = [ARENA + 0x3000, ARENA + 0x3100];
    card.memory.set(scalar(3), at);
    [at, out, 0, 0].forEach((word, i) => {
      card.view.setUint32(JOB + 4 * i, word, true);
    });
    expect(card.call("publicKeyMany", 1, JOB)).toBe(Status.Ok);
    return card.memory.slice(out, out + 133);
  };
  const wrapped = "1eef48e16379669f62851513719edbc6ec35e40e72d559964040f3a29cff193cf08c9f7899d5a730";
  const withoutNull = "18be83ba082a00e7d780952fb9e1c921ca999864c235a296befbdee1f47375425346e4c5b334da92";

  test("ep11-wire.md 13: importer scalar 2, originator scalar 3", () => {
    const result = importParts(scalar(2), new Uint8Array([...originator(), ...ukm, ...hex(wrapped)]));
    expect(result).toEqual({
      status: Status.Ok,
      pattern: "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000",
      next: { key, committed: false },
    });
  });

  test("ep11-wire.md 13, keyInfo without NULL: refused", () => {
    const result = importParts(scalar(2), new Uint8Array([...originator(), ...ukm, ...hex(withoutNull)]));
    expect(result).toMatchObject({ status: Status.BadWrap, next: null });
  });

  const worked = readVectors<WorkedTransfer>("recipient-info.json").cases.filter(
    ({ kind }) => kind === "transfer-not-from-sdk",
  );
  test("there are two in recipient-info.json", () => expect(worked).toHaveLength(2));

  /** Originator at 29, UKM at 166, wrapped key at 273 (ep11-wire.md 11.1). */
  const partOf = (info: Uint8Array) =>
    new Uint8Array([...info.subarray(29, 162), ...info.subarray(166, 206), ...info.subarray(273)]);

  test.each(worked)("recipient-info.json, pattern $verificationPattern", (one) => {
    const info = hex(one.recipientInfo);
    expect(info).toHaveLength(313);
    const result = importParts(hex(one.importerPrivateKey.d), partOf(info));
    expect(result).toEqual({
      status: Status.Ok,
      pattern: one.verificationPattern,
      next: { key: hex(one.masterKey), committed: false },
    });
  });

  test.each([0, 21])("%i parts: BadArgument", (count) => {
    writeSlot(card, SLOT, { ...EMPTY_UNIT, importer: scalar(2) });
    card.view.setUint32(JOB, SLOT, true);
    card.view.setUint32(JOB + 4, count, true);
    expect(card.call("wkImport", 1, JOB, PARTS)).toBe(Status.BadArgument);
    card.view.setUint32(JOB + 12, count, true);
    expect(card.call("wkExport", 1, JOB, PARTS, PARTS)).toBe(Status.BadArgument);
  });

  test("65 parts of several jobs: BadArgument", () => {
    for (let i = 0; i < 13; i++) {
      card.view.setUint32(JOB + 48 * i, SLOT, true);
      card.view.setUint32(JOB + 48 * i + 4, 5, true);
      card.view.setUint32(PARTS + 24 * i, SLOT, true);
      card.view.setUint32(PARTS + 24 * i + 12, 5, true);
    }
    expect(card.call("wkImport", 13, JOB, PARTS + 0x1000)).toBe(Status.BadArgument);
    expect(card.call("wkExport", 13, PARTS, PARTS + 0x1000, PARTS + 0x4000)).toBe(Status.BadArgument);
  });
});
