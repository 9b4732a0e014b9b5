import { describe, expect, it } from "vitest";
import { UnitType } from "../../src/client/units.ts";
import type { KeySlot } from "../../src/core/api.ts";
import { permissionsFor, type Step, stepJob, updateOrder, updateSteps } from "../../src/procedures/update-steps.ts";
import type { UnitView } from "../../src/procedures/view.ts";
import type { Administrator } from "../../src/workstation/signer.ts";
import { createRig } from "../support/rig.ts";

const NONE = new Uint8Array(32);

/** An administrator known by a letter. */
function named(letter: string): Administrator {
  const ski = new Uint8Array(32).fill(letter.charCodeAt(0));
  return { name: letter, ski, publicKey: ski, key: 0 as KeySlot, certificate: ski };
}

/** "abc" for three administrators. */
const all = (letters: string): Administrator[] => [...letters].map(named);

function view(installed: string, signatureThreshold: number, revocationThreshold: number): UnitView {
  return {
    unit: {
      id: "u",
      instance: "i",
      type: UnitType.Operational,
      location: "l",
      moduleIndex: 0,
      domainIndex: 0,
      serial: "s",
    },
    attributes: { signatureThreshold, revocationThreshold, permissions: 0, operationalMode: 0, standardsCompliance: 0 },
    administrators: all(installed).map(({ ski }) => ski),
    registers: { current: { status: "Empty", pattern: NONE }, next: { status: "Empty", pattern: NONE } },
  };
}

const configuration = (letters: string, signatureThreshold: number, revocationThreshold: number) => ({
  signatureThreshold,
  revocationThreshold,
  administrators: all(letters),
});

const letterOf = (ski: Uint8Array): string => String.fromCharCode(ski[0]!);

/** "remove c [ab]": what, and who signs. */
function text(step: Step): string {
  const signers = `[${step.signers.map(({ name }) => name).join("")}]`;
  if (step.kind === "add") return `add ${step.administrator.name} ${signers}`;
  if (step.kind === "remove") return `remove ${letterOf(step.ski)} ${signers}`;
  return `set ${step.signatureThreshold} ${step.revocationThreshold} ${signers}`;
}

describe("the order of an update", () => {
  it.each([
    // installed, S, R, configured, S', R', order, commands
    ["", 0, 0, "abc", 2, 1, "A", ["add a []", "add b []", "add c []", "set 2 1 [ab]"]],
    ["abcd", 2, 2, "abef", 3, 3, "A", ["remove c [ab]", "remove d [ab]", "add e [ab]", "add f [ab]", "set 3 3 [ab]"]],
    ["abc", 2, 1, "abcd", 1, 4, "A", ["add d [ab]", "set 1 4 [ab]"]],
    ["abc", 1, 1, "ab", 1, 2, "A", ["remove c [a]", "set 1 2 [a]"]],
    ["abc", 2, 2, "abc", 2, 2, "A", ["set 2 2 [ab]"]],
    [
      "abcd",
      1,
      3,
      "abef",
      2,
      2,
      "B",
      ["set 1 2 [a]", "remove c [ab]", "remove d [ab]", "add e [a]", "add f [a]", "set 2 2 [a]"],
    ],
    ["abc", 1, 2, "abd", 3, 1, "B", ["set 1 1 [a]", "remove c [a]", "add d [a]", "set 3 1 [a]"]],
    ["abcd", 1, 2, "ae", 1, 2, "C", ["add e [a]", "remove b [ae]", "remove c [ae]", "remove d [ae]", "set 1 2 [a]"]],
    [
      "abcde",
      2,
      3,
      "abfgh",
      4,
      4,
      "C",
      ["add f [ab]", "add g [ab]", "add h [ab]", "remove c [abf]", "remove d [abf]", "remove e [abf]", "set 4 4 [ab]"],
    ],
    ["a", 1, 2, "ab", 1, 2, "C", ["add b [a]", "set 1 2 [a]"]],
  ] as const)("of %s at %i/%i to %s at %i/%i is %s", (installed, s, r, configured, s2, r2, order, commands) => {
    const now = view(installed, s, r);
    const wanted = configuration(configured, s2, r2);
    expect(updateOrder(now, wanted)).toBe(order);
    expect(updateSteps(now, wanted, order).map(text)).toEqual(commands);
  });

  it.each([
    ["too few who can sign", "abc", 2, 2, "ad", 1, 1],
    ["no room for all at once", "abcdef", 1, 2, "aghi", 1, 2],
    ["too few who can sign a removal, even with the new ones", "abcde", 1, 4, "af", 1, 2],
  ])("is none with %s", (_, installed, s, r, configured, s2, r2) => {
    expect(updateOrder(view(installed, s, r), configuration(configured, s2, r2))).toBeNull();
  });
});

describe("permissions", () => {
  it.each([
    ["a new recovery unit", UnitType.Recovery, 0x81ff0011, 0x01ff205f],
    ["a new operational unit", UnitType.Operational, 0x81ff0011, 0x01ff2055],
    ["a new failover unit", UnitType.Failover, 0x81ff0011, 0x01ff2055],
    ["an old operational unit", UnitType.Operational, 0x01ff0011, 0x01ff0055],
    ["an operational unit that could export", UnitType.Operational, 0x01ff205f, 0x01ff205d],
    ["a recovery unit as it is", UnitType.Recovery, 0x01ff205f, 0x01ff205f],
    ["an operational unit as it is", UnitType.Operational, 0x01ff2055, 0x01ff2055],
    ["other bits", UnitType.Operational, 0x00000020, 0x00000065],
  ])("of %s", (_, type, now, wanted) => {
    expect(permissionsFor(type, now).toString(16)).toBe(wanted.toString(16));
  });
});

describe("thresholds of units of earlier firmware", () => {
  const set = { kind: "set", signatureThreshold: 1, revocationThreshold: 1 } as const;

  async function setOn(type: "operational" | "recovery") {
    const rig = await createRig({ instances: { one: { [type]: 1, old: true } }, administrators: 1 });
    const unit = rig.unit("one", type);
    const client = rig.client();
    const [administrator] = rig.administrators as [Administrator];
    const [added] = await client.run([stepJob(unit, { kind: "add", administrator, signers: [] })]);
    expect(added).toEqual({ ok: true, value: undefined });
    const [outcome] = await client.run([stepJob(unit, { ...set, signers: [administrator] })]);
    return { outcome, unit, permissions: rig.state(unit).attributes.permissions };
  }

  it("leave an operational unit's do-not-disturb bits off", async () => {
    const { outcome, permissions } = await setOn("operational");
    expect(outcome).toEqual({ ok: true, value: undefined });
    expect(permissions).toBe(0x01ff0055);
  });

  it("are refused by a recovery unit, whose bit can't be switched on", async () => {
    const { outcome, unit, permissions } = await setOn("recovery");
    const message = expect.stringContaining(unit.location);
    expect(outcome).toMatchObject({ ok: false, error: { returnCode: 209, reasonCode: 70, message } });
    expect(permissions).toBe(0x01ff0011);
  });
});
