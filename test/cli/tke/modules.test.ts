// OA keys of modules: recorded when a module is first met, compared from then on.

import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { toHex } from "../../../src/bytes.ts";
import { readStore } from "../../../src/fleet/store/open.ts";
import { Desk } from "../../support/tke-desk.ts";

interface Domain {
  readonly serial_num: string;
  readonly public_key: string;
  readonly selected: boolean;
}

let desk: Desk;
beforeEach(async () => {
  desk = new Desk();
  await desk.fleet("--instances 1 --operational 1 --recovery 1 --seed modules");
});
afterEach(() => desk.close());

const domains = () => JSON.parse(desk.read("DOMAINS")) as Domain[];
const modules = () => JSON.parse(desk.read("CRYPTOMODULES")) as Omit<Domain, "selected">[];

/** The keys that the modules have in the fleet's store. */
async function keysInFleet(): Promise<Map<string, string>> {
  const store = await readStore(desk.home);
  const keys = Array.from(store.serials(), (serial) => [serial, toHex(store.module(serial)!.oaPublicKey)] as const);
  store.close();
  return new Map(keys);
}

describe("OA keys", () => {
  it("are recorded when crypto units are listed: 133 bytes of each module", async () => {
    await desk.ok("cryptounits");
    const keys = await keysInFleet();
    expect(modules().map(({ serial_num, public_key }) => [serial_num, public_key])).toEqual(
      expect.arrayContaining([...keys]),
    );
    expect(modules()).toHaveLength(keys.size);
    for (const { public_key } of modules()) expect(public_key).toMatch(/^04[0-9a-f]{264}$/);
    expect(desk.list()).not.toContain("DOMAINS");
  });

  it("are recorded when crypto units are selected: of those", async () => {
    await desk.ok("cryptounit-add --units 1");
    const keys = await keysInFleet();
    const [first, second] = domains();
    expect(first).toMatchObject({ selected: true, public_key: keys.get(first!.serial_num) });
    expect(second).toMatchObject({ selected: false, public_key: "" });
    expect(modules()).toEqual([{ serial_num: first!.serial_num, public_key: first!.public_key }]);
    await desk.ok("cryptounits");
    expect(domains().map(({ public_key }) => public_key)).toEqual(domains().map((one) => keys.get(one.serial_num)));
    expect(domains().map(({ selected }) => selected)).toEqual([true, false]);
  });

  it("are recorded by auto-init", async () => {
    const password = desk.write("pw", "a\n");
    await desk.ok(
      `auto-init --signature-threshold 1 --revocation-threshold 1 --admins 1 --name A --password-file ${password}`,
    );
    expect(new Map(modules().map((one) => [one.serial_num, one.public_key]))).toEqual(await keysInFleet());
    expect(domains().every(({ public_key }) => public_key.length === 266)).toBe(true);
  });

  /** The same fleet made anew: the same serial numbers, other keys. */
  const remake = async () => {
    await desk.ok("fleet destroy --force");
    await desk.fleet("--instances 1 --operational 1 --recovery 1 --seed modules");
  };

  it("that changed under the same serial number are refused, and accepted only on purpose", async () => {
    await desk.ok("cryptounit-add --all");
    const before = { domains: desk.read("DOMAINS"), modules: desk.read("CRYPTOMODULES") };
    await remake();
    for (const line of ["cryptounit-mk", "cryptounit-add --all", "cryptounit-admins"]) {
      const { code, err } = await desk.run(line);
      expect(code).toBe(5);
      const serial = modules()[0]!.serial_num;
      expect(err).toContain(`the OA key of module ${serial} is not the one that was recorded when it was first met`);
      expect(err).toContain("'opentke cryptounit-add --accept-oa-keys'");
    }
    expect({ domains: desk.read("DOMAINS"), modules: desk.read("CRYPTOMODULES") }).toEqual(before);
    await desk.ok("cryptounit-add --all --accept-oa-keys");
    expect(new Map(modules().map((one) => [one.serial_num, one.public_key]))).toEqual(await keysInFleet());
    expect(desk.read("DOMAINS")).not.toBe(before.domains);
    await desk.ok("cryptounit-mk");
  });

  it("that changed can still be listed", async () => {
    await desk.ok("cryptounit-add --all");
    await remake();
    expect((await desk.ok("cryptounits")).out).toContain("OPERATIONAL");
  });

  it("in a file of IBM's for a CEX5 are read as well; nonsense is not", async () => {
    await desk.ok("cryptounits");
    const [first, second] = modules();
    const cex5 = `${"00".repeat(24)}0085${first!.public_key}00`;
    desk.write(
      "files/CRYPTOMODULES",
      JSON.stringify([
        { ...first, public_key: cex5 },
        { ...second, public_key: "" },
      ]),
    );
    await desk.ok("cryptounit-add --all");
    expect(modules()).toEqual([{ ...first, public_key: cex5 }, second]);
    expect(
      domains()
        .map(({ public_key }) => public_key)
        .sort(),
    ).toEqual([first!.public_key, second!.public_key].sort());
    desk.write("files/CRYPTOMODULES", JSON.stringify([{ ...first, public_key: "zz" }]));
    const { code, err } = await desk.run("cryptounits");
    expect(code).toBe(1);
    expect(err).toContain(`module ${first!.serial_num}: want an OA public key in hexadecimal`);
  });
});
