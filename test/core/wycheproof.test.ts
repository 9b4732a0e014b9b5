// Wycheproof through core.wasm. What the card has no form for - signatures that are not strict DER of two numbers of 66 bytes,
// compressed points, key data of 0 or 8 bytes - is refused by size or by the decoder below; how many those are is asserted.

import { beforeAll, describe, expect, test } from "vitest";
import type { Core } from "../../src/core/api.ts";
import { loadCore } from "../../src/core/load.ts";
import { loadPrimitives, type Primitives } from "../../src/core/primitives.ts";
import { derSignature } from "../support/der-signature.ts";
import { readJson } from "../support/vectors.ts";

type Result = "valid" | "invalid" | "acceptable";
interface File<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));
const read = <Group>(name: string) => readJson<File<Group>>(`wycheproof/${name}_test.json`);

let core: Core;
let primitives: Primitives;
beforeAll(async () => {
  core = await loadCore();
  primitives = await loadPrimitives();
});

describe("ECDSA, P-521 with SHA-512", () => {
  const file = read<{
    readonly publicKey: { readonly uncompressed: string };
    readonly tests: readonly {
      readonly tcId: number;
      readonly msg: string;
      readonly sig: string;
      readonly result: Result;
    }[];
  }>("ecdsa_secp521r1_sha512");
  const cases = file.testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ msg, sig, ...rest }) => ({
      ...rest,
      publicKey: bytes(publicKey.uncompressed),
      message: bytes(msg),
      signature: derSignature(bytes(sig)),
    })),
  );
  const wanted = cases.map(({ result }) => result === "valid");

  test("542 cases, of which the card sees 314", () => {
    expect([file.numberOfTests, cases.length]).toEqual([542, 542]);
    expect(cases.filter(({ signature }) => signature !== null)).toHaveLength(314);
    for (const { signature, result } of cases) if (signature === null) expect(result).toBe("invalid");
  });

  const verdicts = (batch: typeof cases, capacity: number) => {
    core.setTableCapacity(capacity);
    const jobs = batch.flatMap(({ signature, ...job }) => (signature ? [{ ...job, signature }] : []));
    const results = core.verify(jobs)[Symbol.iterator]();
    return batch.map(({ signature }) => signature !== null && results.next().value);
  };

  test.each([0, 16])("all in one batch, %i keys' tables kept, twice", (capacity) => {
    expect(verdicts([...cases, ...cases], capacity)).toEqual([...wanted, ...wanted]);
  });

  test("one by one", () => {
    expect(cases.map((one) => verdicts([one], 16)[0])).toEqual(wanted);
  });

  test("as quorums of one", () => {
    const jobs = cases.flatMap(({ signature, message, publicKey, result }) =>
      signature ? [{ message, result, signers: [{ ski: new Uint8Array(32), publicKey, signature }], required: 1 }] : [],
    );
    expect(core.verifyQuorum(jobs).map(({ met }) => met)).toEqual(jobs.map(({ result }) => result === "valid"));
  });
});

describe("ECDH, P-521, points", () => {
  const file = read<{
    readonly tests: readonly {
      readonly public: string;
      readonly private: string;
      readonly shared: string;
      readonly result: Result;
    }[];
  }>("ecdh_secp521r1_ecpoint");
  const cases = file.testGroups.flatMap(({ tests }) =>
    tests.map((one) => ({
      peer: bytes(one.public),
      scalar: bytes(one.private.padStart(132, "0")),
      shared: one.result === "valid" ? bytes(one.shared) : null,
    })),
  );
  const whole = cases.filter(({ peer }) => peer.length === 133);

  test("661 cases: 648 with uncompressed points, in batches and one by one", () => {
    expect([file.numberOfTests, cases.length, whole.length]).toEqual([661, 661, 648]);
    const secrets: (Uint8Array | null)[] = [];
    for (let from = 0; from < whole.length; from += 64) secrets.push(...primitives.ecdh(whole.slice(from, from + 64)));
    expect(secrets).toEqual(whole.map(({ shared }) => shared));
    expect(whole.slice(-150).map((one) => primitives.ecdh([one])[0])).toEqual(
      whole.slice(-150).map((one) => one.shared),
    );
  });

  test("13 compressed and empty points are refused", () => {
    const others = cases.filter(({ peer }) => peer.length !== 133);
    expect(others).toHaveLength(13);
    for (const other of others) expect(() => primitives.ecdh([other])).toThrow(/want peer of 133 bytes/);
  });
});

describe("AES key wrap, 256-bit keys", () => {
  const file = read<{
    readonly keySize: number;
    readonly tests: readonly {
      readonly key: string;
      readonly msg: string;
      readonly ct: string;
      readonly result: Result;
    }[];
  }>("aes_wrap");
  const tests = file.testGroups.filter(({ keySize }) => keySize === 256).flatMap((group) => group.tests);
  const cases = tests.map(({ key, msg, ct, result }) => ({ kek: bytes(key), msg: bytes(msg), ct: bytes(ct), result }));
  const isSize = (size: number) => size >= 16 && size <= 512 && size % 8 === 0;

  test("68 of 165 cases: 13 are valid, 36 fail the check, 19 have sizes that key wrap has not", () => {
    expect([file.numberOfTests, cases.length]).toEqual([165, 68]);
    let [valid, failing, sizes] = [0, 0, 0];
    for (const { kek, msg, ct, result } of cases) {
      if (isSize(msg.length) && result === "valid") {
        expect(primitives.keyWrap([{ kek, data: msg }])).toEqual([ct]);
        expect(primitives.keyUnwrap([{ kek, data: ct }])).toEqual([msg]);
        valid++;
      } else if (isSize(ct.length - 8)) {
        expect(primitives.keyUnwrap([{ kek, data: ct }])).toEqual([null]);
        failing++;
      } else {
        expect(result).not.toBe("valid");
        if (!isSize(msg.length)) expect(() => primitives.keyWrap([{ kek, data: msg }])).toThrow(RangeError);
        expect(() => primitives.keyUnwrap([{ kek, data: ct }])).toThrow(RangeError);
        sizes++;
      }
    }
    expect({ valid, failing, sizes }).toEqual({ valid: 13, failing: 36, sizes: 19 });
  });

  test("8-byte wraps are refused, though Wycheproof finds one acceptable", () => {
    const short = cases.filter(({ ct, msg }) => msg.length === 8 && ct.length === 16);
    expect(short.map(({ result }) => result)).toEqual(["acceptable", "invalid"]);
    for (const { kek, msg, ct } of short) {
      expect(() => primitives.keyWrap([{ kek, data: msg }])).toThrow(/16\.\.512 bytes/);
      expect(() => primitives.keyUnwrap([{ kek, data: ct }])).toThrow(/24\.\.520 bytes/);
    }
  });
});
