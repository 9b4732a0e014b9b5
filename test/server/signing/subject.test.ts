// What a signing service sees in what it is to sign: what IBM's client has signed, blocks put together by hand, and everything that must
// not pass for something else.

import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../../src/commands/registry.ts";
import { SIGNED_COMMANDS } from "../../../src/server/signing/details.ts";
import { KINDS, subjectOf, subjectText } from "../../../src/server/signing/subject.ts";
import { isQuery } from "../../../src/wire/ids.ts";
import {
  adminBlock,
  ascii,
  cat,
  certificate,
  fromHexText,
  kphCertificate,
  octets,
  parameterMap,
  recipientInfo,
  seq,
  spki,
  u32,
} from "../../support/handmade.ts";
import { hex, readVectors } from "../../support/vectors.ts";

const NOTHING = new Uint8Array(0);
const UNIT = {
  adminDomain: u32(22, 3),
  moduleId: cat(ascii("93AABD1X"), new Uint8Array(8).fill(0xab)),
  counter: cat(new Uint8Array(14), Uint8Array.of(1, 4)),
};
const block = (command: number, input: Uint8Array, changes = {}) => adminBlock({ command, input, ...UNIT, ...changes });
const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
const POINT = cat(Uint8Array.of(4), new Uint8Array(132).fill(7));
const SKI = Uint8Array.from(sha256(POINT));
const SKI_HEX = sha256(POINT).toString("hex");
const PATTERN = Uint8Array.from({ length: 32 }, (_, i) => i);
const PATTERN_HEX = Buffer.from(PATTERN).toString("hex");
const PART = recipientInfo({ originator: POINT, ukm: new Uint8Array(40), ski: SKI, wrapped: new Uint8Array(40) });
const EXPORT = parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(POINT)], [0x1f, 12]);

describe("every command that is signed", () => {
  const cases: [name: string, id: number, input: Uint8Array, details: object, text: string][] = [
    [
      "add-domain-administrator",
      0x02,
      certificate(spki(POINT), SKI, "Alice"),
      { name: "Alice", ski: SKI_HEX, keyType: "p521ec" },
      `name Alice, ski ${SKI_HEX}, key type p521ec`,
    ],
    ["remove-domain-administrator", 0x04, SKI, { ski: SKI_HEX }, `ski ${SKI_HEX}`],
    [
      "set-domain-attributes",
      0x08,
      u32(1, 2, 2, 1, 3, 0x0fff2055, 4, 0),
      { signatureThreshold: 2, revocationThreshold: 1, permissions: "0fff2055", operationalMode: "00000000" },
      "signature threshold 2, revocation threshold 1, permissions 0fff2055, operational mode 00000000",
    ],
    ["set-domain-attributes", 0x08, u32(7, 5), { attribute7: "00000005" }, "attribute7 00000005"],
    ["generate-importer-key", 0x09, u32(3), { importerKey: "P521" }, "importer key P521"],
    ["generate-importer-key", 0x09, u32(9), { importerKey: "type 9" }, "importer key type 9"],
    ["generate-random-wk", 0x0a, NOTHING, {}, ""],
    ["export-wk", 0x0b, EXPORT, { recipients: SKI_HEX, partsNeeded: 1 }, `recipients ${SKI_HEX}, parts needed 1`],
    ["import-wk", 0x0c, PART, { keyPartFor: SKI_HEX }, `key part for ${SKI_HEX}`],
    ["commit-pending-wk", 0x0d, PATTERN, { pattern: PATTERN_HEX }, `pattern ${PATTERN_HEX}`],
    ["finalize-wk", 0x0e, PATTERN, { pattern: PATTERN_HEX }, `pattern ${PATTERN_HEX}`],
    ["zeroize-domain", 0x10, NOTHING, {}, ""],
    ["set-domain-control-points", 0x11, fromHexText(`80${"00".repeat(15)}`), { controlPoints: "ADD_CPBS" }, ""],
    [
      "add-domain-control-points",
      0x12,
      fromHexText(`${"00".repeat(8)}20${"00".repeat(7)}`),
      { controlPoints: "BTC" },
      "",
    ],
    ["delete-domain-control-points", 0x13, fromHexText(`${"00".repeat(15)}01`), { controlPoints: "127" }, ""],
    ["clear-current-wk", 0x1b, NOTHING, {}, ""],
    ["clear-pending-wk", 0x1c, NOTHING, {}, ""],
    ["export-next-wk", 0x26, EXPORT, { recipients: SKI_HEX, partsNeeded: 1 }, ""],
  ];

  it.each(cases)("%s (%#x): unit, counter, input", (name, id, input, details, text) => {
    const subject = subjectOf(block(id, input));
    const unit = {
      serial: "93AABD1X",
      moduleId: `${Buffer.from("93AABD1X").toString("hex")}${"ab".repeat(8)}`,
      domain: 22,
      domainInstance: 3,
    };
    expect(subject).toMatchObject({ kind: name, unit, counter: "260" });
    if (name !== "set-domain-control-points") expect(subject.details).toEqual(details);
    const line = subjectText(subject);
    expect(line.startsWith(`${name}, unit 93AABD1X domain 22, counter 260`)).toBe(true);
    if (text !== "") expect(line).toBe(`${name}, unit 93AABD1X domain 22, counter 260, ${text}`);
  });

  it("is in the list, and nothing else is", () => {
    const signed = Object.values(COMMANDS).filter(({ id }) => !isQuery(id));
    expect([...SIGNED_COMMANDS].sort()).toEqual(signed.map(({ name }) => name).sort());
    expect(new Set(cases.map(([name]) => name))).toEqual(new Set(SIGNED_COMMANDS));
  });
});

