// Administrators whose keys are in a signing service and nowhere else: all that an operator does by hand, from the command line, with
// our own service in another folder.

import { existsSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ADMINISTRATORS, type Listed, SigningDesk } from "../../support/signing-desk.ts";

const desk = new SigningDesk();
beforeAll(async () => {
  await desk.open("--instances 1 --operational 1 --recovery 2");
});
afterAll(() => desk.close());

describe("sigkey commands", () => {
  it.each(["sigkeys", "sigkey-add", "sigkey-rm", "sigkey-sel", "sigkey-add --name A --password-file nowhere"])(
    "%s does nothing but say why, even with key files there",
    async (line) => {
      const before = desk.list();
      const options = line.includes("nowhere") ? line.replace("nowhere", desk.write("pw1", "x\n")) : line;
      const { out, prompts } = await desk.ok(options, { answers: [] });
      expect(out).toBe(
        "TKE_SIGNSERV_URL names a signing service, so signature key files are not used. Nothing was done.\n",
      );
      expect(prompts).toEqual([]);
      expect(desk.list()).toEqual(before);
      expect(await desk.json(options)).toEqual({ signingService: true });
    },
  );
});

describe("a service instance, by hand", () => {
  it("gets administrators: key id and name are asked for, the token is in SIGNSERVKEYS", async () => {
    await desk.ok("cryptounit-add --units '1 2 3'");
    const { prompts, screen } = await desk.ok("cryptounit-admin-add", { answers: ["alice", "Alice A"] });
    expect(prompts.map((prompt) => prompt.trim())).toEqual([
      "Enter the key id of the administrator signature key you wish to load:\n>",
      "Enter an administrator name to be associated with the signature key:\n>",
    ]);
    expect(screen).toContain("\nKEY ID\nalice\nbob\ncarol\n");
    expect(screen).toContain("\nOK\nThe crypto unit administrator was added to the selected crypto units.\n");
    await desk.ok("cryptounit-admin-add --key bob --name 'Bob B'");
    const { units } = await desk.json<Listed>("cryptounit-admins");
    expect(units.map(({ administrators }) => administrators)).toEqual(
      Array(3).fill(["alice", "bob"].map((id) => ({ name: ADMINISTRATORS[id], ski: desk.skis[id] }))),
    );
  });

  it("asks for a token that it has not got, without an echo; a password file will do", async () => {
    const { token } = desk.tokens.find(({ key }) => key === "carol")!;
    desk.keys(desk.tokens.filter(({ key }) => key !== "carol"));
    const answers = ["carol", token, "Carol C"];
    const dry = await desk.ok("cryptounit-admin-add --dry-run", { answers });
    expect(dry.prompts[1]!.trim()).toBe("Enter the token for the administrator signature key:\n>");
    expect(dry.screen).toContain("add administrator 'Carol C'");
    expect(dry.screen).not.toContain(token);
    const file = desk.write("token", `${token}\n`);
    await desk.ok(`cryptounit-admin-add --key carol --name 'Carol C' --password-file ${file}`);
    const wrong = desk.write("wrong", "not-the-token-of-carol\n");
    const { code, err } = await desk.run(`cryptounit-admin-add --key carol --name C --password-file ${wrong}`);
    expect(code).toBe(4);
    expect(err).toContain("key 'carol': the signing service answered 401: Unauthorized");
    expect(err).not.toContain("not-the-token");
  });

  it("leaves imprint mode: a key without a token is asked for, and an empty line passes it over", async () => {
    desk.keys([{ key: "alice" }, ...desk.tokens.slice(1)]);
    const line = "cryptounit-thrhld-set --signature-threshold 2 --revocation-threshold 2";
    const few = await desk.run(`${line} --sign-with 'alice bob'`, { answers: [""] });
    expect(few.code).toBe(6);
    expect(few.prompts.map((prompt) => prompt.trim())).toEqual([
      "Enter the token for the signature key identified by:\nalice\nAn empty line passes it over.\n>",
    ]);
    expect(few.err).toContain("want 2 of its administrators to sign, got 1 selected signature key that it knows");
    expect(few.err).toContain("list more of their keys in 'SIGNSERVKEYS'");
    await desk.ok(line, { answers: [""] });
    desk.keys(desk.tokens);
    const { units } = await desk.json<{ units: { signatureThreshold: number }[] }>("cryptounit-thrhlds");
    expect(units.map(({ signatureThreshold }) => signatureThreshold)).toEqual([2, 2, 2]);
  });

  it("gets a master key from parts, which is committed and activated", async () => {
    const password = desk.write("pw", "part\n");
    for (const name of ["first", "second"])
      await desk.ok(`mk-add --random --description ${name} --password-file ${password}`);
    await desk.ok(`cryptounit-mk-load --keynum '1 2' --password-file ${password}`);
    await desk.ok("cryptounit-mk-commit");
    await desk.ok("cryptounit-mk-setimm", { answers: ["y"] });
    const patterns = await desk.currents();
    expect(new Set(patterns).size).toBe(1);
    expect(patterns[0]).toMatch(/^[0-9a-f]{64}$/);
    expect((await desk.json<{ alike: boolean }>("cryptounit-compare")).alike).toBe(true);
  });

  it("obeys in everything else", async () => {
    const { err } = await desk.ok("cryptounit-cp-btc --verbose");
    expect(err).toMatch(/^\* GET http:\S+\/keys\/alice: status 200, [0-9.]+ ms$/m);
    expect(err).toMatch(/^\* POST http:\S+\/sign\/bob: status 200, [0-9.]+ ms$/m);
    for (const { token } of desk.tokens) expect(err).not.toContain(token);
    await desk.ok("cryptounit-cp --number 66 --clear");
    await desk.ok("cryptounit-admin-rm --admin 'Carol C'");
    await desk.ok("cryptounit-admin-add --key carol --name 'Carol C'");
    const password = desk.write("pw", "part\n");
    await desk.ok(`mk-add --random --description third --password-file ${password}`);
    await desk.ok(`cryptounit-mk-load --keynum '1 3' --password-file ${password}`);
    await desk.ok("cryptounit-mk-clrnew --force");
    const { units } = await desk.json<Listed>("cryptounit-mk");
    expect(units.map(({ newRegister }) => newRegister.status)).toEqual(Array(3).fill("Empty"));
  });

  it("is rotated", async () => {
    await desk.ok("keystore generate --count 3");
    const before = await desk.currents();
    await desk.ok("auto-mk-rotate --instance 1 --delay 0");
    const after = await desk.currents();
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(before[0]);
    expect((await desk.ok("keystore check")).out.match(/3 of 3/g)).toHaveLength(3);
  });

  it("is rotated to a key made of parts", async () => {
    const before = await desk.currents();
    await desk.ok(`cryptounit-mk-load --keynum '1 3' --password-file ${desk.write("pw", "part\n")}`);
    await desk.ok("cryptounit-mk-commit");
    await desk.ok("cryptounit-mk-rotate --force");
    const after = await desk.currents();
    expect(new Set(after).size).toBe(1);
    expect(after[0]).not.toBe(before[0]);
  });

  it("gets its master key back from a recovery unit", async () => {
    const before = await desk.currents();
    await desk.ok("cryptounit-rm --units '2 3'");
    await desk.ok("cryptounit-mk-clrcur --force");
    await desk.ok("auto-mk-recover --source 2 --targets 1");
    await desk.ok("cryptounit-add --units '2 3'");
    expect(await desk.currents()).toEqual(before);
  });

  it("is zeroized", async () => {
    await desk.ok("cryptounit-zeroize --force");
    const { units } = await desk.json<Listed>("cryptounit-admins");
    expect(units.map(({ administrators }) => administrators)).toEqual([[], [], []]);
  });
});

describe("the service", () => {
  it("has shown everything that it signed, and no secret; it ends when it is told to", async () => {
    const { code, err, out } = await desk.stop();
    expect([code, out]).toEqual([0, ""]);
    expect(existsSync(desk.portFile)).toBe(false);
    for (const what of [
      "alice (alice) to sign: certificate of an administrator, digest ",
      `to sign: add-domain-administrator, unit `,
      `name Carol C, ski ${desk.skis["carol"]}, key type p521ec: signed`,
      "set-domain-attributes, unit ",
      "signature threshold 2, revocation threshold 2, permissions ",
      "importer key P521: signed",
      "import-wk, unit ",
      "commit-pending-wk, unit ",
      "finalize-wk, unit ",
      "export-next-wk, unit ",
      "control points BTC: signed",
      "zeroize-domain, unit ",
    ])
      expect(err).toContain(what);
    for (const { token } of desk.tokens) expect(err).not.toContain(token);
    expect(err).not.toContain("not signed");
  });
});
