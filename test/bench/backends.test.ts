// All back ends keep the contract of Core, and understand each other.
import { describe, expect, it } from "vitest";
import { deriveKek } from "../../bench/backends/host-units.ts";
import { NobleCore, noblePrimitives } from "../../bench/backends/noble.ts";
import { NodeCore, nodePrimitives } from "../../bench/backends/node.ts";
import type { Core } from "../../src/core/api.ts";
import { testCore } from "../support/core.ts";
import { coreContract, interopContract } from "../support/core-contract.ts";

const makers: [string, () => Promise<Core>][] = [
  ["node", async () => new NodeCore()],
  ["noble", async () => new NobleCore()],
  ["wasm", testCore],
];

// The card's own run of the contract is in test/core.
for (const [name, make] of makers) if (name !== "wasm") coreContract(name, make);

describe("between back ends", () => {
  for (const [nameA, makeA] of makers) for (const [nameB, makeB] of makers) interopContract(nameA, makeA, nameB, makeB);
});

describe.each([nodePrimitives, noblePrimitives])("primitives: $name", (crypto) => {
  // The worked key transport of ep11-wire.md 13: importer scalar 2, originator scalar 3, ukm 00..27, part 00..1f.
  const counting = (size: number) => Uint8Array.from({ length: size }, (_, i) => i);
  const z =
    "01ee4569d6cdb59219532eff34f94480d195623d30977fd71cf3981506ade4ab01525fbcca16153f7394e0727a239531be8c2f66e95657f380ae23731bedf79206b9";
  const kek = "66a88346a2fec6b0427a3ab5e65db2c9417e1f4c68783c1e387ceccbd1fb8c62";
  const wrapped = "1eef48e16379669f62851513719edbc6ec35e40e72d559964040f3a29cff193cf08c9f7899d5a730";
  const hex = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes).toString("hex");

  it("agree with the worked key transport", () => {
    expect(hex(deriveKek(crypto, Buffer.from(z, "hex"), counting(40)))).toBe(kek);
    expect(hex(crypto.wrap(Buffer.from(kek, "hex"), counting(32)))).toBe(wrapped);
    expect(hex(crypto.unwrap(Buffer.from(kek, "hex"), Buffer.from(wrapped, "hex")))).toBe(hex(counting(32)));
    const spoiled = Buffer.from(wrapped.replace(/^1e/, "1f"), "hex");
    expect(crypto.unwrap(Buffer.from(kek, "hex"), spoiled)).toBeNull();
  });
});

describe("ECDH of the worked key transport", () => {
  const scalar = (value: number) => new Uint8Array(66).fill(value, 65);
  const z =
    "01ee4569d6cdb59219532eff34f94480d195623d30977fd71cf3981506ade4ab01525fbcca16153f7394e0727a239531be8c2f66e95657f380ae23731bedf79206b9";
  it("node", () => {
    const peer = nodePrimitives.publicKey(nodePrimitives.publicOf(nodePrimitives.privateKey(scalar(3))))!;
    expect(Buffer.from(nodePrimitives.ecdh(nodePrimitives.privateKey(scalar(2)), peer)).toString("hex")).toBe(z);
  });
  it("noble", () => {
    const peer = noblePrimitives.publicKey(noblePrimitives.publicOf(noblePrimitives.privateKey(scalar(3))))!;
    expect(Buffer.from(noblePrimitives.ecdh(noblePrimitives.privateKey(scalar(2)), peer)).toString("hex")).toBe(z);
  });
});