describe("what IBM's client has signed", () => {
  interface Signed {
    readonly kind: string;
    readonly commandId: string;
    readonly domainIndex: number;
    readonly moduleId: string;
    readonly signedBytes?: string;
    readonly parts?: readonly { readonly adminBlkDer: string }[];
  }
  const cases = readVectors<Signed>("htp-requests.json").cases.flatMap((one) => {
    const blocks =
      one.kind === "signed-nested" ? one.parts!.map(({ adminBlkDer }) => adminBlkDer) : [one.signedBytes ?? ""];
    return blocks.filter((bytes) => bytes !== "").map((bytes) => ({ ...one, bytes }));
  });

  it("is understood", () => {
    expect(cases.length).toBeGreaterThan(25);
    for (const { commandId, moduleId, domainIndex, bytes } of cases) {
      const { kind, unit } = subjectOf(hex(bytes));
      expect(COMMANDS[kind as "export-wk"].id).toBe(Number.parseInt(commandId, 16));
      expect(unit).toMatchObject({
        serial: Buffer.from(moduleId, "hex").toString("latin1", 0, 8),
        domain: domainIndex,
      });
    }
  });
});

describe("what is no command", () => {
  it("the test of a key: 100 zero bytes and nothing else", () => {
    expect(subjectOf(new Uint8Array(100)).kind).toBe("test");
    expect(subjectText(subjectOf(new Uint8Array(100)))).toBe("test of the key, zero bytes 100");
    expect(subjectOf(new Uint8Array(99)).kind).toBe("other");
    expect(subjectOf(new Uint8Array(101)).kind).toBe("other");
    expect(subjectOf(Uint8Array.of(...new Uint8Array(99), 1)).kind).toBe("other");
  });

  it("the digest of a certificate: 64 bytes", () => {
    const digest = createHash("sha512").update("x").digest();
    expect(subjectOf(digest)).toEqual({ kind: "certificate", details: { digest: digest.toString("hex") } });
    expect(subjectText(subjectOf(digest))).toBe(`certificate of an administrator, digest ${digest.toString("hex")}`);
    for (const size of [0, 63, 65]) expect(subjectOf(new Uint8Array(size).fill(5)).kind).toBe("other");
  });

  it("a command of 64 bytes is a command", () => {
    const bytes = block(0x08, u32(1, 1));
    expect(bytes).toHaveLength(64);
    expect(subjectOf(bytes)).toMatchObject({ kind: "set-domain-attributes", details: { signatureThreshold: 1 } });
  });

  const inside = block(0x10, NOTHING).subarray(2);
  it.each([
    ["a length in more octets than it takes", "308400000036", inside],
    ["of indefinite length", "3080", inside],
    ["bytes after its end", "3036", inside],
    ["a field's length in more octets than it takes", "303e 048400000004", inside.subarray(2)],
  ])("64 bytes that a less strict unit may take for a command are no digest: %s", (_what, head, rest) => {
    const bytes = new Uint8Array(64);
    bytes.set(cat(fromHexText(head), rest).subarray(0, 64));
    expect(subjectOf(bytes).kind).toBe("other");
  });

  const input = (id: number, bytes: Uint8Array) => block(id, bytes);
  it.each([
    ["an unknown command", input(0x55, NOTHING), "command id: want a signed command's, got 00000055"],
    ["a query", input(0x1000a, NOTHING), "command id: want a signed command's, got 0001000a"],
    [
      "a domain of 4 bytes",
      block(0x10, NOTHING, { adminDomain: u32(1) }),
      "administrative domain: want 8 bytes, got 4",
    ],
    ["no module", block(0x10, NOTHING, { moduleId: NOTHING }), "module identifier: want 16 bytes, got 0"],
    ["no counter", block(0x10, NOTHING, { counter: NOTHING }), "transaction counter: want 16 bytes, got 0"],
    ["more after the block", cat(block(0x10, NOTHING), Uint8Array.of(0)), "xcpAdminBlk: want the end"],
    ["an input where there is none", input(0x10, Uint8Array.of(0)), "input: want 0 bytes, got 1"],
    ["a short pattern", input(0x0d, PATTERN.subarray(1)), "pattern: want 32 bytes, got 31"],
    ["a short SKI", input(0x04, PATTERN.subarray(1)), "ski: want 32 bytes, got 31"],
    ["no certificate", input(0x02, PATTERN), "certificate: want tag 30"],
    ["a certificate with another SKI", input(0x02, certificate(spki(POINT), PATTERN)), "ski: want that of the key"],
    [
      "a key of another kind",
      input(0x02, certificate(seq(fromHexText("3003060102 030100")), SKI)),
      "administrator's key",
    ],
    ["an attribute twice", input(0x08, u32(1, 2, 1, 8)), "attributes: want each once, got one twice"],
    ["no attribute", input(0x08, NOTHING), "attributes: want one pair or more, got none"],
    ["an outer import", input(0x0c, seq(octets(PART))), "RecipientInfo"],
    ["no policy", input(0x0b, parameterMap([0x1d, 0, kphCertificate(POINT)])), "parameters: want one policy, got 0"],
    ["two policies", input(0x0b, parameterMap([0x1c, 1], [0x1c, 2])), "parameters: want one policy, got 2"],
    [
      "another parameter",
      input(0x0b, parameterMap([0x1c, 1], [0x17, 0])),
      "parameters: want those of an export, got tag 23",
    ],
    ["no KPH certificate", input(0x0b, parameterMap([0x1c, 1], [0x1d, 0, POINT])), "KPH certificate: want 309 bytes"],
    ["control points of 15 bytes", input(0x12, new Uint8Array(15)), "control points: want 16 bytes, got 15"],
  ])("%s", (_what, bytes, why) => {
    const subject = subjectOf(bytes);
    expect(subject).toMatchObject({ kind: "other", details: { bytes: bytes.length } });
    expect(subject.details["why"]).toContain(why);
    expect(subjectText(subject)).toMatch(/^something that is not understood, bytes \d+, why /);
  });

  it("nothing throws, whatever the bytes are", () => {
    const commands = fc.constantFrom(...SIGNED_COMMANDS.map((name) => COMMANDS[name].id));
    const blocks = fc.tuple(commands, fc.uint8Array({ maxLength: 400 })).map(([id, bytes]) => block(id, bytes));
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 200 }), blocks), (bytes) => {
        const subject = subjectOf(bytes);
        expect(KINDS).toContain(subject.kind);
        expect(subjectText(subject)).not.toMatch(/\p{Cc}/u);
      }),
      { numRuns: 2000 },
    );
  });

  it("names that would write on the terminal are not shown as they are", () => {
    const name = "\u001b[2J\r\n\u202eAlice\u2028";
    const text = new TextDecoder("latin1").decode(new TextEncoder().encode(name));
    const line = subjectText(subjectOf(block(0x02, certificate(spki(POINT), SKI, text))));
    expect(line).toContain("name ?[2J???Alice?, ski");
  });
});
