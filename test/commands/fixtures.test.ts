// One fixture for each command, assembled by hand from ep11-wire.md: neither end's encoder had a part in it, so an error that
// both ends share shows here.
import { describe, expect, it } from "vitest";
import { equal, fromHex, toHex } from "../../src/bytes.ts";
import type { Command, InfoQuery } from "../../src/commands/command.ts";
import { type AnyCommand, COMMANDS, type CommandName, commandFor, INFO_QUERIES } from "../../src/commands/registry.ts";
import { settableAttributes } from "../../src/commands/set-domain-attributes.ts";
import { WireError } from "../../src/errors.ts";
import { decodeAdminBlock, encodeAdminBlock } from "../../src/wire/admin.ts";
import type { DomainAttributes } from "../../src/wire/attributes.ts";
import { isQuery } from "../../src/wire/ids.ts";
import type { ModuleInfo } from "../../src/wire/module-info.ts";
import { hex } from "../support/vectors.ts";

const ski = "a1".repeat(32);
const otherSki = "b2".repeat(32);
const pattern = `${"c3".repeat(28)}00000000`;
const points = "80000000000000010000000000000000"; // bits 0 and 63
const [x, y] = [`00${"11".repeat(65)}`, `01${"22".repeat(65)}`] as [string, string];
const certificate = "3003020101";
const kph = `${"00".repeat(36)}4b01010000850209${`04${x}${y}`}${"00".repeat(132)}`;
const p521Spki = `30819b301006072a8648ce3d020106052b81040023 038186 00 04${x}${y}`;
const attributes: DomainAttributes = {
  signatureThreshold: 2,
  revocationThreshold: 1,
  permissions: 0x81ff0011,
  operationalMode: 1,
  standardsCompliance: 1,
};

interface Fixture<I, O> {
  /** The command id as in the specification, 4 bytes. */
  readonly id: string;
  readonly input: I;
  readonly inputHex: string;
  readonly output: O;
  readonly outputHex: string;
}

type FixtureOf<C> = C extends Command<infer I, infer O> ? Fixture<I, O> : never;

const nothing = { input: undefined, inputHex: "" } as const;
const noAnswer = { output: undefined, outputHex: "" } as const;
const part = { tag: 0x19, index: 0, data: hex("3003020103") };
const exported = {
  input: [
    { tag: 0x1c, index: 1, data: hex("") },
    { tag: 0x1d, index: 0, data: hex(kph) },
    { tag: 0x1f, index: 12, data: hex("") },
  ],
  inputHex: `3082014f 0406 001c 00000001 0482013b 001d 00000000 ${kph} 0406 001f 0000000c`,
  output: [{ tag: 0x1b, index: 1, data: hex("") }, part],
  outputHex: "3015 0406 001b 00000001 040b 0019 00000000 3003020103",
} as const;

