// The register lifecycle: every command in every state (unit-behaviour.md 6.1 to 6.3).

import { beforeAll, describe, expect, it } from "vitest";
import type { UnitState } from "../../src/unit/state.ts";
import { hexOf, kphCertificate, parameterMap, u32 } from "../support/handmade.ts";
import { Id, Lab, NOTHING, type Secrets } from "../support/unit-lab.ts";

let lab: Lab;

beforeAll(async () => {
  lab = await Lab.open();
});

/** The six states: current Empty or Valid; new Empty, Full Uncommitted or Full Committed. */
const STATES: readonly (readonly [string, Secrets])[] = [
  ["Empty/Empty", {}],
  ["Full Uncommitted/Empty", { next: "uncommitted" }],
  ["Full Committed/Empty", { next: "committed" }],
  ["Empty/Valid", { current: true }],
  ["Full Uncommitted/Valid", { current: true, next: "uncommitted" }],
  ["Full Committed/Valid", { current: true, next: "committed" }],
];

type Registers = UnitState["registers"];
interface Row {
  readonly name: string;
  readonly command: number;
  readonly input: (registers: Registers) => Uint8Array;
  /** For each of the six states the code. */
  readonly codes: readonly [string, string, string, string, string, string];
  /** What the registers must be after "0"; undefined where they hold a fresh key. */
  readonly after?: (before: Registers) => Registers;
}

const pattern = (registers: Registers) => registers.next?.pattern ?? new Uint8Array(32);
const same = (before: Registers): Registers => before;
const holder = () => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[0]!.publicKey)]);

const TABLE: readonly Row[] = [
  {
    name: "generate random WK",
    command: Id.GenerateRandom,
    input: () => NOTHING,
    codes: ["0", "0", "0", "0", "80/53", "80/53"],
  },
  {
    name: "commit",
    command: Id.Commit,
    input: pattern,
    codes: ["102/50", "0", "0", "102/50", "0", "0"],
    after: ({ current, next }) => ({ current, next: { ...next!, committed: true } }),
  },
  {
    name: "commit with another pattern",
    command: Id.Commit,
    input: () => new Uint8Array(32).fill(7),
    codes: ["102/50", "101/48", "101/48", "102/50", "101/48", "101/48"],
  },
  {
    name: "finalize",
    command: Id.Finalize,
    input: pattern,
    codes: ["102/50", "102/64", "0", "102/50", "102/64", "0"],
    after: ({ next }) => ({ current: next!.pattern, next: null }),
  },
  {
    name: "finalize with another pattern",
    command: Id.Finalize,
    input: () => new Uint8Array(32).fill(7),
    codes: ["102/50", "102/64", "101/48", "102/50", "102/64", "101/48"],
  },
  {
    name: "clear current",
    command: Id.ClearCurrent,
    input: () => NOTHING,
    codes: ["0", "0", "0", "0", "0", "0"],
    after: ({ next }) => ({ current: null, next }),
  },
  {
    name: "clear pending",
    command: Id.ClearPending,
    input: () => NOTHING,
    codes: ["0", "0", "0", "0", "0", "0"],
    after: ({ current }) => ({ current, next: null }),
  },
  {
    name: "export",
    command: Id.Export,
    input: holder,
    codes: ["102/49", "102/49", "102/49", "0", "0", "0"],
    after: same,
  },
  {
    name: "export next",
    command: Id.ExportNext,
    input: holder,
    codes: ["102/50", "0", "0", "102/50", "0", "0"],
    after: same,
  },
  {
    name: "zeroize",
    command: Id.Zeroize,
    input: () => NOTHING,
    codes: ["0", "0", "0", "0", "0", "0"],
    after: () => ({ current: null, next: null }),
  },
];

describe.each(TABLE)("section 6.1: $name", ({ command, input, codes, after }) => {
  it.each(STATES.map(([name, secrets], i) => [name, secrets, codes[i]!] as const))(
    "new/current %s",
    (_name, secrets, code) => {
      const id = lab.operational();
      lab.fill(id, secrets);
      const before = lab.state(id);
      const answer = lab.run(id, command, input(before.registers), lab.signers(2));
      expect(answer.code).toBe(code);
      const now = lab.state(id);
      if (code !== "0") expect(now).toEqual({ ...before, counter: answer.counter });
      else if (after) expect(now.registers).toEqual(after(before.registers));
    },
  );
});

describe("section 6.1: import WK", () => {
  it.each(STATES)("new/current %s: new is Full Uncommitted, whatever it was; current stays", (_name, secrets) => {
    const id = lab.operational();
    lab.fill(id, { ...secrets, importer: true });
    const { current } = lab.state(id).registers;
    const { infos, pattern: imported } = lab.parts(id);
    const answer = lab.send(id, lab.import(id, [{ info: infos[0]!, signers: lab.signers(1) }]));
    expect(answer).toMatchObject({ code: "0", output: imported });
    expect(lab.state(id).registers).toEqual({ current, next: { pattern: imported, committed: false } });
  });
});

