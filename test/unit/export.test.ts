// Export WK and export next WK (ep11-wire.md 10.12, 11; unit-behaviour.md 6.1, 6.4).

import { beforeAll, describe, expect, it } from "vitest";
import {
  cat,
  fromHexText,
  hexOf,
  kphCertificate,
  parameterMap,
  readParameterMap,
  readRecipientInfo,
  u32,
} from "../support/handmade.ts";
import { ALL_PERMISSIONS, Id, Lab, NOTHING } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

const WK_EXPORT = 2;
const WK_1PART = 4;
const SCOPE = [0x1f, 0xc] as const;

function source(permissions = ALL_PERMISSIONS): string {
  const id = lab.operational({ permissions });
  lab.fill(id, { current: true, next: "uncommitted" });
  return id;
}

/** A unit with an importer key. */
function target(): string {
  const id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.fill(id, { importer: true });
  return id;
}

/** KPH certificate of a unit's importer key. */
const holder = (id: string): Uint8Array => kphCertificate(lab.state(id).importer!.publicKey);

/** Runs an export; a refusal changes at most the counter. */
function run(id: string, input: Uint8Array, command: number = Id.Export): { code: string; output: Uint8Array } {
  const before = lab.state(id);
  const answer = lab.run(id, command, input, lab.signers(2));
  expect({ ...lab.state(id), counter: before.counter }).toEqual(before);
  return answer;
}

/** RecipientInfos of an export's output, by index. */
const partsOf = (output: Uint8Array): Uint8Array[] =>
  readParameterMap(output).flatMap(([tag, , data]) => (tag === 0x19 ? [data!] : []));

/** Imports RecipientInfos into a unit; the pattern that comes of it. */
function imported(id: string, infos: readonly Uint8Array[]): string {
  const parts = infos.map((info) => ({ info, signers: lab.signers(1) }));
  const { code, output } = lab.send(id, lab.import(id, parts));
  expect(code).toBe("0");
  return hexOf(output);
}

describe("ep11-wire.md 10.12: a transfer", () => {
  it.each([
    ["current", Id.Export],
    ["next", Id.ExportNext],
  ] as const)("gets the %s key to another unit", (register, command) => {
    const [from, to] = [source(), target()];
    const { registers } = lab.state(from);
    const wanted = register === "current" ? registers.current! : registers.next!.pattern;
    const { code, output } = run(from, parameterMap([0x1c, 1], [0x1d, 0, holder(to)], SCOPE), command);
    expect(code).toBe("0");
    expect(imported(to, partsOf(output))).toBe(hexOf(wanted));
  });

  it("answers with 001B, 001C and 0019 for each part, each a RecipientInfo of 313 bytes for the holder's key", () => {
    const to = target();
    const { output } = run(source(), parameterMap([0x1c, 1], [0x1d, 0, holder(to)], SCOPE));
    const entries = readParameterMap(output);
    expect(entries.map(([tag, index, data]) => [tag, index, data!.length])).toEqual([
      [0x1b, 1, 0],
      [0x1c, 1, 0],
      [0x19, 0, 313],
    ]);
    const { ski } = readRecipientInfo(entries[2]![2]!);
    expect(ski).toEqual(lab.core.sha256(lab.state(to).importer!.publicKey));
  });

  it("takes the entries in any order, with or without a scope, and others it does not know", () => {
    const [from, to] = [source(), target()];
    const entries = [
      [0x1f, 0xc],
      [0x1d, 0, holder(to)],
      [0x1c, 1],
      [0x77, 5, u32(1)],
    ] as const;
    for (const order of [
      [0, 1, 2, 3],
      [2, 1, 0],
      [1, 2],
      [3, 2, 1],
    ]) {
      expect(run(from, parameterMap(...order.map((i) => entries[i]!))).code).toBe("0");
    }
  });

  it("is never the same twice: fresh originator, fresh UKM", () => {
    const [from, to] = [source(), target()];
    const parts = Array.from({ length: 2 }, () => {
      const { output } = run(from, parameterMap([0x1c, 1], [0x1d, 0, holder(to)]));
      return readRecipientInfo(partsOf(output)[0]!);
    });
    expect(parts[0]!.originator).not.toEqual(parts[1]!.originator);
    expect(parts[0]!.ukm).not.toEqual(parts[1]!.ukm);
    expect(parts[0]!.wrapped).not.toEqual(parts[1]!.wrapped);
  });

  it("exports a pending key committed or not", () => {
    for (const next of ["uncommitted", "committed"] as const) {
      const id = lab.operational({ permissions: ALL_PERMISSIONS });
      lab.fill(id, { next });
      expect(run(id, parameterMap([0x1c, 1], [0x1d, 0, holder(target())]), Id.ExportNext).code).toBe("0");
    }
  });
});

