// auto-init with administrators whose keys are in a signing service; what can be wrong with a service and its keys.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Listed, SigningDesk } from "../../support/signing-desk.ts";

const desk = new SigningDesk();
beforeAll(async () => {
  await desk.open("--instances 2 --operational 1 --recovery 2");
});
afterAll(() => desk.close());

describe("auto-init", () => {
  const thresholds = "--instance 2 --signature-threshold 2 --revocation-threshold 2";

  it("takes the keys of SIGNSERVKEYS, and asks for the administrators' names; it makes no keys", async () => {
    const answers = ["Alice A", "Bob B", "Carol C"];
    const { prompts } = await desk.ok(`auto-init ${thresholds} --admins 3`, { answers });
    expect(prompts.map((prompt) => prompt.trim())).toEqual(
      ["alice", "bob", "carol"].map(
        (id) => `Enter an administrator name to be associated with the signature key:\n${id}\n>`,
      ),
    );
    expect(desk.list().filter((name) => name.endsWith(".sigkey"))).toEqual(["1.sigkey"]);
    expect(new Set(await desk.currents()).size).toBe(1);
    const { units } = await desk.json<Listed>("cryptounit-admins");
    expect(units[0]!.administrators.map(({ name }) => name)).toEqual(answers);
  });

  it("asks which keys, if there are more than it needs", async () => {
    const line = "auto-init --instance 1 --signature-threshold 1 --revocation-threshold 1 --admins 2";
    const { prompts } = await desk.ok(line, { answers: ["carol bob", "C C", "B B"] });
    expect(prompts[0]!.trim()).toBe(
      "Enter the key ids of the signature keys you want to use to create administrators:\nSeparate them by spaces.\n>",
    );
    expect(prompts).toHaveLength(3);
    await desk.ok(`${line} --resume --key 'carol bob' --name 'C C,B B'`);
    await desk.ok("cryptounit-add --units '1'");
    const { units } = await desk.json<Listed>("cryptounit-admins");
    expect(units[0]!.administrators).toEqual([
      { name: "C C", ski: desk.skis["carol"] },
      { name: "B B", ski: desk.skis["bob"] },
    ]);
  });

  it.each([
    ["--admins 4", 5, "want 4 keys of the signing service in 'SIGNSERVKEYS' for 4 administrators, got 3"],
    ["--admins 2 --key 'alice'", 2, "want 2 key ids, got 1"],
    ["--admins 2 --key 'alice dave'", 2, "want key ids that are in 'SIGNSERVKEYS' (alice, bob, carol), got 'dave'"],
    ["--admins 2 --keynum '1 2'", 2, "--keynum names key files, which are not used"],
    ["--admins 3 --name 'A,B'", 2, "want 3 names, got 2"],
    ["--admins 3", 2, "--name is wanted"],
  ])("%s: exit %i", async (options, code, why) => {
    const run = await desk.run(`auto-init --resume ${thresholds} ${options}`);
    expect([run.code, run.err.includes(why) ? why : run.err]).toEqual([code, why]);
  });
});

describe("what can be wrong", () => {
  const line = "cryptounit-thrhld-set --signature-threshold 1 --revocation-threshold 1";
  const refused = async (command: string, code: number, why: string, env = {}) => {
    const run = await desk.run(command, { env });
    expect([run.code, run.err.includes(why) ? why : run.err]).toEqual([code, why]);
    for (const { token } of desk.tokens) expect(run.screen).not.toContain(token);
  };

  it("no SIGNSERVKEYS", async () => {
    desk.forget();
    await refused(line, 5, "want the keys that are allowed to sign in 'SIGNSERVKEYS'");
    await refused(
      "cryptounit-admin-add --key alice --name A",
      2,
      "Enter the token for the administrator signature key:",
    );
    desk.keys(desk.tokens);
  });

  it("a damaged SIGNSERVKEYS", async () => {
    writeFileSync(join(desk.files, "SIGNSERVKEYS"), JSON.stringify(desk.tokens).slice(0, -1));
    await refused(line, 1, "want JSON, got something else");
    desk.keys(desk.tokens);
  });

  it("a key that is not listed", () => refused(`${line} --sign-with 'alice dave'`, 2, "got 'dave'"));

  it("a key id that is none", () => refused("cryptounit-admin-add --key a/b --name A", 2, "want letters, digits"));

  it("a key file where a service is used, and the other way round", async () => {
    await refused("cryptounit-admin-add --keynum 1", 2, "use --key");
    await refused("cryptounit-admin-add --key alice", 2, "use --keynum", { TKE_SIGNSERV_URL: "" });
  });

  it("no service there", () =>
    refused(line, 1, "no answer from the signing service about key 'alice' (ECONNREFUSED)", {
      TKE_SIGNSERV_URL: "http://127.0.0.1:1",
    }));

  it("an http URL of another host is used, and warned of", async () => {
    const env = { TKE_SIGNSERV_URL: "http://0.0.0.0:1" };
    const warning = "Warning: TKE_SIGNSERV_URL is not https: tokens go over the network as they are.\n";
    expect((await desk.run(line, { env })).err).toContain(warning);
    expect((await desk.run(`${line} --quiet`, { env })).err).not.toContain("Warning");
    expect((await desk.run(line)).err).not.toContain("Warning");
  });

  it("no URL", () => refused(line, 2, "want a URL such as https://host:port", { TKE_SIGNSERV_URL: "localhost" }));

  it("a certificate authority that cannot be read", () =>
    refused(`${line} --signserv-ca-file nowhere`, 2, "--signserv-ca-file: 'nowhere' cannot be read (ENOENT)"));
});

describe("a service that signs little", () => {
  beforeAll(async () => {
    const { err } = await desk.stop();
    expect(err).toContain("to sign: test of the key, zero bytes 100: signed");
    await desk.serve("--allow 'certificate,add-domain-administrator'");
    desk.keys(desk.tokens);
  });
  afterAll(() => desk.stop());

  it("says why before anything is changed", async () => {
    const options = "--signature-threshold 2 --revocation-threshold 2 --admins 3 --name 'Alice A,Bob B,Carol C'";
    const run = await desk.run(`auto-init --resume --instance 2 ${options}`);
    expect(run.code).toBe(5);
    expect(run.err).toContain("can't be used: key 'alice': the signing service answered 403:");
    expect(run.err).toContain("test is not allowed");
  });

  it("says why a command is not signed; the crypto units are as they were", async () => {
    const controlPoint = async () => (await desk.ok("cryptounit-cp --number 66")).out;
    const before = await controlPoint();
    const { code, err } = await desk.run("cryptounit-cp --number 66 --clear --sign-with 'carol bob'");
    expect(code).toBe(1);
    expect(err).toContain("delete-domain-control-points is not allowed");
    expect(await controlPoint()).toBe(before);
  });
});
