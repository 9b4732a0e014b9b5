// What an operator does, with administrators whose keys are RSA-2048 and P-521 together.

import { beforeAll, describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import type { Client } from "../../src/client/client.ts";
import { unwrap } from "../../src/client/outcome.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { PreconditionError } from "../../src/errors.ts";
import { update } from "../../src/procedures/update.ts";
import { viewNamedUnits } from "../../src/procedures/view.ts";
import { zeroizeUnits } from "../../src/procedures/zeroize.ts";
import { rsaAdministrator } from "../../src/workstation/rsa-signer.ts";
import type { Administrator } from "../../src/workstation/signer.ts";
import { createRig, type Rig } from "../support/rig.ts";
import { RSA_NUMBERS, rsaKey } from "../support/rsa-keys.ts";

let rig: Rig;
let client: Client;
let units: CryptoUnit[];
/** P-521, P-521, RSA, RSA. */
let administrators: Administrator[];

beforeAll(async () => {
  rig = await createRig({ instances: { one: { operational: 2, recovery: 2, failover: 1 } }, administrators: 2 });
  client = rig.client();
  units = rig.units("one");
  const rsa = RSA_NUMBERS.map((numbers, i) => rsaAdministrator(`rsa ${i + 1}`, rsaKey(numbers)));
  administrators = [...rig.administrators, ...rsa];
});

const pick = (...at: number[]): Administrator[] => at.map((i) => administrators[i]!);
const configure = async (signatureThreshold: number, revocationThreshold: number, own: readonly Administrator[]) => {
  const results = await update(client, units, { signatureThreshold, revocationThreshold, administrators: own });
  expect(results.map(({ status }) => status)).toEqual(units.map(() => "done"));
  for (const unit of units) {
    const state = rig.state(unit);
    expect(state.attributes).toMatchObject({ signatureThreshold, revocationThreshold });
    expect(state.administrators.map(({ ski }) => toHex(ski)).sort()).toEqual(own.map(({ ski }) => toHex(ski)).sort());
  }
};
const patterns = () => new Set(units.map((unit) => toHex(rig.state(unit).registers.current!)));

describe("RSA administrators", () => {
  it("initialise units and distribute a master key, signing beside P-521 administrators", async () => {
    await configure(2, 2, pick(0, 2, 3));
    expect(patterns().size).toBe(1);
  });

  it("are exchanged, and sign alone", async () => {
    const before = [...patterns()];
    await configure(1, 1, pick(2, 3));
    await configure(1, 1, pick(3, 1));
    expect([...patterns()]).toEqual(before);
  });

  it("are listed by name", async () => {
    for (const view of await viewNamedUnits(client, units))
      expect(
        unwrap(view)
          .named.map(({ name }) => name)
          .sort(),
      ).toEqual(["administrator 2", "rsa 2"]);
  });

  it("zeroize", async () => {
    expect(await zeroizeUnits(client, units, pick(3))).toEqual(units.map(() => ({ ok: true, value: undefined })));
    expect(units.map((unit) => rig.state(unit).registers.current)).toEqual(units.map(() => null));
  });

  it("whose key does not sign are told before anything is changed", async () => {
    const [good] = pick(2) as [Administrator];
    const mute: Administrator = { ...good, key: { keyType: "rsa2048", sign: () => Promise.reject(new Error("gone")) } };
    const attempt = update(client, units, { signatureThreshold: 1, revocationThreshold: 1, administrators: [mute] });
    await expect(attempt).rejects.toThrow(PreconditionError);
    await expect(attempt).rejects.toThrow("the signature key of 'rsa 1' can't be used");
  });
});
