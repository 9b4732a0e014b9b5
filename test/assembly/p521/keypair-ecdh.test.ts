import { createECDH, randomBytes } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import {
  BadArgument,
  BadPoint,
  BadScalar,
  ecdh,
  fillEntropy,
  keypairs,
  NeedEntropy,
  Ok,
  publicKeys,
} from "../../support/p521-jobs.ts";
import { bigOf, edgeScalars, G, N, octets, octetsOf, timesG } from "../../support/p521-points.ts";
import { dirtySecrets, soilSecrets } from "../../support/p521-scratch.ts";
import { loadTesting, type TestModule } from "../../support/wasm.ts";

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  fillEntropy(module);
});

const KEYPAIR_ENTROPY = 82;
const sizes = [1, 2, 3, 7, 8, 9, 17, 63, 64];
const randomScalar = () => octets((bigOf(randomBytes(66)) % (N - 1n)) + 1n);
const badScalars = [0n, N, N + 1n, 2n ** 521n - 1n, 2n ** 528n - 1n].map((k) => octets(k));

describe("key pairs", () => {
  test.each(sizes)("%i at once, no two alike", (n) => {
    const { status, statuses, outputs } = keypairs(module, n);
    expect([status, ...statuses]).toEqual(Array(n + 1).fill(Ok));
    const scalars = outputs.map((output) => bigOf(output?.[0] ?? new Uint8Array()));
    expect(new Set(scalars).size).toBe(n);
    scalars.forEach((k, j) => {
      expect(k > 0n && k < N).toBe(true);
      expect(Buffer.compare(outputs[j]?.[1] ?? new Uint8Array(), octetsOf(timesG(k)))).toBe(0);
    });
  });

  test("are the entropy's 82 bytes mod n, 1 for 0", () => {
    const patterns = [0n, 1n, N, 5n * N + 7n, 2n ** 656n - 1n, 2n ** 656n - 2n].map((x) => octets(x, KEYPAIR_ENTROPY));
    const pool = Buffer.alloc(0x10000, 0xff);
    Buffer.concat(patterns).copy(pool);
    fillEntropy(module, pool);
    const { outputs } = keypairs(module, patterns.length);
    expect(outputs.map((output) => bigOf(output?.[0] ?? new Uint8Array()))).toEqual(
      patterns.map((bytes) => bigOf(bytes) % N || 1n),
    );
    fillEntropy(module);
  });

  test("want enough entropy for all before they take any", () => {
    fillEntropy(module);
    const left = () => module.call("entropyLeft");
    while (left() >= 64 * KEYPAIR_ENTROPY) expect(keypairs(module, 64).status).toBe(Ok);
    const before = left();
    const { status, outputs } = keypairs(module, 64);
    expect([status, left()]).toEqual([NeedEntropy, before]);
    expect(outputs.every((output) => output === null)).toBe(true);
    expect(keypairs(module, Math.floor(before / KEYPAIR_ENTROPY)).status).toBe(Ok);
    expect(keypairs(module, 1).status).toBe(NeedEntropy);
    fillEntropy(module);
  });
});

describe("public keys", () => {
  test("of edge scalars, against @noble/curves", () => {
    for (let i = 0; i < edgeScalars.length; i += 64) {
      const scalars = edgeScalars.slice(i, i + 64);
      const { statuses, outputs } = publicKeys(
        module,
        scalars.map((k) => octets(k)),
      );
      scalars.forEach((k, j) => {
        expect(statuses[j]).toBe(Ok);
        expect(Buffer.compare(outputs[j]?.[0] ?? new Uint8Array(), octetsOf(timesG(k)))).toBe(0);
      });
    }
  });

  test("scalars out of range are refused, and spoil no other", () => {
    for (let at = 0; at < 5; at++) {
      for (const bad of badScalars) {
        const scalars = Array.from({ length: 5 }, randomScalar);
        scalars[at] = bad;
        const { status, statuses, outputs } = publicKeys(module, scalars);
        expect(status).toBe(Ok);
        expect(statuses).toEqual(scalars.map((_, j) => (j === at ? BadScalar : Ok)));
        expect(outputs.map((output) => output === null)).toEqual(scalars.map((_, j) => j === at));
        const other = (at + 1) % 5;
        const want = octetsOf(timesG(bigOf(scalars[other] ?? bad)));
        expect(Buffer.compare(outputs[other]?.[0] ?? new Uint8Array(), want)).toBe(0);
      }
    }
  });

  test("coordinates keep their leading zeros", () => {
    let found = 0;
    let p = G;
    for (let k = 1n; found < 4; k++, p = p.add(G)) {
      if (p.x >= 2n ** 512n && p.y >= 2n ** 512n) continue;
      const { outputs } = publicKeys(module, [octets(k)]);
      expect(Buffer.compare(outputs[0]?.[0] ?? new Uint8Array(), octetsOf(p))).toBe(0);
      found++;
    }
  });
});

