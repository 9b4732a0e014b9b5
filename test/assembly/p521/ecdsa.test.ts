import {
  createHash,
  createPublicKey,
  generateKeyPairSync,
  sign as nodeSign,
  verify as nodeVerify,
  randomBytes,
} from "node:crypto";
import { p521 } from "@noble/curves/nist.js";
import { beforeAll, describe, expect, test } from "vitest";
import { P } from "../../support/p521-field.ts";
import {
  BadPoint,
  BadScalar,
  BadSignature,
  fillEntropy,
  NeedEntropy,
  Ok,
  publicKeys,
  type Signed,
  sign,
  verify,
} from "../../support/p521-jobs.ts";
import {
  bigOf,
  edgeScalars,
  G,
  INFINITY,
  N,
  type NoblePoint,
  octets,
  octetsOf,
  Point,
  timesG,
} from "../../support/p521-points.ts";
import { loadTesting, type TestModule } from "../../support/wasm.ts";

let module: TestModule;
beforeAll(async () => {
  module = await loadTesting();
  fillEntropy(module);
});

const randomScalar = () => (bigOf(randomBytes(66)) % (N - 1n)) + 1n;
const sha512 = (text: string | Uint8Array) => new Uint8Array(createHash("sha512").update(text).digest());
const modN = (x: bigint) => ((x % N) + N) % N;
const inverse = (x: bigint) => Point.Fn.inv(modN(x));
const noble = { prehash: false, lowS: false } as const;
const nobleVerify = ({ digest, signature, publicKey }: Signed) => p521.verify(signature, digest, publicKey, noble);
const outputOf = (outputs: readonly (readonly Uint8Array[] | null)[], j: number) => outputs[j]?.[0] ?? new Uint8Array();

/** A valid signature on random data by a random key. */
function signed(): Signed {
  const scalar = octets(randomScalar());
  const digest = new Uint8Array(randomBytes(64));
  return { digest, signature: p521.sign(digest, scalar, noble), publicKey: p521.getPublicKey(scalar, false) };
}

/** The keys' tables, as many as fit, and none to begin with. */
const emptyCache = () => module.call("cacheSetLimit", 79);

/** Verifies the jobs without tables, then again and again until every key has its table; the verdicts must not change. */
function verifyBothWays(jobs: readonly Signed[]): readonly number[] {
  emptyCache();
  const verdicts = verify(module, jobs);
  const keys = new Set(
    jobs.map(({ publicKey }, j) => (verdicts[j] === BadPoint ? "" : Buffer.from(publicKey).toString("hex"))),
  );
  for (let use = 1; use < 10; use++) expect(verify(module, jobs)).toEqual(verdicts);
  expect(module.call("test_cacheTables")).toBe([...keys].filter((key) => key !== "").length);
  return verdicts;
}