const fixtures: { readonly [N in CommandName]: FixtureOf<(typeof COMMANDS)[N]> } = {
  "add-domain-administrator": { id: "00000002", input: hex(certificate), inputHex: certificate, ...noAnswer },
  "remove-domain-administrator": { id: "00000004", input: hex(ski), inputHex: ski, ...noAnswer },
  "set-domain-attributes": {
    id: "00000008",
    input: settableAttributes(attributes),
    inputHex: "00000001 00000002 00000002 00000001 00000003 81ff0011 00000004 00000001",
    ...noAnswer,
  },
  "generate-importer-key": {
    id: "00000009",
    input: 3,
    inputHex: "00000003",
    output: { keyType: "p521ec", publicKey: hex(`04${x}${y}`) },
    outputHex: p521Spki,
  },
  "generate-random-wk": { id: "0000000a", ...nothing, output: hex(pattern), outputHex: pattern },
  "export-wk": { id: "0000000b", ...exported },
  "export-next-wk": { id: "00000026", ...exported },
  "import-wk": {
    id: "0000000c",
    input: [
      hex("3012 0404 00010029 0404 00000016 0401 30 0401 31"),
      hex("3011 0404 00010029 0404 00000016 0401 30 0400"),
    ],
    inputHex: "3012 0404 00010029 0404 00000016 0401 30 0401 31 3011 0404 00010029 0404 00000016 0401 30 0400",
    output: hex(pattern),
    outputHex: pattern,
  },
  "commit-pending-wk": { id: "0000000d", input: hex(pattern), inputHex: pattern, ...noAnswer },
  "finalize-wk": { id: "0000000e", input: hex(pattern), inputHex: pattern, ...noAnswer },
  "zeroize-domain": { id: "00000010", ...nothing, ...noAnswer },
  "set-domain-control-points": { id: "00000011", input: hex(points), inputHex: points, ...noAnswer },
  "add-domain-control-points": { id: "00000012", input: hex(points), inputHex: points, ...noAnswer },
  "delete-domain-control-points": { id: "00000013", input: hex(points), inputHex: points, ...noAnswer },
  "clear-current-wk": { id: "0000001b", ...nothing, ...noAnswer },
  "clear-pending-wk": { id: "0000001c", ...nothing, ...noAnswer },
  "query-domain-administrators": {
    id: "00010002",
    ...nothing,
    output: [hex(ski), hex(otherSki)],
    outputHex: ski + otherSki,
  },
  "query-domain-administrator": {
    id: "00010002",
    input: hex(ski),
    inputHex: ski,
    output: hex(certificate),
    outputHex: certificate,
  },
  "query-device-certificate-count": { id: "00010003", ...nothing, output: 2, outputHex: "00000002" },
  "query-device-certificate": {
    id: "00010003",
    input: 1,
    inputHex: "00000001",
    output: hex("45000005"),
    outputHex: "45000005",
  },
  "query-domain-control-points": { id: "00010006", ...nothing, output: hex(points), outputHex: points },
  "query-domain-attributes": {
    id: "0001000a",
    ...nothing,
    output: attributes,
    outputHex: "00000001 00000002 00000002 00000001 00000003 81ff0011 00000004 00000001 00000005 00000001",
  },
};

const names = Object.keys(COMMANDS) as CommandName[];
const plain = (text: string): string => text.replace(/\s+/g, "");

it("there are 22 commands and two infos, each with a fixture", () => {
  expect(names.length).toBe(22);
  expect(Object.keys(INFO_QUERIES).length).toBe(2);
  expect(Object.keys(fixtures).sort()).toEqual([...names].sort());
});

/** Both directions of one command. */
function check<I, O>(command: Command<I, O>, fixture: Fixture<I, O>): void {
  expect(toHex(command.encodeInput(fixture.input))).toBe(plain(fixture.inputHex));
  expect(command.decodeInput(hex(fixture.inputHex))).toEqual(fixture.input);
  expect(toHex(command.encodeOutput(fixture.output))).toBe(plain(fixture.outputHex));
  expect(command.decodeOutput(hex(fixture.outputHex))).toEqual(fixture.output);
}

const commandOf = (name: CommandName): Command<unknown, unknown> =>
  COMMANDS[name] as unknown as Command<unknown, unknown>;
const fixtureOf = (name: CommandName): Fixture<unknown, unknown> => fixtures[name] as Fixture<unknown, unknown>;

