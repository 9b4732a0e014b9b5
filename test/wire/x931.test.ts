// ANSI X9.31 blocks (ep11-wire.md 7).

import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { WireError } from "../../src/errors.ts";
import { x931Block } from "../../src/wire/x931.ts";
import { readVectors } from "../support/vectors.ts";

interface Signed {
  readonly signedBytes?: string;
  readonly signers?: readonly { readonly type: string; readonly x931Block: string }[];
}

describe("the block of a digest", () => {
  const { cases } = readVectors<Signed>("htp-requests.json");
  const blocks = cases.flatMap(({ signedBytes, signers = [] }) =>
    signers.flatMap(({ type, x931Block }) => (type === "rsa2048" ? [{ signedBytes: signedBytes!, x931Block }] : [])),
  );

  it("is what IBM's client makes of the signed bytes", () => {
    expect(blocks).toHaveLength(4);
    for (const { signedBytes, x931Block: block } of blocks) {
      const digest = createHash("sha256").update(Buffer.from(signedBytes, "hex")).digest();
      expect(toHex(x931Block(digest))).toBe(block);
    }
  });

  it("is 6B | 220 BB | BA | digest | 34 CC", () => {
    expect(toHex(x931Block(new Uint8Array(32).fill(7)))).toBe(`6b${"bb".repeat(220)}ba${"07".repeat(32)}34cc`);
  });

  it("wants 32 bytes", () => {
    expect(() => x931Block(new Uint8Array(64))).toThrow(WireError);
  });
});
