// The folder of the workstation's files, key parts, lists.
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { readDomains, readModules, writeDomains, writeModules } from "../../src/workstation/domains.ts";
import { WorkstationError, WrongPasswordError } from "../../src/workstation/errors.ts";
import { WorkstationFolder } from "../../src/workstation/folder.ts";
import { keyPartsIn, signatureKeysIn } from "../../src/workstation/key-files.ts";
import {
  createKeyPart,
  formatKeyPartFile,
  openKeyPart,
  parseKeyPartFile,
} from "../../src/workstation/key-part-file.ts";
import { readSelectedKeys, writeSelectedKeys } from "../../src/workstation/selected-keys.ts";
import { createSignatureKey } from "../../src/workstation/signature-key-file.ts";
import { readTypedPart } from "../../src/workstation/typed-part.ts";
import { testCore } from "../support/core.ts";

const core = await testCore();
const bytes = (text: string) => new TextEncoder().encode(text);
const root = mkdtempSync(join(tmpdir(), "opentke-files-"));
let folder: WorkstationFolder;
let at = 0;
beforeEach(() => {
  folder = new WorkstationFolder(mkdtempSync(join(root, `${at++}-`)));
});
afterAll(() => rmSync(root, { recursive: true }));

const COUNTING_KEY = Uint8Array.from({ length: 32 }, (_, i) => i);
/** Computed with IBM's TKE SDK. */
const COUNTING_PATTERN = "491176b0f443c65a7c7d72df47d6cbc0d04e111fb5a619f60d3e776700000000";

describe("the folder", () => {
  it("must be named and be there", () => {
    for (const path of [undefined, "", join(root, "none"), new URL(import.meta.url).pathname])
      expect(() => new WorkstationFolder(path)).toThrow(WorkstationError);
  });

  it("writes files whole, for their owner alone, and leaves nothing else behind", () => {
    expect(folder.add("DATA", "text")).toBe(true);
    expect(statSync(join(folder.path, "DATA")).mode & 0o777).toBe(0o600);
    expect([folder.read("DATA"), readdirSync(folder.path)]).toEqual(["text", ["DATA"]]);
    folder.replace("DATA", "other");
    expect([folder.read("DATA"), readdirSync(folder.path)]).toEqual(["other", ["DATA"]]);
    expect(statSync(join(folder.path, "DATA")).mode & 0o777).toBe(0o600);
  });

  it("never adds a file over another", () => {
    folder.add("DATA", "text");
    expect(folder.add("DATA", "other")).toBe(false);
    expect([folder.read("DATA"), readdirSync(folder.path)]).toEqual(["text", ["DATA"]]);
  });

  it("numbers files after the highest, whatever else is there", () => {
    for (const name of ["2.sigkey", "10.sigkey", "01.sigkey", "x.sigkey", ".sigkey", "11.mkpart", "-3.sigkey"])
      writeFileSync(join(folder.path, name), "");
    expect(folder.numbers(".sigkey")).toEqual([2, 10]);
    expect(folder.addNumbered(".sigkey", "new")).toBe(11);
    expect(folder.read("11.sigkey")).toBe("new");
  });

  it("says which file is missing, damaged, too large", () => {
    const keys = signatureKeysIn(folder);
    expect(() => keys.get(7)).toThrow(/KEYNUM 7: there is no file '7.sigkey'/);
    writeFileSync(join(folder.path, "1.sigkey"), "{}");
    expect(() => keys.list()).toThrow(/'1.sigkey' in .*: member 'ski': want a text, got none/);
    writeFileSync(join(folder.path, "DOMAINS"), Buffer.alloc(17 * 1024 * 1024));
    expect(() => readDomains(folder)).toThrow(/want at most 16777216 bytes/);
  });

  it("keeps signature keys by number", async () => {
    const keys = signatureKeysIn(folder);
    const { file, pair } = await createSignatureKey(core, "A", bytes("pw"));
    expect([keys.add(file), keys.add(file)]).toEqual([1, 2]);
    expect(keys.list().map(({ keynum, file: { description } }) => [keynum, description])).toEqual([
      [1, "A"],
      [2, "A"],
    ]);
    keys.remove(1);
    expect(keys.list().map(({ keynum }) => keynum)).toEqual([2]);
    expect(() => keys.remove(1)).toThrow(/cannot be removed/);
    expect(readFileSync(join(folder.path, "2.sigkey"), "utf8")).toBe(`${JSON.stringify(file.members)}\n`);
    core.keyFree(pair.slot);
  });
});

