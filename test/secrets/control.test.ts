// The search must find what is there: a secret in each kind of memory, in files and in text.

import { randomBytes } from "node:crypto";
import { existsSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileChildren } from "../support/children.ts";
import { Hunt } from "../support/hunt.ts";
import { searched } from "../support/searched.ts";
import { Desk } from "../support/tke-desk.ts";

const SECRET = randomBytes(32);
const hunt = new Hunt([{ name: "planted", bytes: SECRET }]);
const isLinux = process.platform === "linux" && existsSync("/proc/self/mem");

let children: string;
const desk = new Desk();
beforeAll(() => {
  children = compileChildren();
});
afterAll(() => desk.close());

describe.runIf(isLinux)("in a process", () => {
  it.each([
    ["buffer", "as it is", /^(\[heap\]|memory)$/],
    ["array", "as it is", /^memory$/],
    ["string", "as it is", /^(\[heap\]|memory)$/],
    ["hexadecimal", "hexadecimal", /^(\[heap\]|memory)$/],
    ["card", "as it is", /^card$/],
  ])("finds a planted secret in memory of the kind %s", async (kind, form, where) => {
    const { code, findings } = await searched(children, desk, "sigkeys", hunt, { plant: { kind, bytes: SECRET } });
    expect(code).toBe(0);
    expect(findings).toContainEqual({
      secret: "planted",
      form,
      where: expect.stringMatching(where),
      at: expect.any(Number),
    });
  });

  it("finds nothing where nothing is planted", async () => {
    expect((await searched(children, desk, "sigkeys", hunt)).findings).toEqual([]);
  });

  it("finds what is in the environment and on the command line", async () => {
    const hex = SECRET.toString("hex");
    const { findings } = await searched(children, desk, `sigkeys --resource-group ${hex}`, hunt, {
      env: { SECRET: hex },
    });
    const where = new Set(findings.map((finding) => finding.where));
    expect(where.has("environ")).toBe(true);
    expect(where.has("cmdline")).toBe(true);
  });
});

describe("in bytes", () => {
  const forms: readonly [string, Buffer][] = [
    ["as it is", SECRET],
    ["backwards", Buffer.from(SECRET).reverse()],
    ["hexadecimal", Buffer.from(SECRET.toString("hex"))],
    ["HEXADECIMAL", Buffer.from(SECRET.toString("hex").toUpperCase())],
    ["UTF-16 of hexadecimal", Buffer.from(SECRET.toString("hex"), "utf16le")],
    ["base64", Buffer.from(SECRET.toString("base64"))],
    ["base64", Buffer.from(Buffer.concat([Buffer.from("x"), SECRET]).toString("base64"))],
    ["base64", Buffer.from(Buffer.concat([Buffer.from("xy"), SECRET]).toString("base64"))],
  ];

  it.each(forms)("finds it %s, at any place", (form, bytes) => {
    for (const before of [0, 1, 7, 4096]) {
      const found = hunt.inBytes(Buffer.concat([Buffer.alloc(before, 7), bytes, Buffer.alloc(3)]), "here");
      expect(found.map((finding) => finding.form)).toContain(form);
    }
  });

  it("finds 23 bytes of it in a row wherever they begin, and none of 15", () => {
    for (let from = 0; from + 23 <= SECRET.length; from++)
      expect(hunt.inBytes(SECRET.subarray(from, from + 23), "here").length).toBeGreaterThan(0);
    expect(hunt.inBytes(SECRET.subarray(0, 15), "here")).toEqual([]);
  });

  it("finds it in files, below any folder", () => {
    const path = desk.write("files/some", `--${SECRET.toString("base64")}--`);
    expect(hunt.inFiles(desk.root, () => false).map(({ where }) => where)).toContain(path);
    expect(hunt.inFiles(desk.root, (each) => each === path)).toEqual([]);
    rmSync(path);
  });
});
