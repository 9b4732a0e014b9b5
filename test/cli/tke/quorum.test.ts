// The rows of unit-behaviour.md 4.1, walked from the command line: with one signature key too few it is said what is missing and nothing
// changes, with as many as wanted it is done.

import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Desk } from "../../support/tke-desk.ts";

/** KEYNUM of a key that no crypto unit knows. */
const STRANGER = 6;
const ADMINISTRATORS = "--admins 4 --keynum '1 2 3 4'";

const base = new Desk();
const password = (): string => `--password-file ${base.root}/pw`;
beforeAll(async () => {
  base.write("pw", "pw\n");
  await base.fleet("--operational 1 --recovery 1");
  for (const name of ["A", "B", "C", "D", "E", "F"]) await base.ok(`sigkey-add --name ${name} ${password()}`);
  for (const name of ["x", "y"]) await base.ok(`mk-add --random --description ${name} ${password()}`);
  await base.ok("cryptounit-add --all");
});
afterAll(() => base.close());

interface Row {
  readonly row: string;
  /** Signatures wanted, with signature threshold s and revocation threshold r. */
  readonly wants: (s: number, r: number) => number;
  /** Done beforehand, signed by all four. */
  readonly before?: readonly string[];
  readonly line: (s: number, r: number) => string;
  /** Whether a key that no unit knows makes it a matter of who is installed: the pre-check's, not one of signatures. */
  readonly installs?: true;
  /** Done afterwards, likewise. */
  readonly after?: (s: number, r: number) => readonly string[];
}

const thresholds = (s: number, r: number): string =>
  `cryptounit-thrhld-set --signature-threshold ${s} --revocation-threshold ${r}`;
const LOAD = "cryptounit-mk-load --keynum '1 2'";
const CLEAR_NEW = "cryptounit-mk-clrnew --force";
const CLEAR_CURRENT = "cryptounit-mk-clrcur --force";
const RECOVER = "auto-mk-recover --source 2 --targets 1";

const ROWS: readonly Row[] = [
  {
    row: "add domain administrator",
    wants: (s) => s,
    line: () => "cryptounit-admin-add --keynum 5",
    after: () => ["cryptounit-admin-rm --admin E"],
  },
  {
    row: "remove domain administrator",
    wants: (_, r) => r,
    before: ["cryptounit-admin-add --keynum 5"],
    line: () => "cryptounit-admin-rm --admin E",
  },
  {
    row: "set domain attributes, also where the revocation threshold alone changes",
    wants: (s) => s,
    line: (s, r) => thresholds(s, r + 1),
    after: (s, r) => [thresholds(s, r)],
  },
  { row: "control points", wants: (s) => s, line: () => "cryptounit-cp --number 66 --clear" },
  { row: "control points, by name", wants: (s) => s, line: () => "cryptounit-cp-btc" },
  {
    row: "export WK, with importer key, import, commit and finalize",
    wants: (s) => s,
    before: ["cryptounit-rm --units 2", CLEAR_CURRENT, "cryptounit-add --units 2"],
    line: () => RECOVER,
    installs: true,
  },
  {
    row: "generate random WK, export next WK, commit, finalize",
    wants: (s) => s,
    line: () => "auto-mk-rotate --delay 0",
    installs: true,
  },
  { row: "generate importer key, import WK", wants: () => 1, line: () => LOAD },
  { row: "clear new WK", wants: () => 1, line: () => CLEAR_NEW },
  { row: "commit pending WK", wants: (s) => s, before: [LOAD], line: () => "cryptounit-mk-commit" },
  { row: "finalize WK", wants: () => 1, line: () => "cryptounit-mk-setimm --force" },
  { row: "clear current WK", wants: () => 1, line: () => CLEAR_CURRENT },
  { row: "zeroize domain", wants: () => 1, line: () => "cryptounit-zeroize --force" },
];

describe.each([
  [2, 2],
  [1, 3],
])("signature threshold %i, revocation threshold %i", (s, r) => {
  let desk: Desk;
  beforeAll(async () => {
    desk = base.fork();
    await desk.ok(`auto-init --signature-threshold ${s} --revocation-threshold ${r} ${ADMINISTRATORS} ${password()}`);
  });
  afterAll(() => desk.close());

  const signed = (line: string, keys: readonly number[]): string =>
    /^cryptounit-(add|rm) /.test(line) ? line : `${line} --sign-with '${keys.join(" ")}' ${password()}`;
  const all = async (lines: readonly string[] = []): Promise<void> => {
    for (const line of lines) await desk.ok(signed(line, [1, 2, 3, 4]));
  };

  it.each(ROWS)("$row", async ({ wants, before, line, installs, after }) => {
    await all(before);
    const wanted = wants(s, r);
    const few = wanted === 1 ? [STRANGER] : [1, 2, 3, 4].slice(0, wanted - 1);
    const state = await desk.json("cryptounit-compare");
    const refused = await desk.run(signed(line(s, r), few));
    expect([refused.code, refused.out]).toEqual([installs && wanted === 1 ? 5 : 6, ""]);
    expect(refused.err).toMatch(/^FAILED\n.*; nothing was changed\.\n/);
    const missing = new RegExp(`want ${wanted} of (its|the selected) administrators .*, got ${wanted - 1}\\b`);
    expect(refused.err).toMatch(missing);
    expect(await desk.json("cryptounit-compare")).toEqual(state);
    await desk.ok(signed(line(s, r), [1, 2, 3, 4].slice(0, wanted)));
    expect(await desk.json("cryptounit-compare")).not.toEqual(state);
    await all(after?.(s, r));
  });
});

describe("imprint mode", () => {
  it.each([
    RECOVER,
    "auto-mk-rotate --delay 0",
    LOAD,
    CLEAR_NEW,
    "cryptounit-mk-commit",
    "cryptounit-mk-setimm --force",
    CLEAR_CURRENT,
    "cryptounit-mk-rotate --force",
    "cryptounit-cp --number 66 --clear",
    "cryptounit-cp-btc",
  ])("refuses %s", async (line) => {
    const { code, err } = await base.run(`${line} --sign-with '1 2 3 4' ${password()}`);
    expect(code).toBe(5);
    expect(err).toMatch(line === RECOVER ? /no recovery unit holds a master key/ : /is in imprint mode/);
  });

  it("wants no signature for administrators and zeroizing, and as many as the new threshold says to be left", async () => {
    const desk = base.fork();
    const done = (line: string) => desk.ok(`${line} ${password()}`);
    await done("cryptounit-admin-add --keynum 1");
    await done("cryptounit-admin-add --keynum 2");
    await done("cryptounit-admin-add --keynum 3");
    await done("cryptounit-admin-rm --admin C");
    await done("cryptounit-zeroize --force");
    await done("cryptounit-admin-add --keynum 1");
    await done("cryptounit-admin-add --keynum 2");
    const few = await desk.run(`${thresholds(2, 1)} --sign-with 1 ${password()}`);
    expect([few.code, few.err.match(/want 2 of its administrators to sign, got 1/g)?.length]).toEqual([6, 2]);
    await done(`${thresholds(2, 1)} --sign-with '1 2'`);
    desk.close();
  });
});
