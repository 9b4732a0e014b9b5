// The contract of Core (src/core/api.ts), run over any implementation. What the core makes is checked by node:crypto, what it
// takes is made by node:crypto; the register transitions are one table.

import { createHash, generateKeyPairSync, type KeyObject, sign, verify } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decryptPart, encryptPart, verificationPattern, xor } from "../../bench/backends/host-units.ts";
import { nodePrimitives } from "../../bench/backends/node.ts";
import type { Core, EncryptedPart, ExportJob, QuorumSigner, UnitSlot } from "../../src/core/api.ts";
import { Status } from "../../src/core/status.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const text = (value: string) => new TextEncoder().encode(value);
const N =
  0x01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409n;
const P = (1n << 521n) - 1n;
const scalarBytes = (value: bigint) => hex(value.toString(16).padStart(132, "0"));
const toBigInt = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString("hex")}`);
const flipped = (bytes: Uint8Array, at: number) => bytes.with(at < 0 ? bytes.length + at : at, bytes.at(at)! ^ 1);

/** The base point, SP 800-186, 3.2.1.5. */
const G = hex(
  "0400c6858e06b70404e9cd9e3ecb662395b4429c648139053fb521f828af606b4d3dbaa14b5e77efe75928fe1dc127a2ffa8de3348b3c1856a429bf97e7e31c2e5bd66" +
    "011839296a789a3bc0045c8a5fb42c7d1bd998f54449579b446817afbd17273e662c97ee72995ef42640c550b9013fad0761353c7086a272c24088be94769fd16650",
);
/** 133 bytes that are no point: wrong lead byte, hybrid form, off the curve, x = p, all zeros. */
const NO_POINTS: readonly [string, Uint8Array][] = [
  ["lead byte 02", G.with(0, 2)],
  ["hybrid form 06", G.with(0, 6)],
  ["off the curve", flipped(G, -1)],
  ["x = p", new Uint8Array([4, ...scalarBytes(P), ...G.subarray(67)])],
  ["y + p", new Uint8Array([...G.subarray(0, 67), ...scalarBytes(toBigInt(G.subarray(67)) + P)])],
  ["all zeros after 04", new Uint8Array(133).fill(4, 0, 1)],
];
/** Verification pattern of 00 01 .. 1f, computed with IBM's TKE SDK. */
const COUNTING_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
const COUNTING_PATTERN = hex("491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000");

interface Foreign {
  readonly key: KeyObject;
  readonly publicKey: Uint8Array;
}

function foreignKey(): Foreign {
  const key = generateKeyPairSync("ec", { namedCurve: "P-521" }).privateKey;
  return { key, publicKey: new Uint8Array(nodePrimitives.publicOf(key)) };
}

function foreignSign({ key }: Foreign, message: Uint8Array): Uint8Array {
  return new Uint8Array(sign("sha512", message, { key, dsaEncoding: "ieee-p1363" }));
}

function foreignVerify(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const key = nodePrimitives.publicKey(publicKey);
  return key !== null && verify("sha512", message, { key, dsaEncoding: "ieee-p1363" }, signature);
}

function partFor(recipient: Uint8Array, part: Uint8Array): EncryptedPart {
  return encryptPart(nodePrimitives, part, nodePrimitives.publicKey(recipient)!);
}

function openPart({ key }: Foreign, part: EncryptedPart): Uint8Array {
  const clear = decryptPart(nodePrimitives, key, part, nodePrimitives.publicKey(part.originator));
  if (typeof clear === "number") throw new Error(`want a part that opens, got status ${clear}`);
  return clear;
}

const pattern = (key: Uint8Array) => verificationPattern(nodePrimitives, key);

/** Puts a known key into the new register. */
function load(core: Core, slot: UnitSlot, key: Uint8Array): void {
  const [publicKey] = core.importerGenerate([slot]);
  const [result] = core.wkImport([{ slot, parts: [partFor(publicKey!, key)] }]);
  expect(result).toEqual({ status: Status.Ok, pattern: pattern(key) });
}

/** Puts a known key into the current register. */
function install(core: Core, slot: UnitSlot, key: Uint8Array): void {
  load(core, slot, key);
  expect(core.wkCommit(slot, pattern(key))).toBe(Status.Ok);
  expect(core.wkFinalize(slot, pattern(key))).toBe(Status.Ok);
}

function exportOk(core: Core, job: ExportJob): readonly EncryptedPart[] {
  const [result] = core.wkExport([job]);
  if (result?.status !== Status.Ok) throw new Error(`want an export, got status ${result?.status}`);
  return result.parts;
}

/** Describes every method of the interface for the core that `make` gives. */
export function coreContract(name: string, make: () => Promise<Core>): void {
  describe(`core contract: ${name}`, () => {
    let core: Core;
    beforeAll(async () => {
      core = await make();
      core.setStorageKey((view) => view.fill(0x5a));
    });
    afterAll(() => core.dispose());
    const get = () => core;
    describe("hashing", () => hashing(get));
    describe("signing keys", () => signingKeys(get));
    describe("sealed keys", () => sealedKeys(get));
    describe("ECDSA", () => ecdsa(get));
    describe("quorum", () => quorum(get));
    describe("units", () => units(get));
    describe("register transitions", () => transitions(get));
    describe("export", () => exports(get));
    describe("import", () => imports(get));
    describe("root keys", () => rootKeys(get));
    describe("life", () => life(get, make));
  });
}

type Get = () => Core;

function hashing(core: Get): void {
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

function signingKeys(core: Get): void {
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

function sealedKeys(core: Get): void {
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

function ecdsa(core: Get): void {
  it("signs to the letter of RFC 6979 (A.2.7)", () => {
    const { slot, publicKey } = core().keyImport(
      hex(
        "00fad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538",
      ),
    );
    const vectors = [
      [
        "sample",
        "00c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fa",
        "00617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67a",
      ],
      [
        "test",
        "013e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6d",
        "01fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3",
      ],
    ] as const;
    const jobs = vectors.map(([message]) => ({ key: slot, message: text(message) }));
    const signatures = core().signDeterministic(jobs);
    expect(signatures).toEqual(vectors.map(([, r, s]) => hex(r + s)));
    expect(core().verify(jobs.map(({ message }, i) => ({ publicKey, message, signature: signatures[i]! })))).toEqual([
      true,
      true,
    ]);
    core().keyFree(slot);
  });

  it("hedges: the same message is never signed twice alike", () => {
    const { slot, publicKey } = core().keyGenerate(1)[0]!;
    const job = { key: slot, message: text("same") };
    const signatures = core().sign([job, job, job]);
    expect(new Set(signatures.map(toBigInt)).size).toBe(3);
    expect(signatures).not.toContainEqual(core().signDeterministic([job])[0]);
    expect(signatures.map((signature) => foreignVerify(publicKey, job.message, signature))).toEqual([true, true, true]);
    core().keyFree(slot);
  });

  it("signs and verifies batches of mixed keys and lengths in order", () => {
    const pairs = core().keyGenerate(3);
    const jobs = Array.from({ length: 11 }, (_, i) => ({
      key: pairs[i % 3]!.slot,
      message: new Uint8Array(i * 60).fill(i),
    }));
    const signatures = core().sign(jobs);
    const checks = jobs.map((job, i) => ({
      publicKey: pairs[i % 3]!.publicKey,
      message: job.message,
      signature: signatures[i]!,
    }));
    for (const { publicKey, message, signature } of checks)
      expect(foreignVerify(publicKey, message, signature)).toBe(true);
    expect(core().verify(checks)).toEqual(jobs.map(() => true));
    const spoiled = checks.map((job, i) => (i % 4 === 1 ? { ...job, signature: flipped(job.signature, 70) } : job));
    expect(core().verify(spoiled)).toEqual(jobs.map((_, i) => i % 4 !== 1));
    expect(core().verify([])).toEqual([]);
    expect(core().sign([])).toEqual([]);
    for (const { slot } of pairs) core().keyFree(slot);
  });

  it("verifies what node:crypto signed, also after many uses of the key", () => {
    const signer = foreignKey();
    const message = text("foreign");
    const signature = foreignSign(signer, message);
    const job = { publicKey: signer.publicKey, message, signature };
    for (let use = 0; use < 24; use++) {
      expect(core().verify([job])).toEqual([true]);
      expect(core().verify([{ ...job, message: text("other") }])).toEqual([false]);
    }
  });

  it("refuses r and s out of range, and takes n - s as well as s", () => {
    const signer = foreignKey();
    const message = text("range");
    const signature = foreignSign(signer, message);
    const [r, s] = [signature.subarray(0, 66), signature.subarray(66)];
    const other = scalarBytes(N - toBigInt(s));
    const cases: [Uint8Array, Uint8Array, boolean][] = [
      [r, s, true],
      [r, other, true],
      [scalarBytes(0n), s, false],
      [r, scalarBytes(0n), false],
      [scalarBytes(N), s, false],
      [r, scalarBytes(N), false],
      [r, scalarBytes(toBigInt(s) + N), false],
      [scalarBytes(toBigInt(r) + N), s, false],
      [s, r, false],
    ];
    const jobs = cases.map(([a, b]) => ({
      publicKey: signer.publicKey,
      message,
      signature: new Uint8Array([...a, ...b]),
    }));
    expect(core().verify(jobs)).toEqual(cases.map(([, , valid]) => valid));
  });

  it.each(NO_POINTS)("refuses a public key that is no point: %s", (_, publicKey) => {
    const message = text("m");
    const signer = foreignKey();
    const good = { publicKey: signer.publicKey, message, signature: foreignSign(signer, message) };
    expect(core().verify([good, { ...good, publicKey }, good])).toEqual([true, false, true]);
  });

  it("refuses wrong sizes", () => {
    const job = { publicKey: G, message: text("m"), signature: new Uint8Array(132) };
    expect(() => core().verify([{ ...job, publicKey: G.subarray(1) }])).toThrow(RangeError);
    expect(() => core().verify([{ ...job, signature: new Uint8Array(131) }])).toThrow(RangeError);
    expect(() => core().verify([job, { ...job, signature: new Uint8Array(133) }])).toThrow(RangeError);
  });
}

function quorum(core: Get): void {
  const message = text("an encoded admin block");
  const signers = [foreignKey(), foreignKey(), foreignKey()].map(
    (signer, i): QuorumSigner => ({
      ski: new Uint8Array(32).fill(i + 1),
      publicKey: signer.publicKey,
      signature: foreignSign(signer, message),
    }),
  );
  const [a, b, c] = signers as [QuorumSigner, QuorumSigner, QuorumSigner];
  const bad = { ...b, signature: flipped(b.signature, 131) };
  const offCurve = { ...b, publicKey: flipped(G, -1) };
  const { Ok, Duplicate, BadSignature, BadPoint } = Status;
  const cases: [string, number, QuorumSigner[], boolean, number, Status[]][] = [
    ["nobody wanted, nobody there", 0, [], true, 0, []],
    ["one wanted, nobody there", 1, [], false, 0, []],
    ["two of two", 2, [a, b], true, 2, [Ok, Ok]],
    ["one too few", 3, [a, b], false, 2, [Ok, Ok]],
    ["more than wanted", 1, [a, b, c], true, 3, [Ok, Ok, Ok]],
    ["the same signer twice", 2, [a, a], false, 1, [Ok, Duplicate]],
    ["a duplicate beside enough others", 2, [a, b, a], true, 2, [Ok, Ok, Duplicate]],
    ["one rejected spoils enough others", 2, [a, bad, c], false, 2, [Ok, BadSignature, Ok]],
    ["one rejected though none is wanted", 0, [bad], false, 0, [BadSignature]],
    ["a key that is no point", 1, [offCurve, a], false, 1, [BadPoint, Ok]],
    ["a duplicate that does not verify", 1, [b, bad], false, 1, [Ok, BadSignature]],
    ["a valid one after a bad one of the same signer", 1, [bad, b], false, 1, [BadSignature, Ok]],
    ["eight signatures", 3, [a, b, c, a, b, c, a, b], true, 3, [Ok, Ok, Ok, ...Array<Status>(5).fill(Duplicate)]],
  ];
  const verdict = (met: boolean, distinct: number, statuses: Status[]) => ({ met, distinct, statuses });

  it.each(cases)("%s", (_, required, list, met, distinct, statuses) => {
    expect(core().verifyQuorum([{ message, required, signers: list }])).toEqual([verdict(met, distinct, statuses)]);
  });

  it("judges all of them in one call alike", () => {
    const jobs = cases.map(([, required, list]) => ({ message, required, signers: list }));
    expect(core().verifyQuorum(jobs)).toEqual(
      cases.map(([, , , met, count, statuses]) => verdict(met, count, statuses)),
    );
    const moved = core().verifyQuorum([{ message: flipped(message, 0), required: 1, signers: [a] }]);
    expect(moved).toEqual([verdict(false, 0, [BadSignature])]);
  });

  it("counts by the identity that it is told, not by the key", () => {
    const alias = { ...a, ski: new Uint8Array(32).fill(9) };
    expect(core().verifyQuorum([{ message, required: 2, signers: [a, alias] }])).toEqual([verdict(true, 2, [Ok, Ok])]);
  });

  it("refuses numbers and sizes out of range", () => {
    const refused = (required: number, list: QuorumSigner[]) =>
      expect(() => core().verifyQuorum([{ message, required, signers: list }])).toThrow(RangeError);
    refused(-1, []);
    refused(9, []);
    refused(1, Array<QuorumSigner>(9).fill(a));
    refused(1, [{ ...a, ski: new Uint8Array(31) }]);
    refused(1, [{ ...a, publicKey: G.subarray(0, 132) }]);
    refused(1, [{ ...a, signature: new Uint8Array(131) }]);
  });
}

function units(core: Get): void {
  it("begin empty, and a copy goes its own way", () => {
    const slot = core().unitAlloc();
    expect(core().registers(slot)).toEqual({ current: null, next: null });
    install(core(), slot, COUNTING_KEY);
    const copy = core().unitCopy(slot);
    expect(core().registers(copy)).toEqual({ current: COUNTING_PATTERN, next: null });
    expect(core().wkGenerate(copy)).toBe(Status.Ok);
    core().wkClearCurrent(slot);
    expect(core().registers(slot)).toEqual({ current: null, next: null });
    const after = core().registers(copy);
    expect(after.current).toEqual(COUNTING_PATTERN);
    core().unitFree(slot);
    expect(core().registers(copy)).toEqual(after);
    core().unitFree(copy);
  });

  it("are refused once freed, whatever is asked", () => {
    const slot = core().unitAlloc();
    core().unitFree(slot);
    const calls: (() => unknown)[] = [
      () => core().unitCopy(slot),
      () => core().unitFree(slot),
      () => core().unitSeal([{ slot, context: text("c") }]),
      () => core().registers(slot),
      () => core().importerGenerate([slot]),
      () => core().wkGenerate(slot),
      () => core().wkExport([{ slot, register: "current", recipients: [G], split: false }]),
      () => core().wkImport([{ slot, parts: [partFor(G, COUNTING_KEY)] }]),
      () => core().wkCommit(slot, COUNTING_PATTERN),
      () => core().wkFinalize(slot, COUNTING_PATTERN),
      () => core().wkClearCurrent(slot),
      () => core().wkClearNew(slot),
      () => core().unitZeroize(slot),
      () => core().rootKeyGenerate(slot, 1),
      () => core().rootKeyPatterns(slot, []),
    ];
    for (const call of calls) expect(call).toThrow(RangeError);
    expect(() => core().registers(core().unitSlots as UnitSlot)).toThrow(RangeError);
    expect(() => core().registers(-1 as UnitSlot)).toThrow(RangeError);
  });

  it("unseal with both registers, the commitment and the importer key", () => {
    const slot = core().unitAlloc();
    install(core(), slot, COUNTING_KEY);
    const key = new Uint8Array(32).fill(7);
    load(core(), slot, key);
    core().wkCommit(slot, pattern(key));
    const [importer] = core().importerGenerate([slot]);
    const before = core().registers(slot);
    const [blob] = core().unitSeal([{ slot, context: text("unit 1") }]);
    core().unitFree(slot);
    const [again] = core().unitUnseal([{ blob: blob!, context: text("unit 1") }]);
    expect(core().registers(again!)).toEqual(before);
    expect(before).toEqual({ current: COUNTING_PATTERN, next: { pattern: pattern(key), committed: true } });
    const third = new Uint8Array(32).fill(3);
    expect(core().wkImport([{ slot: again!, parts: [partFor(importer!, third)] }])).toEqual([
      { status: Status.Ok, pattern: pattern(third) },
    ]);
    core().unitFree(again!);
  });

  it("seal and unseal in batches; what was changed or misplaced is null", () => {
    const slots = Array.from({ length: 4 }, () => core().unitAlloc());
    for (const slot of slots.slice(1)) core().wkGenerate(slot);
    const patterns = slots.map((slot) => core().registers(slot));
    const contexts = slots.map((_, i) => text(`unit ${i}`));
    const blobs = core().unitSeal(slots.map((slot, i) => ({ slot, context: contexts[i]! })));
    for (const slot of slots) core().unitFree(slot);
    const jobs = blobs.map((blob, i) => ({ blob, context: contexts[i]! }));
    const spoiled = [
      jobs[0]!,
      { ...jobs[1]!, blob: flipped(blobs[1]!, 40) },
      { ...jobs[2]!, context: contexts[1]! },
      jobs[3]!,
    ];
    const [first, second, third, fourth] = core().unitUnseal(spoiled);
    expect([second, third]).toEqual([null, null]);
    expect(core().registers(first!)).toEqual(patterns[0]);
    expect(core().registers(fourth!)).toEqual(patterns[3]);
    core().unitFree(first!);
    core().unitFree(fourth!);
    for (let at = 0; at < blobs[1]!.length; at++) {
      expect(core().unitUnseal([{ ...jobs[1]!, blob: flipped(blobs[1]!, at) }])).toEqual([null]);
    }
  });

  it("can be made and freed more often than there are slots", () => {
    for (let i = 0; i < core().unitSlots + 10; i++) core().unitFree(core().unitAlloc());
  });

  it("are refused with RangeError when all slots are in use", () => {
    const slots: UnitSlot[] = [];
    const fill = () => {
      for (let i = 0; i <= core().unitSlots; i++) slots.push(core().unitAlloc());
    };
    expect(fill).toThrow(RangeError);
    expect(new Set(slots).size).toBe(slots.length);
    for (const slot of slots) core().unitFree(slot);
    core().unitFree(core().unitAlloc());
  });
}

const KEY_A = new Uint8Array(32).fill(0xa1);
const KEY_B = new Uint8Array(32).fill(0xb2);
const NONE = { current: null, next: null };
const A = { current: pattern(KEY_A) };
const NO = { current: null };
const B = (committed: boolean) => ({ next: { pattern: pattern(KEY_B), committed } });

function transitions(core: Get): void {
  const { Ok, NewEmpty, NotCommitted, PatternMismatch } = Status;
  type Op = (c: Core, slot: UnitSlot) => Status | undefined;
  const ops = {
    commit: (c, slot) => c.wkCommit(slot, pattern(KEY_B)),
    "commit, last 4 bytes of the pattern set": (c, slot) =>
      c.wkCommit(slot, new Uint8Array(pattern(KEY_B)).fill(255, 28)),
    "commit, wrong pattern": (c, slot) => c.wkCommit(slot, flipped(pattern(KEY_B), 27)),
    finalize: (c, slot) => c.wkFinalize(slot, pattern(KEY_B)),
    "finalize, wrong pattern": (c, slot) => c.wkFinalize(slot, flipped(pattern(KEY_B), 0)),
    "clear current": (c, slot) => void c.wkClearCurrent(slot),
    "clear new": (c, slot) => void c.wkClearNew(slot),
    zeroize: (c, slot) => void c.unitZeroize(slot),
  } satisfies Record<string, Op>;
  const states = {
    "empty, empty": NONE,
    "empty, uncommitted": { ...NO, ...B(false) },
    "empty, committed": { ...NO, ...B(true) },
    "valid, empty": { ...A, next: null },
    "valid, uncommitted": { ...A, ...B(false) },
    "valid, committed": { ...A, ...B(true) },
  };
  type Row = [keyof typeof ops, keyof typeof states, Status | undefined, keyof typeof states | "B, empty"];
  const table: Row[] = [
    ...Object.keys(states).flatMap((from): Row[] => {
      const state = from as keyof typeof states;
      const [current, next] = state.split(", ") as [string, "empty" | "uncommitted" | "committed"];
      const committed = next === "empty" ? state : (`${current}, committed` as keyof typeof states);
      const empty = { empty: NewEmpty, uncommitted: NotCommitted, committed: PatternMismatch }[next];
      return [
        ["commit", state, next === "empty" ? NewEmpty : Ok, committed],
        ["commit, last 4 bytes of the pattern set", state, next === "empty" ? NewEmpty : Ok, committed],
        ["commit, wrong pattern", state, next === "empty" ? NewEmpty : PatternMismatch, state],
        ["finalize", state, next === "committed" ? Ok : empty, next === "committed" ? "B, empty" : state],
        ["finalize, wrong pattern", state, empty, state],
        ["clear current", state, undefined, `empty, ${next}`],
        ["clear new", state, undefined, `${current}, empty` as keyof typeof states],
        ["zeroize", state, undefined, "empty, empty"],
      ];
    }),
  ];
  const prepared = (state: keyof typeof states): UnitSlot => {
    const slot = core().unitAlloc();
    if (state.startsWith("valid")) install(core(), slot, KEY_A);
    if (!state.endsWith(", empty")) load(core(), slot, KEY_B);
    if (state.endsWith(", committed")) core().wkCommit(slot, pattern(KEY_B));
    expect(core().registers(slot)).toEqual(states[state]);
    return slot;
  };

  it.each(table)("%s in %s: status %s, then %s", (op, from, status, to) => {
    const slot = prepared(from);
    expect(ops[op](core(), slot)).toBe(status);
    expect(core().registers(slot)).toEqual(to === "B, empty" ? { current: pattern(KEY_B), next: null } : states[to]);
    core().unitFree(slot);
  });

  it.each(Object.keys(states) as (keyof typeof states)[])("generate in %s", (state) => {
    const slot = prepared(state);
    const status = core().wkGenerate(slot);
    const after = core().registers(slot);
    if (state.startsWith("empty")) {
      expect([status, after.next]).toEqual([Ok, states[state].next]);
      expect(after.current).toHaveLength(32);
      expect(after.current!.subarray(28)).toEqual(new Uint8Array(4));
    } else if (state === "valid, empty") {
      expect([status, after.current, after.next?.committed]).toEqual([Ok, A.current, false]);
    } else {
      expect([status, after]).toEqual([Status.BothOccupied, states[state]]);
    }
    core().unitFree(slot);
  });

  it("generates a different key every time", () => {
    const slot = core().unitAlloc();
    const seen = Array.from({ length: 20 }, () => {
      core().wkClearCurrent(slot);
      core().wkGenerate(slot);
      return toBigInt(core().registers(slot).current!);
    });
    expect(new Set(seen).size).toBe(20);
    core().unitFree(slot);
  });

  it("refuses patterns of other sizes", () => {
    const slot = prepared("empty, committed");
    for (const size of [0, 28, 31, 33]) {
      expect(() => core().wkCommit(slot, new Uint8Array(size))).toThrow(RangeError);
      expect(() => core().wkFinalize(slot, new Uint8Array(size))).toThrow(RangeError);
    }
    core().unitFree(slot);
  });

  it("zeroize forgets the importer key", () => {
    const slot = core().unitAlloc();
    const [publicKey] = core().importerGenerate([slot]);
    core().unitZeroize(slot);
    expect(core().wkImport([{ slot, parts: [partFor(publicKey!, KEY_A)] }])).toEqual([{ status: Status.NoImporter }]);
    core().unitFree(slot);
  });
}

function exports(core: Get): void {
  const people = [foreignKey(), foreignKey(), foreignKey()];
  const recipients = people.map((person) => person.publicKey);
  const unit = () => {
    const slot = core().unitAlloc();
    install(core(), slot, KEY_A);
    load(core(), slot, KEY_B);
    return slot;
  };

  it("gives every recipient the whole key, each under fresh keys", () => {
    const slot = unit();
    const parts = exportOk(core(), { slot, register: "current", recipients, split: false });
    expect(parts.map((part, i) => openPart(people[i]!, part))).toEqual(
      [KEY_A, KEY_A, KEY_A].map((key) => Buffer.from(key)),
    );
    for (const part of parts) {
      expect([part.originator.length, part.ukm.length, part.wrapped.length]).toEqual([133, 40, 40]);
    }
    expect(new Set(parts.map((part) => toBigInt(part.originator))).size).toBe(3);
    expect(new Set(parts.map((part) => toBigInt(part.ukm))).size).toBe(3);
    core().unitFree(slot);
  });

  it("splits into random parts whose XOR is the key", () => {
    const slot = unit();
    const open = () =>
      exportOk(core(), { slot, register: "next", recipients, split: true }).map((part, i) =>
        openPart(people[i]!, part),
      );
    const [first, second] = [open(), open()];
    expect(xor(first)).toEqual(KEY_B);
    expect(xor(second)).toEqual(KEY_B);
    expect(new Set([...first, ...second].map(toBigInt)).size).toBe(6);
    const [alone] = exportOk(core(), { slot, register: "next", recipients: recipients.slice(0, 1), split: true });
    expect(xor([openPart(people[0]!, alone!)])).toEqual(KEY_B);
    core().unitFree(slot);
  });

  it("serves 20 recipients and many jobs in one call, and changes nothing", () => {
    const slot = unit();
    const before = core().registers(slot);
    const many = Array.from({ length: 20 }, (_, i) => recipients[i % 3]!);
    const jobs: ExportJob[] = [
      { slot, register: "current", recipients: many, split: true },
      { slot, register: "next", recipients: [recipients[0]!], split: false },
    ];
    const [all, one] = core().wkExport(jobs);
    if (all?.status !== Status.Ok || one?.status !== Status.Ok) throw new Error("want two exports");
    expect(xor(all.parts.map((part, i) => openPart(people[i % 3]!, part)))).toEqual(KEY_A);
    expect(xor([openPart(people[0]!, one.parts[0]!)])).toEqual(KEY_B);
    expect(core().registers(slot)).toEqual(before);
    core().unitFree(slot);
  });

  it("says which register is empty, without spoiling other jobs", () => {
    const slot = unit();
    const empty = core().unitAlloc();
    const job = { recipients: [G], split: false } as const;
    const results = core().wkExport([
      { slot: empty, register: "current", ...job },
      { slot, register: "current", ...job },
      { slot: empty, register: "next", ...job },
    ]);
    expect(results.map((result) => result.status)).toEqual([Status.CurrentEmpty, Status.Ok, Status.NewEmpty]);
    core().unitFree(slot);
    core().unitFree(empty);
  });

  it.each(NO_POINTS)("names the recipient that is no point: %s", (_, bad) => {
    const slot = unit();
    const job = { slot, register: "current", split: false } as const;
    const results = core().wkExport([
      { ...job, recipients: [recipients[0]!, recipients[1]!, bad, recipients[2]!] },
      { ...job, recipients: [recipients[0]!] },
    ]);
    expect(results[0]).toEqual({ status: Status.BadPoint, recipient: 2 });
    expect(results[1]!.status).toBe(Status.Ok);
    core().unitFree(slot);
  });

  it("refuses wrong numbers and sizes", () => {
    const slot = unit();
    const refused = (list: Uint8Array[]) =>
      expect(() => core().wkExport([{ slot, register: "current", recipients: list, split: false }])).toThrow(
        RangeError,
      );
    refused([]);
    refused(Array<Uint8Array>(21).fill(G));
    refused([G.subarray(1)]);
    core().unitFree(slot);
  });
}

function imports(core: Get): void {
  const withImporter = () => {
    const slot = core().unitAlloc();
    const [publicKey] = core().importerGenerate([slot]);
    return { slot, publicKey: publicKey! };
  };

  it("takes one part as the key", () => {
    const { slot, publicKey } = withImporter();
    const [result] = core().wkImport([{ slot, parts: [partFor(publicKey, COUNTING_KEY)] }]);
    expect(result).toEqual({ status: Status.Ok, pattern: COUNTING_PATTERN });
    expect(core().registers(slot)).toEqual({ current: null, next: { pattern: COUNTING_PATTERN, committed: false } });
    core().unitFree(slot);
  });

  it.each([2, 3, 20])("XORs %d parts", (count) => {
    const { slot, publicKey } = withImporter();
    const clear = Array.from({ length: count }, (_, i) => new Uint8Array(createHash("sha256").update(`${i}`).digest()));
    const [result] = core().wkImport([{ slot, parts: clear.map((part) => partFor(publicKey, part)) }]);
    expect(result).toEqual({ status: Status.Ok, pattern: pattern(xor(clear)) });
    core().unitFree(slot);
  });

  it("overwrites a pending key, committed or not", () => {
    const { slot, publicKey } = withImporter();
    core().wkImport([{ slot, parts: [partFor(publicKey, KEY_A)] }]);
    core().wkCommit(slot, pattern(KEY_A));
    core().wkImport([{ slot, parts: [partFor(publicKey, KEY_B)] }]);
    expect(core().registers(slot)).toEqual({ ...NO, ...B(false) });
    core().unitFree(slot);
  });

  it("refuses the key that is current, and changes nothing", () => {
    const slot = core().unitAlloc();
    install(core(), slot, KEY_A);
    load(core(), slot, KEY_B);
    const [publicKey] = core().importerGenerate([slot]);
    const results = core().wkImport([{ slot, parts: [partFor(publicKey!, KEY_A)] }]);
    expect(results).toEqual([{ status: Status.SameKey }]);
    expect(core().registers(slot)).toEqual({ ...A, ...B(false) });
    core().unitFree(slot);
  });

  it("names the part that fails, changes nothing and spoils no other job", () => {
    const bad = withImporter();
    const good = withImporter();
    load(core(), bad.slot, KEY_B);
    const [publicKey] = core().importerGenerate([bad.slot]);
    const part = partFor(publicKey!, KEY_A);
    const broken: [EncryptedPart, Status][] = [
      ...NO_POINTS.map(([, originator]): [EncryptedPart, Status] => [{ ...part, originator }, Status.BadPoint]),
      [{ ...part, originator: G }, Status.BadWrap],
      [{ ...part, ukm: flipped(part.ukm, 0) }, Status.BadWrap],
      ...[0, 7, 8, 39].map((at): [EncryptedPart, Status] => [
        { ...part, wrapped: flipped(part.wrapped, at) },
        Status.BadWrap,
      ]),
    ];
    for (const [spoiled, status] of broken) {
      const results = core().wkImport([
        { slot: bad.slot, parts: [part, spoiled, part] },
        { slot: good.slot, parts: [partFor(good.publicKey, KEY_A)] },
      ]);
      expect(results).toEqual([
        { status, part: 1 },
        { status: Status.Ok, pattern: pattern(KEY_A) },
      ]);
      expect(core().registers(bad.slot)).toEqual({ ...NO, ...B(false) });
    }
    core().unitFree(bad.slot);
    core().unitFree(good.slot);
  });

  it("a new importer key makes parts for the old one useless", () => {
    const { slot, publicKey } = withImporter();
    const part = partFor(publicKey, KEY_A);
    const [next] = core().importerGenerate([slot]);
    expect(next).not.toEqual(publicKey);
    expect(core().wkImport([{ slot, parts: [part] }])).toEqual([{ status: Status.BadWrap, part: 0 }]);
    core().unitFree(slot);
  });

  it("wants an importer key", () => {
    const slot = core().unitAlloc();
    expect(core().wkImport([{ slot, parts: [partFor(G, KEY_A)] }])).toEqual([{ status: Status.NoImporter }]);
    core().unitFree(slot);
  });

  it("makes importer keys for many units at once, all different", () => {
    const slots = Array.from({ length: 5 }, () => core().unitAlloc());
    const keys = core().importerGenerate(slots);
    expect(new Set(keys.map(toBigInt)).size).toBe(5);
    const jobs = slots.map((slot, i) => ({ slot, parts: [partFor(keys[i]!, KEY_A)] }));
    expect(core().wkImport(jobs)).toEqual(slots.map(() => ({ status: Status.Ok, pattern: pattern(KEY_A) })));
    expect(core().importerGenerate([])).toEqual([]);
    for (const slot of slots) core().unitFree(slot);
  });

  it("refuses wrong numbers and sizes", () => {
    const { slot, publicKey } = withImporter();
    const part = partFor(publicKey, KEY_A);
    const refused = (parts: EncryptedPart[]) => expect(() => core().wkImport([{ slot, parts }])).toThrow(RangeError);
    refused([]);
    refused(Array<EncryptedPart>(21).fill(part));
    refused([{ ...part, originator: part.originator.subarray(1) }]);
    refused([{ ...part, ukm: part.ukm.subarray(1) }]);
    refused([{ ...part, wrapped: part.wrapped.subarray(8) }]);
    core().unitFree(slot);
  });
}

function rootKeys(core: Get): void {
  it("are wrapped under the current register and open there alone", () => {
    const [one, two] = [core().unitAlloc(), core().unitAlloc()];
    install(core(), one, KEY_A);
    install(core(), two, KEY_B);
    const roots = core().rootKeyGenerate(one, 3)!;
    const blobs = roots.map((root) => root.blob);
    expect(new Set(roots.map((root) => toBigInt(root.pattern))).size).toBe(3);
    expect(core().rootKeyPatterns(one, blobs)).toEqual(roots.map((root) => root.pattern));
    expect(core().rootKeyPatterns(two, blobs)).toEqual([null, null, null]);
    const mixed = [blobs[0]!, flipped(blobs[1]!, 3), blobs[2]!];
    expect(core().rootKeyPatterns(one, mixed)).toEqual([roots[0]!.pattern, null, roots[2]!.pattern]);
    core().wkClearCurrent(two);
    install(core(), two, KEY_A);
    expect(core().rootKeyPatterns(two, blobs)).toEqual(roots.map((root) => root.pattern));
    core().unitFree(one);
    core().unitFree(two);
  });

  it("need a current key", () => {
    const slot = core().unitAlloc();
    expect(core().rootKeyGenerate(slot, 1)).toBeNull();
    expect(core().rootKeyPatterns(slot, [new Uint8Array(40)])).toEqual([null]);
    install(core(), slot, KEY_A);
    expect(core().rootKeyGenerate(slot, 0)).toEqual([]);
    expect(core().rootKeyPatterns(slot, [])).toEqual([]);
    core().unitFree(slot);
  });
}

function life(core: Get, make: () => Promise<Core>): void {
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