describe("signatures", () => {
  test("RFC 6979, A.2.7, P-521 with SHA-512", () => {
    const scalar =
      octets(
        0xfad06daa62ba3b25d2fb40133da757205de67f5bb0018fee8c86e1b68c7e75caa896eb32f1f47c70855836a6d16fcc1466f6d8fbec67db89ec0c08b0e996b83538n,
      );
    const cases = [
      {
        message: "sample",
        r: 0x0c328fafcbd79dd77850370c46325d987cb525569fb63c5d3bc53950e6d4c5f174e25a1ee9017b5d450606add152b534931d7d4e8455cc91f9b15bf05ec36e377fan,
        s: 0x0617cce7cf5064806c467f678d3b4080d6f1cc50af26ca209417308281b68af282623eaa63e5b5c0723d8b8c37ff0777b1a20f8ccb1dccc43997f1ee0e44da4a67an,
      },
      {
        message: "test",
        r: 0x13e99020abf5cee7525d16b69b229652ab6bdf2affcaef38773b4b7d08725f10cdb93482fdcc54edcee91eca4166b2a7c6265ef0ce2bd7051b7cef945babd47ee6dn,
        s: 0x1fbd0013c674aa79cb39849527916ce301c66ea7ce8b80682786ad60f98f7e78a19ca69eff5c57400e3b3a0ad66ce0978214d13baf4e9ac60752f7b155e2de4dce3n,
      },
    ];
    const { outputs } = sign(
      module,
      cases.map(({ message }) => ({ scalar, digest: sha512(message) })),
      0,
    );
    cases.forEach(({ r, s }, j) => {
      expect(bigOf(outputOf(outputs, j))).toBe((r << 528n) | s);
    });
  });

  test.each([1, 2, 3, 8, 9, 33, 64])("%i at once, the same as @noble/curves makes", (n) => {
    const jobs = Array.from({ length: n }, () => ({
      scalar: octets(randomScalar()),
      digest: new Uint8Array(randomBytes(64)),
    }));
    const { status, statuses, outputs } = sign(module, jobs, 0);
    expect([status, ...statuses]).toEqual(Array(n + 1).fill(Ok));
    jobs.forEach(({ scalar, digest }, j) => {
      expect(Buffer.compare(outputOf(outputs, j), p521.sign(digest, scalar, noble))).toBe(0);
    });
  });

  test("edge scalars and digests", () => {
    const digests = [
      Buffer.alloc(64),
      Buffer.alloc(64, 0xff),
      octets(1n, 64),
      Buffer.concat([Buffer.of(0x80), Buffer.alloc(63)]),
    ];
    const scalars = [...edgeScalars.slice(0, 12), ...edgeScalars.slice(67, 79), ...edgeScalars.slice(134)];
    const jobs = scalars.map((k, i) => ({
      scalar: octets(k),
      digest: new Uint8Array(digests[i % 4] ?? Buffer.alloc(64)),
    }));
    const { outputs } = sign(module, jobs, 0);
    jobs.forEach(({ scalar, digest }, j) => {
      expect(Buffer.compare(outputOf(outputs, j), p521.sign(digest, scalar, noble)), `job ${j}`).toBe(0);
    });
  });

  test("r and s keep their leading zeros", () => {
    const scalar = octets(12345n);
    let found = 0;
    for (let i = 0; found < 4; i++) {
      const jobs = Array.from({ length: 64 }, (_, j) => ({ scalar, digest: sha512(`${i} ${j}`) }));
      const { outputs } = sign(module, jobs, 0);
      for (const [j, { digest }] of jobs.entries()) {
        const signature = outputOf(outputs, j);
        const short = [signature.subarray(0, 66), signature.subarray(66)].some(
          (half) => half[0] === 0 && half[1] === 0,
        );
        if (!short) continue;
        found++;
        expect(Buffer.compare(signature, p521.sign(digest, scalar, noble))).toBe(0);
        expect(verify(module, [{ digest, signature, publicKey: p521.getPublicKey(scalar, false) }])).toEqual([Ok]);
      }
    }
  });

  test("hedged ones differ each time, are valid for node:crypto, and take 64 bytes of entropy each", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp521r1" });
    const jwk = privateKey.export({ format: "jwk" });
    const scalar = Buffer.from(jwk.d ?? "", "base64url");
    const message = randomBytes(100);
    const job = { scalar, digest: sha512(message) };
    fillEntropy(module);
    const before = module.call("entropyLeft");
    const first = sign(module, [job, job, job], 1).outputs.map((output) => output?.[0] ?? new Uint8Array());
    expect(before - module.call("entropyLeft")).toBe(3 * 64);
    first.push(outputOf(sign(module, [job], 1).outputs, 0));
    expect(new Set(first.map((signature) => Buffer.from(signature).toString("hex"))).size).toBe(4);
    for (const signature of first) {
      expect(nodeVerify("sha512", message, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature)).toBe(true);
    }
  });

  test("want enough entropy for all, if hedged, before they take any", () => {
    fillEntropy(module);
    const left = () => module.call("entropyLeft");
    const job = { scalar: octets(7n), digest: sha512("") };
    while (left() >= 64) sign(module, Array(Math.min(64, Math.floor(left() / 64))).fill(job), 1);
    const { status, outputs } = sign(module, [job], 1);
    expect([status, outputs[0]]).toEqual([NeedEntropy, null]);
    expect(sign(module, [job], 0).status).toBe(Ok);
    fillEntropy(module);
  });

  test("scalars out of range are refused at every position, and spoil no other", () => {
    for (let at = 0; at < 5; at++) {
      for (const bad of [0n, N, N + 5n, 2n ** 528n - 1n]) {
        const jobs = Array.from({ length: 5 }, (_, j) => ({
          scalar: octets(j === at ? bad : BigInt(j + 3)),
          digest: sha512(`${j}`),
        }));
        const { statuses, outputs } = sign(module, jobs, 0);
        expect(statuses).toEqual(jobs.map((_, j) => (j === at ? BadScalar : Ok)));
        jobs.forEach(({ scalar, digest }, j) => {
          if (j === at) expect(outputs[j]).toBeNull();
          else expect(Buffer.compare(outputOf(outputs, j), p521.sign(digest, scalar, noble))).toBe(0);
        });
      }
    }
  });
});

