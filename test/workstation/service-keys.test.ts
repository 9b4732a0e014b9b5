// SIGNSERVKEYS: which keys of a signing service may sign.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WorkstationError } from "../../src/workstation/errors.ts";
import { WorkstationFolder } from "../../src/workstation/folder.ts";
import { formatServiceKeys, readServiceKeys } from "../../src/workstation/service-keys.ts";

let path: string;
let folder: WorkstationFolder;

beforeAll(() => {
  path = mkdtempSync(join(tmpdir(), "opentke-signservkeys-"));
  folder = new WorkstationFolder(path);
});
afterAll(() => rmSync(path, { recursive: true }));

const read = (text: string) => {
  writeFileSync(join(path, "SIGNSERVKEYS"), text);
  return readServiceKeys(folder)?.map(({ id, token }) => [id, token && Buffer.from(token).toString()]);
};

describe("SIGNSERVKEYS", () => {
  it("may not be there", () => expect(readServiceKeys(folder)).toBeNull());

  it("lists keys in their order, with a token or without one; what else is there is passed over", () => {
    expect(read('[{"key":"b-1","token":"Bearer x"},\n {"key":"a~2","owner":"A"}]')).toEqual([
      ["b-1", "Bearer x"],
      ["a~2", null],
    ]);
    expect(read("[]")).toEqual([]);
  });

  it("is what is written for it", () => {
    const keys = [
      { id: "alice", token: "0123" },
      { id: "bob", token: '"\\' },
    ];
    expect(read(formatServiceKeys(keys))).toEqual(keys.map(({ id, token }) => [id, token]));
  });

  it.each([
    ['{"key":"a","token":"secret"}', "at its top: Invalid input: expected array"],
    ['[{"token":"secret"}]', "at 0.key: Invalid input: expected string"],
    ['[{"key":7,"token":"secret"}]', "at 0.key: Invalid input: expected string"],
    ['[{"key":"a"},{"key":"b/c","token":"secret"}]', "at 1.key: want letters, digits and the characters - . _ ~ alone"],
    ['[{"key":"","token":"secret"}]', "at 0.key: want letters"],
    ['[{"key":"a","token":["secret"]}]', "at 0.token: Invalid input: expected string"],
    ['[{"key":"a","token":"secret\\n"}]', "at 0.token: want printable ASCII characters"],
    ['[{"key":"a","token":""}]', "at 0.token: want printable ASCII characters"],
    ['[{"key":"a","token":"secret"}', "want JSON, got something else"],
    ['[{"key":"a","token":"secret"},{"key":"a"}]', "want each key once, got 'a' twice"],
  ])("is not %s; the error repeats no token", (text, why) => {
    let thrown: unknown;
    try {
      read(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WorkstationError);
    const { message, cause } = thrown as WorkstationError;
    expect(message).toContain(`'SIGNSERVKEYS' in ${path}: ${why}`);
    expect(`${message} ${cause}`).not.toContain("secret");
  });
});