describe.each(names)("%s", (name) => {
  const command = commandOf(name);
  const fixture = fixtureOf(name);

  it("input and output, both directions", () => check(command, fixture));

  it("is found by id and input", () => {
    expect(command.name).toBe(name);
    expect(command.id).toBe(Number(`0x${fixture.id}`));
    expect(commandFor(command.id, hex(fixture.inputHex))).toBe(command);
    expect(isQuery(command.id)).toBe(name.startsWith("query-"));
    expect(command.section).toMatch(/^ep11-wire\.md 10\.\d+$/);
  });

  it("its block", () => {
    const input = plain(fixture.inputHex);
    const length = input.length / 2;
    const header = length < 0x80 ? `04${byte(length)}` : `0482${byte(length >> 8)}${byte(length & 0xff)}`;
    const body = `0404${fixture.id} 0408 0000001600000001 0410 39334141424431585a10b0f463cd828f 0410 ${"00".repeat(15)}08 ${header}${input}`;
    const total = plain(body).length / 2;
    const outer =
      total < 0x80
        ? `30${byte(total)}`
        : total < 0x100
          ? `3081${byte(total)}`
          : `3082${byte(total >> 8)}${byte(total & 0xff)}`;
    const block = {
      commandId: command.id,
      adminDomain: hex("0000001600000001"),
      moduleId: hex("39334141424431585a10b0f463cd828f"),
      counter: hex(`${"00".repeat(15)}08`),
      input: command.encodeInput(fixture.input),
    };
    expect(toHex(encodeAdminBlock(block))).toBe(plain(outer + body));
    expect(decodeAdminBlock(hex(outer + body))).toEqual(block);
  });
});

const byte = (value: number): string => value.toString(16).padStart(2, "0");

describe("what is not an input", () => {
  // Sizes that each command refuses, and what a unit then answers (unit-behaviour.md 3.2, 4.3, 6, 8, 9; ep11-wire.md 10.6).
  const refused: readonly [CommandName, readonly number[], { returnCode: number; reasonCode?: number }][] = [
    ["add-domain-administrator", [0, 12289], { returnCode: 33 }],
    ["remove-domain-administrator", [0, 31, 33], { returnCode: 32, reasonCode: 32 }],
    ["set-domain-attributes", [0, 7, 9], { returnCode: 33, reasonCode: 41 }],
    ["generate-importer-key", [0, 3, 5], { returnCode: 33, reasonCode: 54 }],
    ["generate-random-wk", [1], { returnCode: 33 }],
    ["export-wk", [0, 1], { returnCode: 32, reasonCode: 137 }],
    ["export-next-wk", [0, 1], { returnCode: 32, reasonCode: 137 }],
    ["import-wk", [1], { returnCode: 32, reasonCode: 3 }],
    ["commit-pending-wk", [0, 31, 33], { returnCode: 33, reasonCode: 48 }],
    ["finalize-wk", [0, 31, 33], { returnCode: 33, reasonCode: 48 }],
    ["zeroize-domain", [1], { returnCode: 33 }],
    ["set-domain-control-points", [0, 15, 17], { returnCode: 33, reasonCode: 44 }],
    ["add-domain-control-points", [0, 15, 17], { returnCode: 33, reasonCode: 44 }],
    ["delete-domain-control-points", [0, 15, 17], { returnCode: 33, reasonCode: 44 }],
    ["clear-current-wk", [1], { returnCode: 33 }],
    ["clear-pending-wk", [1], { returnCode: 33 }],
    ["query-domain-administrators", [1], { returnCode: 33 }],
    ["query-domain-administrator", [31, 33], { returnCode: 32, reasonCode: 32 }],
    ["query-device-certificate-count", [1], { returnCode: 33 }],
    ["query-device-certificate", [3, 5], { returnCode: 33, reasonCode: 59 }],
    ["query-domain-control-points", [1], { returnCode: 33 }],
    ["query-domain-attributes", [1], { returnCode: 33 }],
  ];

  it("every command is here", () => expect(refused.map(([name]) => name).sort()).toEqual([...names].sort()));

  it.each(refused)("%s: %j bytes", (name, sizes, answer) => {
    const command: AnyCommand = COMMANDS[name];
    expect(command.malformedInput).toEqual(answer);
    for (const size of sizes) expect(() => command.decodeInput(new Uint8Array(size))).toThrow(WireError);
  });

  it("the largest certificate is taken", () => {
    expect(COMMANDS["add-domain-administrator"].decodeInput(new Uint8Array(12288)).length).toBe(12288);
  });
});