describe("ECDH", () => {
  const peerOf = (scalar: Uint8Array) => octetsOf(timesG(bigOf(scalar)));
  const expected = (scalar: Uint8Array, peer: Uint8Array) => {
    const side = createECDH("secp521r1");
    side.setPrivateKey(scalar);
    return side.computeSecret(peer);
  };

  test.each(sizes)("%i at once, against node:crypto", (n) => {
    const jobs = Array.from({ length: n }, () => ({ scalar: randomScalar(), peer: peerOf(randomScalar()) }));
    const { status, statuses, outputs } = ecdh(module, jobs);
    expect([status, ...statuses]).toEqual(Array(n + 1).fill(Ok));
    jobs.forEach(({ scalar, peer }, j) => {
      expect(Buffer.compare(outputs[j]?.[0] ?? new Uint8Array(), expected(scalar, peer))).toBe(0);
    });
  });

  test("edge scalars with G, -G and other points", () => {
    const scalars = [...edgeScalars.slice(0, 40), ...edgeScalars.slice(67, 107), ...edgeScalars.slice(134)];
    const peers = [G, G.negate(), timesG(bigOf(randomScalar()))];
    const jobs = scalars.flatMap((k) => peers.map((peer) => ({ k, peer })));
    for (let i = 0; i < jobs.length; i += 64) {
      const some = jobs.slice(i, i + 64);
      const { outputs } = ecdh(
        module,
        some.map(({ k, peer }) => ({ scalar: octets(k), peer: octetsOf(peer) })),
      );
      some.forEach(({ k, peer }, j) => {
        expect(bigOf(outputs[j]?.[0] ?? new Uint8Array()), `${k}`).toBe(peer.multiply(k).x);
      });
    }
  });

  test("Z keeps its leading zeros", () => {
    let found = 0;
    let p = G;
    for (let k = 1n; found < 3; k++, p = p.add(G)) {
      if (p.x >= 2n ** 512n) continue;
      const { outputs } = ecdh(module, [{ scalar: octets(k), peer: octetsOf(G) }]);
      expect(Buffer.compare(outputs[0]?.[0] ?? new Uint8Array(), octets(p.x))).toBe(0);
      found++;
    }
  });

  test("bad points and scalars are refused at every position, and spoil no other", () => {
    const good = peerOf(randomScalar());
    const off = Buffer.from(good);
    off[132] = (off[132] ?? 0) ^ 1;
    const badPeers = [off, Buffer.alloc(133), Buffer.concat([Buffer.of(2), good.subarray(1)])];
    for (let at = 0; at < 5; at++) {
      for (let kind = 0; kind < 4; kind++) {
        const jobs = Array.from({ length: 5 }, () => ({ scalar: randomScalar(), peer: peerOf(randomScalar()) }));
        const bad =
          kind < 3
            ? { scalar: randomScalar(), peer: badPeers[kind] ?? off }
            : { scalar: badScalars[1] ?? off, peer: good };
        jobs[at] = bad;
        const { statuses, outputs } = ecdh(module, jobs);
        expect(statuses).toEqual(jobs.map((_, j) => (j !== at ? Ok : kind < 3 ? BadPoint : BadScalar)));
        jobs.forEach(({ scalar, peer }, j) => {
          if (j === at) expect(outputs[j]).toBeNull();
          else expect(Buffer.compare(outputs[j]?.[0] ?? new Uint8Array(), expected(scalar, peer))).toBe(0);
        });
      }
    }
  });
});

test("calls with no jobs or too many do nothing", () => {
  for (const name of ["test_keypairMany", "test_publicKeyMany", "test_ecdhMany", "test_signMany", "test_verifyMany"]) {
    for (const n of [0, 65, 0xffffffff]) expect(module.call(name, n, 0x30000, 0)).toBe(BadArgument);
  }
});

test("the check for clean scratch sees every region", () => {
  soilSecrets(module);
  expect(dirtySecrets(module).length).toBeGreaterThan(20);
  for (const _ of [0, 1]) expect(() => keypairs(module, 3)).toThrow(/want clean scratch/);
});