describe("section 6.4: M and N", () => {
  /** An export to N holders in reversed order, all the same unit's importer key. */
  const to = (id: string, n: number, m: number) =>
    parameterMap([0x1c, m], ...Array.from({ length: n }, (_, i) => [0x1d, n - 1 - i, holder(id)] as const));

  it.each([1, 2, 3])("M = 1: each of %i parts is the whole key", (n) => {
    const [from, at] = [source(), target()];
    const { output } = run(from, to(at, n, 1));
    const parts = partsOf(output);
    expect(parts).toHaveLength(n);
    const pattern = hexOf(lab.state(from).registers.current!);
    for (const part of parts) expect(imported(at, [part])).toBe(pattern);
  });

  it.each([2, 3, 20])("M = N = %i: random parts whose XOR is the key", (n) => {
    const [from, at] = [source(), target()];
    const { output } = run(from, to(at, n, n));
    const parts = partsOf(output);
    const pattern = hexOf(lab.state(from).registers.current!);
    expect(
      readParameterMap(output)
        .slice(0, 2)
        .map(([tag, count]) => [tag, count]),
    ).toEqual([
      [0x1b, n],
      [0x1c, n],
    ]);
    expect(imported(at, parts)).toBe(pattern);
    expect(imported(at, parts.slice(0, -1))).not.toBe(pattern);
  });

  it("gives part i to the holder with index i", () => {
    const [from, a, b] = [source(), target(), target()];
    const { output } = run(from, parameterMap([0x1d, 1, holder(b)], [0x1c, 1], [0x1d, 0, holder(a)]));
    const parts = partsOf(output);
    const pattern = hexOf(lab.state(from).registers.current!);
    expect(imported(a, [parts[0]!])).toBe(pattern);
    expect(imported(b, [parts[1]!])).toBe(pattern);
  });

  it.each([
    ["missing", 2, null],
    ["0", 2, 0],
    ["above N", 2, 3],
    ["between 1 and N", 3, 2],
  ])("32/96: M is %s", (_name, n, m) => {
    const at = target();
    const holders = Array.from({ length: n }, (_, i) => [0x1d, i, holder(at)] as const);
    expect(run(source(), parameterMap(...holders, ...(m === null ? [] : [[0x1c, m] as const]))).code).toBe("32/96");
  });

  it("32/96: M twice", () => {
    expect(run(source(), parameterMap([0x1c, 1], [0x1c, 1], [0x1d, 0, holder(target())])).code).toBe("32/96");
  });

  it("32/75: more than 20 holders", () => {
    expect(run(source(), to(target(), 21, 21)).code).toBe("32/75");
  });

  it("80/110: M = 1 without WK_1PART, even for one holder; M = N needs it not", () => {
    const from = source(ALL_PERMISSIONS & ~WK_1PART);
    const at = target();
    expect(run(from, to(at, 1, 1)).code).toBe("80/110");
    expect(run(from, to(at, 2, 1)).code).toBe("80/110");
    expect(run(from, to(at, 2, 2)).code).toBe("0");
  });

  it("80/131: without WK_EXPORT, whatever the input", () => {
    const from = source(ALL_PERMISSIONS & ~WK_EXPORT);
    expect(run(from, to(target(), 2, 2)).code).toBe("80/131");
    expect(run(from, parameterMap(), Id.ExportNext).code).toBe("80/131");
  });
});

describe("section 6.4: holders", () => {
  const good = () => holder(target());
  const offCurve = (certificate: Uint8Array) => certificate.with(176, certificate[176]! ^ 1); // Y's last bit

  it.each([
    ["none at all", () => []],
    ["one that is empty", () => [[0x1d, 0, NOTHING] as const]],
    ["one cut short", () => [[0x1d, 0, good().slice(1)] as const]],
    ["one of another kind", () => [[0x1d, 0, good().with(36, 0x4c)] as const]],
    ["one of another curve", () => [[0x1d, 0, good().with(43, 0x08)] as const]],
    ["one whose point is not on the curve", () => [[0x1d, 0, offCurve(good())] as const]],
    ["a bad one beside a good one", () => [[0x1d, 0, good()] as const, [0x1d, 1, NOTHING] as const]],
  ])("3/102: %s", (_name, holders) => {
    expect(run(source(), parameterMap([0x1c, 1], ...holders())).code).toBe("3/102");
  });

  it.each([
    ["repeated", [0, 0]],
    ["that starts at 1", [1, 2]],
    ["with a gap", [0, 2]],
    ["out of range", [0, 0xffffffff]],
  ])("32/101: an index %s", (_name, indexes) => {
    const holders = indexes.map((index) => [0x1d, index, good()] as const);
    expect(run(source(), parameterMap([0x1c, 2], ...holders)).code).toBe("32/101");
  });

  it("one holder off the curve spoils no other unit's export in a batch", () => {
    const at = target();
    const input = parameterMap([0x1c, 1], [0x1d, 0, holder(at)]);
    const bad = parameterMap([0x1c, 1], [0x1d, 0, holder(at).with(176, holder(at)[176]! ^ 1)]);
    const ids = [source(), source(), source()];
    const requests = ids.map((id, i) => ({
      unit: id,
      cprb: lab.command(id, Id.Export, i === 1 ? bad : input, { signers: lab.signers(2) }),
    }));
    const codes = lab.host.handleMany(requests).map((response, i) => lab.read(ids[i]!, response as Uint8Array).code);
    expect(codes).toEqual(["0", "3/102", "0"]);
  });
});

describe("the input's form", () => {
  it.each([
    ["nothing", NOTHING],
    ["garbage", u32(0xdeadbeef)],
    ["a SET", fromHexText("3100")],
    ["an entry of five bytes", fromHexText("3007 0405 001c000000")],
    ["bytes after the map", cat(parameterMap([0x1c, 1]), fromHexText("00"))],
    ["an INTEGER for an entry", fromHexText("3003 020101")],
  ])("32/137 for %s, the counter not consumed", (_name, input) => {
    const id = source();
    const before = lab.state(id);
    expect(lab.run(id, Id.Export, input, lab.signers(2)).code).toBe("32/137");
    expect(lab.state(id)).toBe(before);
  });
});
