// The key parts of an import WK: every fault has its reason code, and the order is that of unit-behaviour.md 6.4.
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import { decodeImportParts, type ImportFault, MAX_IMPORT_PARTS } from "../../src/commands/import-parts.ts";
import { hex } from "../support/vectors.ts";

const adminDomain = "0000001600000001";
const moduleId = "39334141424431585a10b0f463cd828f";
const counter = `${"00".repeat(15)}08`;
const context = { domain: 22, adminDomain: hex(adminDomain), moduleId: hex(moduleId), counter: hex(counter) };

const size = (text: string): string => {
  const length = hex(text).length;
  return (length < 0x80 ? "" : "81") + length.toString(16).padStart(2, "0");
};
const string = (content: string): string => `04${size(content)}${content}`;
const sequence = (...fields: readonly string[]): string => `30${size(fields.join(""))}${fields.join("")}`;

const block = {
  commandId: string("0000000c"),
  adminDomain: string(adminDomain),
  moduleId: string(moduleId),
  counter: string(counter),
  input: string("3003020103"),
};
const blockOf = (changes: Partial<typeof block> = {}): string => sequence(...Object.values({ ...block, ...changes }));

const request = {
  functionId: string("00010029"),
  domain: string("00000016"),
  block: string(blockOf()),
  signatures: string("3000"),
};
const partOf = (changes: Partial<typeof request> = {}): string =>
  sequence(...Object.values({ ...request, ...changes }));
const withBlock = (changes: Partial<typeof block>): string => partOf({ block: string(blockOf(changes)) });

const faultOf = (text: string): ImportFault | undefined => {
  const decoded = decodeImportParts(hex(text), context);
  return decoded.ok ? undefined : decoded.fault;
};

it("sound parts", () => {
  const decoded = decodeImportParts(hex(partOf() + partOf()), context);
  if (!decoded.ok) throw new Error(`want parts, got reason ${decoded.fault.reason}`);
  expect(decoded.parts.length).toBe(2);
  for (const part of decoded.parts) {
    expect(toHex(part.block)).toBe(blockOf());
    expect(toHex(part.signatures)).toBe("3000");
    expect(toHex(part.recipientInfo)).toBe("3003020103");
  }
});

it("as many parts as there may be, and one more", () => {
  expect(MAX_IMPORT_PARTS).toBe(20);
  expect(faultOf(partOf().repeat(20))).toBeUndefined();
  expect(faultOf(partOf().repeat(21))).toEqual({ reason: 75, part: undefined });
});

/** In the order in which a unit looks for them, each with a part that has this fault alone. */
const faults: readonly (readonly [string, number, string])[] = [
  ["not a sequence", 3, "0400"],
  ["cut short", 3, partOf().slice(0, -6)],
  ["a field that is no OCTET STRING", 3, sequence("020101", request.domain, request.block, request.signatures)],
  ["lengths not minimal", 3, partOf({ domain: "04810400000016" })],
  ["three fields", 4, sequence(request.functionId, request.domain, request.block)],
  ["five fields", 4, sequence(...Object.values(request), "0400")],
  ["no block", 8, partOf({ block: "0400" })],
  ["block of four fields", 5, partOf({ block: string(sequence(...Object.values(block).slice(1))) })],
  ["block of six fields", 5, partOf({ block: string(sequence(...Object.values(block), "0400")) })],
  ["empty block", 5, partOf({ block: string("3000") })],
  ["function id of 3 bytes", 65, partOf({ functionId: string("010029") })],
  ["another function", 6, partOf({ functionId: string("00010026") })],
  ["another domain", 7, partOf({ domain: string("00000017") })],
  ["domain of 5 bytes", 7, partOf({ domain: string("0000000016") })],
  ["no signature", 9, partOf({ signatures: "0400" })],
  ["block that is not DER", 10, partOf({ block: string("0400") })],
  ["bytes after the block", 10, partOf({ block: string(`${blockOf()}00`) })],
  ["another command", 11, withBlock({ commandId: string("0000000b") })],
  ["command id of 3 bytes", 11, withBlock({ commandId: string("00000c") })],
  ["another instance", 20, withBlock({ adminDomain: string("0000001600000002") })],
  ["domain of 7 bytes", 20, withBlock({ adminDomain: string("00000016000000") })],
  ["another module", 17, withBlock({ moduleId: string(moduleId.replace("39", "38")) })],
  ["another counter", 19, withBlock({ counter: string(counter.replace("08", "09")) })],
];

describe("faults", () => {
  it.each(faults)("%s: reason %i", (_, reason, text) => {
    expect(faultOf(text)).toEqual({ reason, part: 0 });
    expect(faultOf(partOf() + text)).toEqual({ reason, part: 1 });
    // The first faulty part counts, and any fault counts before their number.
    expect(faultOf(`${text}0400`)).toEqual({ reason, part: 0 });
  });

  it("no parts", () => expect(faultOf("")).toEqual({ reason: 2, part: undefined }));

  it("a fault in the last of too many parts comes before their number", () => {
    expect(faultOf(`${partOf().repeat(21)}0400`)).toEqual({ reason: 3, part: 21 });
  });
});

describe("order", () => {
  // Everything from the function id on is wrong; then one fault after the other is mended.
  const wrong = {
    commandId: string("0000000b"),
    adminDomain: string("0000001600000002"),
    moduleId: string("00"),
    counter: string("00"),
  };
  const steps: readonly (readonly [number, string])[] = [
    [8, partOf({ functionId: "0400", domain: "0400", block: "0400", signatures: "0400" })],
    [5, partOf({ functionId: "0400", domain: "0400", block: string("3000"), signatures: "0400" })],
    [65, partOf({ functionId: "0400", domain: "0400", block: string("0500"), signatures: "0400" })],
    [6, partOf({ functionId: string("00010026"), domain: "0400", block: string("0500"), signatures: "0400" })],
    [7, partOf({ domain: "0400", block: string("0500"), signatures: "0400" })],
    [9, partOf({ block: string("0500"), signatures: "0400" })],
    [10, partOf({ block: string("0500") })],
    [11, withBlock(wrong)],
    [20, withBlock({ ...wrong, commandId: block.commandId })],
    [17, withBlock({ moduleId: wrong.moduleId, counter: wrong.counter })],
    [19, withBlock({ counter: wrong.counter })],
  ];

  it.each(steps)("reason %i comes first", (reason, text) => {
    expect(faultOf(text)).toEqual({ reason, part: 0 });
  });
});

it("parts are views on the input", () => {
  const input = concat(hex(partOf()));
  const decoded = decodeImportParts(input, context);
  if (!decoded.ok) throw new Error("want parts");
  expect(decoded.parts.every((part) => part.block.buffer === input.buffer)).toBe(true);
});
