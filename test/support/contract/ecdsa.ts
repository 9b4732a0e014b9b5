// Contract of Core: ECDSA and quorums.

import { expect, it } from "vitest";
import type { EcdsaSigner, JudgedSigner, QuorumSigner } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import {
  flipped,
  foreignKey,
  foreignSign,
  foreignVerify,
  G,
  type Get,
  hex,
  N,
  NO_POINTS,
  scalarBytes,
  text,
  toBigInt,
} from "./kit.ts";

export function ecdsa(core: Get): void {
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

export function quorum(core: Get): void {
  const message = text("an encoded admin block");
  const signers = [foreignKey(), foreignKey(), foreignKey()].map(
    (signer, i): EcdsaSigner => ({
      ski: new Uint8Array(32).fill(i + 1),
      publicKey: signer.publicKey,
      signature: foreignSign(signer, message),
    }),
  );
  const [a, b, c] = signers as [EcdsaSigner, EcdsaSigner, EcdsaSigner];
  const judged = (i: number, valid: boolean): JudgedSigner => ({ ski: new Uint8Array(32).fill(i), valid });
  const [yes, no, again] = [judged(0x71, true), judged(0x72, false), judged(1, true)];
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
    ["one judged valid", 1, [yes], true, 1, [Ok]],
    ["one judged invalid", 0, [no], false, 0, [BadSignature]],
    ["verified and judged together", 3, [a, yes, b], true, 3, [Ok, Ok, Ok]],
    ["a judged one in front, one rejected behind", 1, [yes, bad], false, 1, [Ok, BadSignature]],
    ["a judged rejection spoils enough others", 1, [a, no, b], false, 2, [Ok, BadSignature, Ok]],
    ["judged twice", 2, [yes, yes], false, 1, [Ok, Duplicate]],
    ["judged, of an identity that was verified", 2, [a, again], false, 1, [Ok, Duplicate]],
    ["verified, of an identity that was judged", 2, [again, a, b], true, 2, [Ok, Duplicate, Ok]],
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