describe("verification", () => {
  test.each([1, 2, 3, 16, 17, 64])("%i signatures of as many keys, some of them wrong", (n) => {
    const jobs = Array.from({ length: n }, (_, j) => {
      const job = signed();
      if (j % 3 !== 1) return job;
      const changed = { digest: job.digest.slice(), signature: job.signature.slice() };
      if (j % 2) changed.digest[63] = (changed.digest[63] ?? 0) ^ 1;
      else changed.signature[131] = (changed.signature[131] ?? 0) ^ 1;
      return { ...job, ...changed };
    });
    const verdicts = verifyBothWays(jobs);
    expect(verdicts).toEqual(jobs.map((job) => (nobleVerify(job) ? Ok : BadSignature)));
    expect(verdicts.filter((verdict) => verdict === Ok)).toHaveLength(jobs.filter((_, j) => j % 3 !== 1).length);
  });

  test("signatures of node:crypto; s may be large", () => {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp521r1" });
    const { x = "", y = "" } = createPublicKey(publicKey.export({ format: "pem", type: "spki" })).export({
      format: "jwk",
    });
    const key = Buffer.concat([Buffer.of(4), Buffer.from(x, "base64url"), Buffer.from(y, "base64url")]);
    const jobs = Array.from({ length: 40 }, (_, j) => {
      const signature = nodeSign("sha512", Buffer.from(`${j}`), { key: privateKey, dsaEncoding: "ieee-p1363" });
      return { digest: sha512(`${j}`), signature: new Uint8Array(signature), publicKey: new Uint8Array(key) };
    });
    const mirrored = jobs.map((job) => {
      const [r, s] = [job.signature.subarray(0, 66), bigOf(job.signature.subarray(66))];
      return { ...job, signature: Buffer.concat([r, octets(N - s)]) };
    });
    expect(verifyBothWays([...jobs.slice(0, 20), ...mirrored.slice(20)])).toEqual(Array(40).fill(Ok));
  });

  test("r and s out of 1..n-1", () => {
    const job = signed();
    const [r, s] = [bigOf(job.signature.subarray(0, 66)), bigOf(job.signature.subarray(66))];
    const bad = [0n, N, N + 1n, 2n ** 521n - 1n, 2n ** 528n - 1n].flatMap((x) => [
      [x, s],
      [r, x],
      [x, x],
    ]);
    const jobs = [...bad, [r + N, s], [r, s + N], [s, r], [N - r, s], [1n, 1n]].map(([a = 0n, b = 0n]) => ({
      ...job,
      signature: new Uint8Array(Buffer.concat([octets(a), octets(b)])),
    }));
    expect(verifyBothWays([...jobs, job])).toEqual([...jobs.map(() => BadSignature), Ok]);
  });

  test("keys that are no points, at every position", () => {
    const off = signed();
    off.publicKey[132] = (off.publicKey[132] ?? 0) ^ 1;
    const hybrid = signed();
    hybrid.publicKey[0] = 6;
    const large = {
      ...signed(),
      publicKey: new Uint8Array(Buffer.concat([Buffer.of(4), octets(G.x + P), octets(G.y)])),
    };
    const zero = { ...signed(), publicKey: new Uint8Array(133) };
    for (const bad of [off, hybrid, large, zero]) {
      for (let at = 0; at < 5; at++) {
        const jobs: Signed[] = Array.from({ length: 5 }, signed);
        jobs[at] = bad;
        emptyCache();
        expect(verify(module, jobs)).toEqual(jobs.map((_, j) => (j === at ? BadPoint : Ok)));
      }
    }
  });
});

