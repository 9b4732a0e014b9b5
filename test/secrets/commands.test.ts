// Commands with secrets that are known here, and their processes when they are done: nothing of a secret may be left in the memory, in
// the card or outside of it, nor in any file, output, command line or environment.

import { createDecipheriv, pbkdf2Sync, randomBytes } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileChildren } from "../support/children.ts";
import { type Finding, Hunt, type Secret } from "../support/hunt.ts";
import { masterKeysOf } from "../support/master-keys.ts";
import { type Searched, searched } from "../support/searched.ts";
import { Desk } from "../support/tke-desk.ts";

const PASSWORD = `pw-${randomBytes(18).toString("hex")}`;
const PARTS = [randomBytes(32), randomBytes(32)] as const;
const MASTER_KEY = Buffer.from(PARTS[0].map((byte, at) => byte ^ PARTS[1][at]!));
const THRESHOLDS = "--signature-threshold 2 --revocation-threshold 2 --admins 2";

let children: string;
let desk: Desk;
/** Grows with what commands make. */
const secrets: Secret[] = [
  { name: "password", bytes: Buffer.from(PASSWORD) },
  { name: "first key part", bytes: PARTS[0] },
  { name: "second key part", bytes: PARTS[1] },
  { name: "master key", bytes: MASTER_KEY },
];

/** What a command has made that is secret, when it is done. */
type Made = () => Secret[] | Promise<Secret[]>;

const isLinux = process.platform === "linux" && existsSync("/proc/self/mem");

beforeAll(async () => {
  children = compileChildren();
  desk = new Desk();
  await desk.fleet();
  desk.write("pw", `${PASSWORD}\n`);
  for (const [at, part] of PARTS.entries()) desk.write(`part${at + 1}`, part.toString("hex"));
});
afterAll(() => desk.close());

/** The scalar of a signature key file, and the key that it is sealed under. */
function secretsOf(keynum: number): Secret[] {
  const { seaSalt, enckey } = JSON.parse(desk.read(`${keynum}.sigkey`)) as Record<string, string>;
  const key = pbkdf2Sync(PASSWORD, Buffer.from(seaSalt!, "hex"), 4096, 32, "sha256");
  const sealed = Buffer.from(enckey!, "hex");
  const decipher = createDecipheriv("aes-256-gcm", key, sealed.subarray(0, 12));
  decipher.setAuthTag(sealed.subarray(-16));
  const pem = Buffer.concat([decipher.update(sealed.subarray(12, -16)), decipher.final()]).toString();
  const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ""), "base64");
  const at = der.indexOf(Buffer.from([0x04, 0x42])) + 2;
  return [
    { name: `scalar ${keynum}`, bytes: der.subarray(at, at + 66) },
    { name: `derived key ${keynum}`, bytes: key },
  ];
}

const storageKey = (): Secret => ({ name: "storage key", bytes: readFileSync(keyFile()) });
const keyFile = (): string => {
  const found = [`${desk.home}.key`, join(desk.home, "fleet.key"), join(desk.home, "storage.key")].find(existsSync);
  if (!found) throw new Error("the storage key is elsewhere");
  return found;
};

async function run(line: string, made: Made = () => []): Promise<Searched> {
  const result = await searched(children, desk, `${line} --verbose`, async () => {
    secrets.push(...(await made()));
    return new Hunt([...secrets, storageKey()]);
  });
  expect(result.code, result.output).toBe(0);
  return result;
}

const textOf = (findings: readonly Finding[]) =>
  findings.map(({ secret, form, where, at }) => `${secret}, ${form}, in ${where} at ${at.toString(16)}`);

describe.runIf(isLinux)("a process that is done has nothing left of", () => {
  const passwords = () => `--password-file ${desk.root}/pw`;

  it.each<[string, () => string, Made?]>([
    ["sigkey-add", () => `sigkey-add --name Ada ${passwords()}`, () => secretsOf(1)],
    ["sigkey-add again", () => `sigkey-add --name Ben ${passwords()}`, () => secretsOf(2)],
    ["sigkey-sel", () => `sigkey-sel --keynum '1 2' ${passwords()}`],
    ["mk-add --value", () => `mk-add --value-file ${desk.root}/part1 --description one ${passwords()}`],
    ["mk-add --value again", () => `mk-add --value-file ${desk.root}/part2 --description two ${passwords()}`],
    ["auto-init", () => `auto-init ${THRESHOLDS} --keynum '1 2' ${passwords()}`],
    ["cryptounit-mk-load", () => `cryptounit-mk-load --keynum '1 2' ${passwords()}`],
    ["cryptounit-mk-commit", () => `cryptounit-mk-commit ${passwords()}`],
    ["cryptounit-mk-setimm", () => `cryptounit-mk-setimm --force ${passwords()}`],
    ["keystore generate", () => "keystore generate --count 3"],
    ["cryptounit-rm", () => "cryptounit-rm --units '3 4'"],
    ["cryptounit-mk-clrcur", () => `cryptounit-mk-clrcur --force ${passwords()}`],
    ["auto-mk-recover", () => `auto-mk-recover --source 3 --targets '1 2' ${passwords()}`],
    ["keystore check", () => "keystore check"],
    ["auto-mk-rotate", () => `auto-mk-rotate --delay 0 ${passwords()}`, () => masterKeysOf(desk)],
    ["drill", () => `drill --fleet --admins-dir ${desk.files} ${passwords()}`, () => masterKeysOf(desk)],
  ])("%s", async (_, line, made) => {
    const { findings, output } = await run(line(), made);
    expect(textOf(findings)).toEqual([]);
    const hunt = new Hunt([...secrets, storageKey()]);
    expect(textOf(hunt.inText(output, "output"))).toEqual([]);
    const own = [join(desk.root, "pw"), join(desk.root, "part1"), join(desk.root, "part2"), keyFile()];
    expect(textOf(hunt.inFiles(desk.root, (path) => own.includes(path)))).toEqual([]);
  });
});
