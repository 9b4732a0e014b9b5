import { createHash, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { hex } from "../../support/vectors.ts";
import { ARENA, firstNonZero, loadTesting, type TestModule } from "../../support/wasm.ts";

const Z = ARENA;
const INFO = ARENA + 0x1000;
const OUT = ARENA + 0x2000;
/** The scratch of sha2, aes and kdf in layout.ts. */
const SCRATCH = 0x640000;
const SCRATCH_END = 0x700000;

let card: TestModule;
beforeAll(async () => {
  card = await loadTesting();
});

function x963(n: number, z: Uint8Array, info: Uint8Array): Uint8Array {
  card.memory.set(z, Z);
  card.memory.set(info, INFO);
  card.memory.fill(0xee, OUT, OUT + n + 1);
  card.call("test_x963", OUT, n, Z, z.length, INFO, info.length);
  expect(card.memory[OUT + n]).toBe(0xee);
  expect(firstNonZero(card.memory, SCRATCH, SCRATCH_END)).toBe(-1);
  return card.memory.slice(OUT, OUT + n);
}

/** SEC 1, 3.6.1, in node:crypto. */
function model(n: number, z: Uint8Array, info: Uint8Array): Uint8Array {
  const blocks: Buffer[] = [];
  for (let counter = 1; 32 * blocks.length < n; counter++) {
    const ordinal = Buffer.alloc(4);
    ordinal.writeUInt32BE(counter);
    blocks.push(createHash("sha256").update(z).update(ordinal).update(info).digest());
  }
  return new Uint8Array(Buffer.concat(blocks).subarray(0, n));
}

describe("X9.63 with SHA-256", () => {
  // NIST CAVP, ansx963_2001, SHA-256: without SharedInfo, 128 bits; and with it, 1,024 bits.
  test.each([
    ["96c05619d56c328ab95fe84b18264b08725b85e33fd34f08", "", "443024c3dae66b95e6f5670601558f71"],
    [
      "22518b10e70f2a3f243810ae3254139efbee04aa57c7af7d",
      "75eef81aa3041e33b80971203d2c0c52",
      "c498af77161cc59f2962b9a713e2b215152d139766ce34a776df11866a69bf2e52a13d9c7c6fc878c50c5ea0bc7b00e0da2447cfd874f6cf" +
        "92f30d0097111485500c90c3af8b487872d04685d14c8d1dc8d7fa08beb0ce0ababc11f0bd496269142d43525a78e5bc79a17f59676a5706" +
        "dc54d54d4d1f0bd7e386128ec26afc21",
    ],
  ])("CAVP: Z %s", (z, info, key) => {
    expect(x963(key.length / 2, hex(z), hex(info))).toEqual(hex(key));
  });

  test("agrees with the definition at every length of output, and for many of the inputs", () => {
    for (let n = 0; n <= 200; n++) {
      const [z, info] = [randomBytes(n), randomBytes((7 * n) % 150)];
      expect(x963(n, z, info)).toEqual(model(n, z, info));
    }
    const [z, info] = [randomBytes(66), randomBytes(69)];
    expect(x963(32 * 300, z, info)).toEqual(model(32 * 300, z, info));
  });
});

describe("SharedInfo of a key transport", () => {
  test("is 69 bytes with the UKM in place", () => {
    const ukm = Uint8Array.from({ length: 40 }, (_, i) => i);
    card.memory.set(ukm, Z);
    card.memory.fill(0xee, OUT, OUT + 70);
    card.call("test_sharedInfo", OUT, Z);
    expect(card.memory.slice(OUT, OUT + 69)).toEqual(
      hex(`3043 300d060960864801650304012d0500 a02a0428 ${Buffer.from(ukm).toString("hex")} a206040400000100`),
    );
    expect(card.memory[OUT + 69]).toBe(0xee);
  });

  test("gives the key of the worked transport of ep11-wire.md 13", () => {
    const z = hex(
      "01ee4569d6cdb59219532eff34f94480d195623d30977fd71cf3981506ade4ab01525fbcca16153f7394e0727a239531be8c2f66e95657f380ae23731bedf79206b9",
    );
    card.memory.set(
      Uint8Array.from({ length: 40 }, (_, i) => i),
      Z,
    );
    card.call("test_sharedInfo", OUT, Z);
    expect(x963(32, z, card.memory.slice(OUT, OUT + 69))).toEqual(
      hex("66a88346a2fec6b0427a3ab5e65db2c9417e1f4c68783c1e387ceccbd1fb8c62"),
    );
  });
});
