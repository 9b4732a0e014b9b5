// Signatures of keys in the core and outside of it.

import { describe, expect, it } from "vitest";
import { unwrap } from "../../src/client/outcome.ts";
import { type ExternalKey, signAll } from "../../src/client/signing.ts";
import type { KeySlot } from "../../src/core/api.ts";
import { WireError } from "../../src/errors.ts";
import { RsaKey } from "../../src/workstation/rsa-signer.ts";
import { testCore } from "../support/core.ts";
import { RSA_NUMBERS, rsaKey } from "../support/rsa-keys.ts";
import { x931Verify } from "../support/rsa-x931.ts";
import { hex } from "../support/vectors.ts";
import { watchCore } from "../support/watched-core.ts";

const { core, calls } = watchCore(await testCore());
const pairs = core.keyGenerate(2);
const rsa = new RsaKey(rsaKey(RSA_NUMBERS[0]!));
const message = (i: number) => new Uint8Array([i, 1, 2, 3]);

/** An external key that counts its calls. */
function counting(sign: ExternalKey["sign"]): ExternalKey & { calls: number } {
  const key = {
    keyType: rsa.keyType,
    calls: 0,
    sign(messages: readonly Uint8Array[]) {
      key.calls++;
      return sign(messages);
    },
  };
  return key;
}

describe("signAll", () => {
  it("signs with each key what is its, one call of the core and one of each other key, in order", async () => {
    const outside = counting((messages) => rsa.sign(messages));
    const keys = [pairs[0]!.slot, outside, pairs[1]!.slot, outside, pairs[0]!.slot];
    calls.clear();
    const made = await signAll(
      core,
      keys.map((key, i) => ({ key, message: message(i) })),
    );
    expect(calls.get("sign")).toBe(1);
    expect(outside.calls).toBe(1);
    for (const [i, key] of keys.entries()) {
      const signature = unwrap(made[i]!);
      const publicKey = pairs.find(({ slot }) => slot === key)?.publicKey;
      const valid = publicKey
        ? core.verify([{ publicKey, message: message(i), signature }])[0]
        : x931Verify(hex(RSA_NUMBERS[0]!.n), message(i), signature);
      expect(valid).toBe(true);
    }
  });

  it.each([
    ["throws", () => Promise.reject(new Error("no token")), /no token/],
    [
      "throws at once",
      () => {
        throw new Error("no key");
      },
      /no key/,
    ],
    ["makes too few", async () => [new Uint8Array(256)], /want 2, got 1/],
  ] as const)("a key outside that %s fails its own signatures alone", async (_name, sign, text) => {
    const outside = counting(sign);
    const jobs = [outside, pairs[0]!.slot, outside].map((key, i) => ({ key, message: message(i) }));
    const made = await signAll(core, jobs);
    expect(made.map(({ ok }) => ok)).toEqual([false, true, false]);
    expect(() => unwrap(made[0]!)).toThrow(text);
    if (text.source.startsWith("want")) expect(() => unwrap(made[0]!)).toThrow(WireError);
  });

  it("nobody signs if a slot is not in use", async () => {
    const outside = counting((messages) => rsa.sign(messages));
    const jobs = [outside, 4000 as KeySlot].map((key, i) => ({ key, message: message(i) }));
    await expect(signAll(core, jobs)).rejects.toThrow(RangeError);
    expect(outside.calls).toBe(0);
  });
});