describe("key parts", () => {
  it.each(["sdk", "opentke"] as const)("%s: go into their file and from there into the card", async (format) => {
    const made = await createKeyPart(core, (part) => part.set(COUNTING_KEY), "First", bytes("pw"), format);
    expect(toHex(made.pattern)).toBe(COUNTING_PATTERN);
    const file = parseKeyPartFile(formatKeyPartFile(made));
    const slot = await openKeyPart(core, file, bytes("pw"));
    expect(toHex(core.registers(slot).current!)).toBe(COUNTING_PATTERN);
    core.unitFree(slot);
    await expect(openKeyPart(core, file, bytes("no"))).rejects.toThrow(WrongPasswordError);
    expect(formatKeyPartFile(made)).not.toContain(toHex(COUNTING_KEY));
  });

  it("must have the pattern that the file says, and 64 digits of it", async () => {
    const made = await createKeyPart(core, (part) => part.fill(3), "x", bytes("pw"));
    const changed = parseKeyPartFile(JSON.stringify({ ...made.members, vp: COUNTING_PATTERN }));
    await expect(openKeyPart(core, changed, bytes("pw"))).rejects.toThrow(/verification pattern/);
    for (const vp of ["", "00", "zz".repeat(32), `${COUNTING_PATTERN}00`])
      expect(() => parseKeyPartFile(JSON.stringify({ ...made.members, vp }))).toThrow(WorkstationError);
    const slot = core.unitAlloc();
    core.unitFree(slot);
    await expect(openKeyPart(core, changed, bytes("pw"))).rejects.toThrow();
    expect(core.unitAlloc()).toBe(slot);
    core.unitFree(slot);
  });

  it("are wiped when they could not be filled", async () => {
    let seen: Uint8Array | undefined;
    const failing = createKeyPart(
      core,
      (part) => {
        seen = part.fill(9);
        throw new Error("no value");
      },
      "x",
      bytes("pw"),
    );
    await expect(failing).rejects.toThrow("no value");
    expect(seen).toEqual(new Uint8Array(32));
    expect(keyPartsIn(folder).list()).toEqual([]);
  });
});

describe("typed key parts", () => {
  it("are 64 digits of either case", () => {
    const part = new Uint8Array(32);
    readTypedPart(bytes("00112233445566778899aAbBcCdDeEfF".repeat(2)), part);
    expect(toHex(part)).toBe("00112233445566778899aabbccddeeff".repeat(2));
  });

  it("know every byte that is no digit", () => {
    for (let code = 0; code < 256; code++) {
      const part = new Uint8Array(32).fill(7);
      const digits = new Uint8Array(64).fill(0x30).with(code % 64, code);
      const read = () => readTypedPart(digits, part);
      if (/[0-9a-fA-F]/.test(String.fromCharCode(code))) {
        read();
        expect(toHex(part)[code % 64]).toBe(String.fromCharCode(code).toLowerCase());
      } else {
        expect(read).toThrow(WorkstationError);
        expect(part).toEqual(new Uint8Array(32));
      }
    }
  });

  it.each([0, 63, 65, 128])("refuse %i characters", (size) =>
    expect(() => readTypedPart(new Uint8Array(size).fill(0x30), new Uint8Array(32))).toThrow(/want 64/),
  );
});

describe("lists", () => {
  const entry = {
    domain_num: 1,
    hsm_id: "a",
    crypto_instance_id: "b",
    location: "[x].[y].[00].[00]",
    serial_num: "93AA",
    public_key: "",
    type: "recovery",
    selected: true,
  };

  it("are empty where there is no file, and come back as written", () => {
    expect([readDomains(folder), readModules(folder), readSelectedKeys(folder)]).toEqual([[], [], []]);
    const { type: _, ...older } = entry;
    writeDomains(folder, [entry, older]);
    writeModules(folder, [{ serial_num: "93AA", public_key: "04" }]);
    writeSelectedKeys(folder, ["ab".repeat(32)]);
    expect(readDomains(folder)).toEqual([entry, older]);
    expect(readModules(folder)).toEqual([{ serial_num: "93AA", public_key: "04" }]);
    expect(readSelectedKeys(folder)).toEqual(["ab".repeat(32)]);
    writeSelectedKeys(folder, []);
    expect(JSON.parse(folder.read("SELECTEDKEYS")!)).toEqual([]);
  });

  it.each(["{}", "[{}]", "nonsense", '[{"domain_num":"1"}]'])("refuse %s", (text) => {
    writeFileSync(join(folder.path, "DOMAINS"), text);
    expect(() => readDomains(folder)).toThrow(WorkstationError);
  });
});
