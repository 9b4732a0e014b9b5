// Contract of Core: export and import of a register's key.

import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { xor } from "../../../bench/backends/host-units.ts";
import type { EncryptedPart, ExportJob } from "../../../src/core/api.ts";
import { Status } from "../../../src/core/status.ts";
import {
  COUNTING_KEY,
  COUNTING_PATTERN,
  CURRENT_A,
  exportOk,
  flipped,
  foreignKey,
  G,
  type Get,
  install,
  KEY_A,
  KEY_B,
  load,
  NO_CURRENT,
  NO_POINTS,
  nextB,
  openPart,
  partFor,
  pattern,
  toBigInt,
} from "./kit.ts";

export function exporting(core: Get): void {
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

export function importing(core: Get): void {
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
    expect(core().registers(slot)).toEqual({ ...NO_CURRENT, ...nextB(false) });
    core().unitFree(slot);
  });

  it("refuses the key that is current, and changes nothing", () => {
    const slot = core().unitAlloc();
    install(core(), slot, KEY_A);
    load(core(), slot, KEY_B);
    const [publicKey] = core().importerGenerate([slot]);
    const results = core().wkImport([{ slot, parts: [partFor(publicKey!, KEY_A)] }]);
    expect(results).toEqual([{ status: Status.SameKey }]);
    expect(core().registers(slot)).toEqual({ ...CURRENT_A, ...nextB(false) });
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
      expect(core().registers(bad.slot)).toEqual({ ...NO_CURRENT, ...nextB(false) });
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