interface Choice {
  readonly u1: bigint;
  readonly u2: bigint;
  /** The private scalar, or the public point if there is none to be known. */
  readonly q: bigint | (() => NoblePoint);
  /** Instead of x(R). */
  readonly r?: bigint;
}

/**
 * u1 and u2 give everything: R = u1 G + u2 Q, r = x(R), s = r / u2, and a digest e = u1 s, which must have 512 bits; one in 512 has no
 * more. So there are many tries, 64 in a batch, with the card itself for R; @noble/curves checks what comes of it.
 */
function forge(choose: () => Choice): Signed {
  for (;;) {
    const choices = Array.from({ length: 64 }, choose);
    const scalars = choices.map(({ u1, u2, q, r }) => octets(r || typeof q === "function" ? 1n : modN(u1 + u2 * q)));
    const { outputs } = publicKeys(module, scalars);
    for (const [i, { u1, u2, q, r }] of choices.entries()) {
      const x = r ?? modN(bigOf(outputOf(outputs, i).subarray(1, 67)));
      const s = modN(x * inverse(u2));
      const e = modN(u1 * s);
      if (e >= 2n ** 512n) continue;
      const signature = new Uint8Array(Buffer.concat([octets(x), octets(s)]));
      const point = typeof q === "function" ? q() : timesG(q);
      return { digest: new Uint8Array(octets(e, 64)), signature, publicKey: new Uint8Array(octetsOf(point)) };
    }
  }
}

const multiply = (p: NoblePoint, k: bigint) => (modN(k) === 0n ? INFINITY : p.multiply(modN(k)));

/** The digit of window i, of w bits, as recode.ts defines it for an odd k. */
const digit = (k: bigint, w: bigint, i: bigint) => 2n * ((k >> (w * i + 1n)) & (2n ** w - 1n)) + 1n - 2n ** w;
const oddScalar = () => randomScalar() | 1n;