describe("what is not an output", () => {
  it.each<[CommandName, readonly number[]]>([
    ["zeroize-domain", [1]],
    ["generate-random-wk", [0, 31, 33]],
    ["import-wk", [0, 31, 33]],
    ["query-domain-control-points", [0, 15, 17]],
    ["query-device-certificate-count", [0, 3, 5]],
    ["query-domain-administrators", [1, 33]],
    ["generate-importer-key", [0, 157, 158]],
  ])("%s: %j bytes", (name, sizes) => {
    const command: AnyCommand = COMMANDS[name];
    for (const size of sizes) expect(() => command.decodeOutput(new Uint8Array(size))).toThrow(WireError);
  });
});

describe("infos", () => {
  const checkInfo = <O>(query: InfoQuery<O>, value: O, text: string): void => {
    expect(toHex(query.encodeOutput(value))).toBe(plain(text));
    expect(query.decodeOutput(hex(text))).toEqual(value);
    expect(() => query.decodeOutput(hex(text).subarray(1))).toThrow(WireError);
    expect(query.decodeOutput(fromHex(`${plain(text)}ff`))).toEqual(value);
  };

  it("query-domain-info", () => {
    const value = {
      domain: 22,
      currentPattern: hex(pattern),
      newPattern: new Uint8Array(32),
      flags: 0x80000013,
      mode: [0, 1],
    } as const;
    checkInfo(
      INFO_QUERIES["query-domain-info"],
      value,
      `00000016 ${pattern} ${"00".repeat(32)} 80000013 00000000 00000001`,
    );
    expect(INFO_QUERIES["query-domain-info"].subType).toBe(3);
  });

  it("query-module-info", () => {
    const words = Array.from({ length: 14 }, (_, i) => i + 1);
    const value: ModuleInfo = {
      apiOrdinal: 4,
      firmwareId: 0xdeadbeef,
      apiVersion: [3, 1],
      cspVersion: [4, 2],
      firmwareConfiguration: hex("a1".repeat(32)),
      xcpConfiguration: hex("b2".repeat(32)),
      cspConfiguration: hex("c3".repeat(32)),
      moduleId: hex("39334141424431585a10b0f463cd828f"),
      utcTime: hex("32303236303130313030303030305a20"),
      operatingMode2: 1,
      operatingMode1: 2,
      pkcs11Flags: 3,
      extendedFlags: 4,
      domains: 5,
      symmetricStateSize: 6,
      digestStateSize: 7,
      pinBlobSize: 8,
      symmetricKeyBlobSize: 9,
      spkiSize: 10,
      privateKeyBlobSize: 11,
      maxPayloadSize: 12,
      controlPointProfileSize: 13,
      controlPoints: 14,
    };
    const hashes = ["a1", "b2", "c3"].map((b) => b.repeat(32)).join("");
    const text = `00000004 deadbeef 0301 0402 ${hashes} 39334141424431585a10b0f463cd828f 32303236303130313030303030305a20`;
    checkInfo(
      INFO_QUERIES["query-module-info"],
      value,
      text + words.map((n) => n.toString(16).padStart(8, "0")).join(""),
    );
    expect(INFO_QUERIES["query-module-info"].subType).toBe(1);
  });
});

it("unknown ids are no commands", () => {
  for (const id of [0, 1, 3, 6, 0x10004, 0x10007, 0xffffffff])
    expect(commandFor(id, new Uint8Array(0))).toBeUndefined();
});

it("decoded byte fields are views on what was decoded", () => {
  const bytes = hex(ski);
  const read = COMMANDS["remove-domain-administrator"].decodeInput(bytes);
  expect(read.buffer).toBe(bytes.buffer);
  expect(equal(read, bytes)).toBe(true);
});
