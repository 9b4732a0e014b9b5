// Wycheproof on the batch calls themselves, so that it runs on either version of the kernels.

import { createHash } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import { derSignature } from "../../support/der-signature.ts";
import { BadPoint, ecdh, Ok, verify } from "../../support/p521-jobs.ts";
import { readJson } from "../../support/vectors.ts";
import { loadTesting, type TestModule } from "../../support/wasm.ts";

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
});

interface Vectors<Group> {
  readonly numberOfTests: number;
  readonly testGroups: readonly Group[];
}

const bytes = (hex: string) => new Uint8Array(Buffer.from(hex, "hex"));

function batches<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

test("ECDSA: 542 signatures, 314 of them in form; without tables and with", () => {
  const { numberOfTests, testGroups } = readJson<
    Vectors<{
      publicKey: { uncompressed: string };
      tests: { msg: string; sig: string; result: "valid" | "invalid" }[];
    }>
  >("wycheproof/ecdsa_secp521r1_sha512_test.json");
  const cases = testGroups.flatMap(({ publicKey, tests }) =>
    tests.map(({ msg, sig, result }) => ({
      digest: new Uint8Array(createHash("sha512").update(bytes(msg)).digest()),
      signature: derSignature(bytes(sig)),
      publicKey: bytes(publicKey.uncompressed),
      result,
    })),
  );
  const inForm = cases.flatMap(({ signature, ...rest }) => (signature ? [{ ...rest, signature }] : []));
  expect([numberOfTests, cases.length, inForm.length]).toEqual([542, 542, 314]);
  expect(cases.filter(({ signature, result }) => !signature && result !== "invalid")).toEqual([]);
  for (const limit of [0, 79]) {
    module.call("cacheSetLimit", limit);
    for (const size of [1, 64]) {
      const verdicts = batches(inForm, size).flatMap((batch) => verify(module, batch));
      expect(verdicts.map((verdict) => (verdict === Ok ? "valid" : "invalid"))).toEqual(
        inForm.map(({ result }) => result),
      );
    }
  }
});

test("ECDH: 661 points, 648 of them uncompressed", () => {
  const { numberOfTests, testGroups } = readJson<
    Vectors<{
      tests: { public: string; private: string; shared: string; result: "valid" | "invalid" | "acceptable" }[];
    }>
  >("wycheproof/ecdh_secp521r1_ecpoint_test.json");
  const cases = testGroups.flatMap(({ tests }) =>
    tests.map((one) => ({
      ...one,
      scalar: bytes(one.private.padStart(132, "0")),
      peer: bytes(one.public),
      z: bytes(one.shared.padStart(132, "0")),
    })),
  );
  const uncompressed = cases.filter(({ peer }) => peer.length === 133);
  expect([numberOfTests, cases.length, uncompressed.length]).toEqual([661, 661, 648]);
  for (const batch of batches(uncompressed, 64)) {
    const { statuses, outputs } = ecdh(module, batch);
    batch.forEach(({ result, z }, j) => {
      expect(statuses[j]).toBe(result === "valid" ? Ok : BadPoint);
      if (result === "valid") expect(Buffer.compare(outputs[j]?.[0] ?? new Uint8Array(), z)).toBe(0);
      else expect(outputs[j]).toBeNull();
    });
  }
});