describe("degenerate signatures", () => {
  // Row e of the sum, e < 27, holds digits e and e + 27 of u1 for windows of 10 bits; row 27 + i digits i and i + 33 of u2 for windows
  // of 8 bits. The first round adds row e + 30 to row e. q makes two points meet there, the multiples of G and of Q being equal or
  // opposite.
  const meeting = (row: bigint, lane: bigint, sign: bigint) =>
    forge(() => {
      const [u1, u2] = [oddScalar(), oddScalar()];
      const [i, j] = [row + 27n * lane, row + 3n + 33n * lane];
      const [a, b] = [digit(u1, 10n, i) * 2n ** (10n * i), digit(u2, 8n, j) * 2n ** (8n * j)];
      return { u1, u2, q: modN(sign * a * inverse(b)) };
    });

  const infinite = () => forge(() => ({ ...bothBut(-randomScalar()), r: randomScalar() }));

  const cases: [string, () => Signed, number][] = [
    ["equal points meet in the first row", () => meeting(0n, 0n, 1n), Ok],
    ["opposite points meet in the first row", () => meeting(0n, 0n, -1n), Ok],
    ["equal points meet in the other lane", () => meeting(11n, 1n, 1n), Ok],
    ["opposite points meet in the last row of the base point", () => meeting(26n, 0n, -1n), Ok],
    ["Q = G", () => forge(() => ({ u1: oddScalar(), u2: oddScalar(), q: 1n })), Ok],
    ["Q = -G", () => forge(() => ({ u1: oddScalar(), u2: oddScalar(), q: N - 1n })), Ok],
    ["Q = G and u1 = u2", () => forge(() => bothBut(1n)), Ok],
    ["u1 G = u2 Q", () => forge(() => bothBut(randomScalar())), Ok],
    ["u1 G = -u2 Q: the sum is infinity", infinite, BadSignature],
    ["the digest is 0", () => forge(() => ({ u1: 0n, u2: randomScalar(), q: randomScalar() })), Ok],
    ["u2 = 1", () => forge(() => ({ u1: randomScalar(), u2: 1n, q: 5n })), Ok],
    ["u2 = 18 and u1 = 1", () => forge(() => ({ u1: 1n, u2: 18n, q: randomScalar() })), Ok],
    ["x is above n", () => aboveOrder(0n), Ok],
    ["x is above n, and r is too large by one", () => aboveOrder(1n), BadSignature],
    ["r + n is above p, and the same as x mod p", () => withPoint(liftable(1n), P - N), BadSignature],
  ];

  /** u1 G = +-u2 Q, for the private scalar +-q. */
  function bothBut(q: bigint): Choice {
    const u2 = randomScalar();
    return { u1: modN(u2 * (q < 0n ? -q : q)), u2, q: modN(q) };
  }

  /** R has n <= x < p, and r = x - n + off. */
  const aboveOrder = (off: bigint) => withPoint(liftable(N), off - N);

  /** r = x(R) + off. Q follows from R. */
  function withPoint(R: NoblePoint, off: bigint): Signed {
    return forge(() => {
      const [u1, u2] = [randomScalar(), randomScalar()];
      return { u1, u2, q: () => R.subtract(multiply(G, u1)).multiply(inverse(u2)), r: R.x + off };
    });
  }

  /** The first point whose x is not below `from`. */
  function liftable(from: bigint): NoblePoint {
    for (let x = from; ; x++) {
      try {
        return Point.fromBytes(Uint8Array.from([2, ...octets(x)]));
      } catch {
        // no point has that x
      }
    }
  }

  test.each(cases)("%s", (_, make, verdict) => {
    const job = make();
    expect(nobleVerify(job)).toBe(verdict === Ok);
    expect(verifyBothWays([job])).toEqual([verdict]);
    const wrong = job.digest.slice();
    wrong[0] = (wrong[0] ?? 0) ^ 0x40;
    expect(verifyBothWays([{ ...job, digest: wrong }])).toEqual([BadSignature]);
  });

  test("at every position of a batch, they spoil no other", () => {
    const planted = [meeting(0n, 0n, 1n), meeting(7n, 1n, -1n), infinite()];
    const others = Array.from({ length: 5 }, signed);
    emptyCache();
    for (let use = 0; use < 8; use++) verify(module, [...planted, ...others]);
    for (const [kind, bad] of planted.entries()) {
      for (let at = 0; at < 20; at++) {
        const jobs = Array.from({ length: 20 }, (_, j) => (j === at ? bad : (others[j % 5] ?? bad)));
        expect(verify(module, jobs)).toEqual(jobs.map((_, j) => (j === at && kind === 2 ? BadSignature : Ok)));
      }
    }
    expect(verify(module, [...planted, ...planted, ...others])).toEqual([
      Ok,
      Ok,
      BadSignature,
      Ok,
      Ok,
      BadSignature,
      ...others.map(() => Ok),
    ]);
    expect(module.call("test_cacheTables")).toBe(8);
  });
});