describe("section 6.1: generate random WK", () => {
  it("makes current Valid at once if it was Empty, and tells its pattern", () => {
    const id = lab.operational();
    const { output } = lab.run(id, Id.GenerateRandom, NOTHING, lab.signers(1));
    expect(lab.state(id).registers).toEqual({ current: output, next: null });
  });

  it("leaves a pending key alone if current was Empty, and tells the pattern of the new current one", () => {
    const id = lab.operational();
    lab.fill(id, { next: "committed" });
    const { next } = lab.state(id).registers;
    const { output } = lab.run(id, Id.GenerateRandom, NOTHING, lab.signers(1));
    expect(lab.state(id).registers).toEqual({ current: output, next });
  });

  it("makes new Full Uncommitted if current was Valid, and tells its pattern", () => {
    const id = lab.operational();
    lab.fill(id, { current: true });
    const { current } = lab.state(id).registers;
    const { output } = lab.run(id, Id.GenerateRandom, NOTHING, lab.signers(1));
    expect(lab.state(id).registers).toEqual({ current, next: { pattern: output, committed: false } });
    expect(hexOf(output)).toMatch(/0{8}$/);
  });
});

describe("section 6.2: patterns", () => {
  it("compares 28 bytes: the last four of the input do not matter", () => {
    const id = lab.operational();
    lab.fill(id, { next: "uncommitted" });
    const input = lab.state(id).registers.next!.pattern.slice().fill(0xee, 28);
    expect(lab.run(id, Id.Commit, input, lab.signers(2)).code).toBe("0");
    expect(lab.run(id, Id.Finalize, input, lab.signers(1)).code).toBe("0");
  });

  it.each([0, 27])("101/48 if byte %i differs", (at) => {
    const id = lab.operational();
    lab.fill(id, { next: "committed" });
    const { pattern: right } = lab.state(id).registers.next!;
    const input = right.with(at, right[at]! ^ 1);
    expect(lab.run(id, Id.Commit, input, lab.signers(2)).code).toBe("101/48");
    expect(lab.run(id, Id.Finalize, input, lab.signers(1)).code).toBe("101/48");
  });

  it.each([0, 28, 31, 33])("33/48 for %i bytes", (length) => {
    const id = lab.operational();
    lab.fill(id, { next: "committed" });
    const before = lab.state(id);
    for (const command of [Id.Commit, Id.Finalize]) {
      expect(lab.run(id, command, new Uint8Array(length), lab.signers(2)).code).toBe("33/48");
    }
    expect(lab.state(id)).toBe(before);
  });
});

describe("section 6.1: first load and rotation", () => {
  it("go through the states of the documentation", () => {
    const id = lab.operational();
    const status = () => lab.info(id, 3)[71]! & 0x0e;
    const generate = () => lab.run(id, Id.GenerateImporter, u32(3), lab.signers(1)).code;
    const load = (): Uint8Array => {
      expect(generate()).toBe("0");
      const { infos } = lab.parts(id, 2, true);
      const answer = lab.send(
        id,
        lab.import(
          id,
          infos.map((info, i) => ({ info, signers: [lab.admins[i]!] })),
        ),
      );
      expect(answer.code).toBe("0");
      return answer.output;
    };
    for (const valid of [0, 2]) {
      expect(status()).toBe(valid);
      const loaded = load();
      expect(status()).toBe(valid | 4);
      expect(lab.run(id, Id.Commit, loaded, lab.signers(2)).code).toBe("0");
      expect(status()).toBe(valid | 0xc);
      expect(lab.run(id, Id.Finalize, loaded, lab.signers(1)).code).toBe("0");
      expect(status()).toBe(2);
      expect(lab.info(id, 3).slice(4, 36)).toEqual(loaded);
    }
  });
});

describe("section 6.3: importer key", () => {
  it.each([0, 3, 5])("33/54 for a type of %i bytes", (length) => {
    const id = lab.operational();
    const before = lab.state(id);
    expect(lab.run(id, Id.GenerateImporter, new Uint8Array(length), lab.signers(1)).code).toBe("33/54");
    expect(lab.state(id)).toBe(before);
  });

  it.each([1, 2, 4, 5, 6, 7, 8, 9, 0xffffffff])("32/55 for type %i", (type) => {
    expect(lab.run(lab.operational(), Id.GenerateImporter, u32(type), lab.signers(1)).code).toBe("32/55");
  });

  it("answers type 0, RSA-2048, with the SubjectPublicKeyInfo of 294 bytes", () => {
    const { code, output } = lab.run(lab.operational(), Id.GenerateImporter, u32(0), lab.signers(1));
    expect(code).toBe("0");
    expect(hexOf(output)).toMatch(
      /^30820122300d06092a864886f70d01010105000382010f003082010a0282010100[89a-f].{511}0203010001$/,
    );
    expect(output).toHaveLength(294);
  });

  it("answers with the SubjectPublicKeyInfo and replaces the key before", () => {
    const id = lab.operational();
    const first = lab.run(id, Id.GenerateImporter, u32(3), lab.signers(1)).output;
    expect(first).toHaveLength(158);
    expect(hexOf(first)).toMatch(/^30819b301006072a8648ce3d020106052b8104002303818600 ?04/);
    const old = lab.parts(id).infos[0]!;
    const second = lab.run(id, Id.GenerateImporter, u32(3), lab.signers(1)).output;
    expect(second).not.toEqual(first);
    expect(lab.state(id).importer!.publicKey).toEqual(second.slice(25));
    expect(lab.send(id, lab.import(id, [{ info: old, signers: lab.signers(1) }])).code).toBe("102/1");
  });

  it("serves any number of imports", () => {
    const id = lab.operational();
    lab.fill(id, { importer: true });
    for (let i = 0; i < 3; i++) {
      const { infos } = lab.parts(id);
      expect(lab.send(id, lab.import(id, [{ info: infos[0]!, signers: lab.signers(1) }])).code).toBe("0");
    }
  });
});
