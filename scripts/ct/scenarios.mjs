// The operations whose traces must not depend on secrets. `prepare` makes fresh secrets, untraced; `run` is traced. What is public
// (messages, peers, slot numbers) is the same in every run; keys, entropy and what follows from them differ.

import { randomBytes } from "node:crypto";
import { RECORD } from "./card.mjs";

const message = new Uint8Array(200).fill(0x5a);
const context = new Uint8Array(40).fill(0x3c);
const scalar = () => {
  const bytes = randomBytes(66);
  bytes[0] &= 0; // below 2^520, so below n
  bytes[65] |= 1;
  return bytes;
};

// Places in the exchange region.
const JOBS = 0;
const A = 0x4000;
const B = 0x8000;
const C = 0x10000;
const D = 0x18000;

/** n scalars at A, n times the same valid peer at B, results at C. */
function agreement(n) {
  return {
    name: `ecdh, ${n} at once`,
    prepare(card) {
      card.put(B, card.peer);
      for (let i = 0; i < n; i++) {
        card.put(A + 66 * i, scalar());
        card.record(JOBS + RECORD.job * i, card.at(A + 66 * i), card.at(B), card.at(C + 66 * i), 0);
      }
    },
    run: (card) => card.ok(card.exports.ecdhMany(n, card.at(JOBS))),
  };
}

function keyPairs(n) {
  return {
    name: `key pair, ${n} at once`,
    prepare(card) {
      for (let i = 0; i < n; i++) card.record(JOBS + RECORD.job * i, card.at(A + 66 * i), card.at(C + 133 * i), 0, 0);
    },
    run: (card) => card.ok(card.exports.keypairMany(n, card.at(JOBS))),
  };
}

function publicKeys(n) {
  return {
    name: `public key of a scalar, ${n} at once`,
    prepare(card) {
      for (let i = 0; i < n; i++) {
        card.put(A + 66 * i, scalar());
        card.record(JOBS + RECORD.job * i, card.at(A + 66 * i), card.at(C + 133 * i), 0, 0);
      }
    },
    run: (card) => card.ok(card.exports.publicKeyMany(n, card.at(JOBS))),
  };
}

function signing(n, hedged) {
  return {
    name: `sign, ${n} at once, ${hedged ? "hedged" : "deterministic"}`,
    prepare(card) {
      card.put(B, message);
      for (let i = 0; i < n; i++) {
        card.exports.keyFree(i);
        card.put(A, scalar());
        card.ok(card.exports.keyImport(i, card.at(A), card.at(D)));
        card.record(JOBS + RECORD.sign * i, i, card.at(B), message.length, card.at(C + 132 * i));
      }
    },
    run: (card) => card.ok(card.exports.sign(n, card.at(JOBS), hedged ? 1 : 0)),
  };
}

/** Every other unwrap meets a last key that is not wrapped under its KEK. */
function wrapping(n) {
  let wrong = false;
  const jobs = (card) => {
    for (let i = 0; i < n; i++)
      card.record(JOBS + RECORD.job * i, card.at(A + 32 * i), card.at(B + 32 * i), card.at(C + 40 * i), 0);
  };
  const fill = (card) => {
    for (let i = 0; i < n; i++) {
      card.put(A + 32 * i, randomBytes(32));
      card.put(B + 32 * i, randomBytes(32));
    }
    jobs(card);
  };
  return [
    {
      name: `key wrap, ${n} at once`,
      prepare: fill,
      run: (card) => card.ok(card.exports.keyWrapMany(n, card.at(JOBS), 32)),
    },
    {
      name: `key unwrap, ${n} at once`,
      prepare(card) {
        fill(card);
        card.ok(card.exports.keyWrapMany(n, card.at(JOBS), 32));
        for (let i = 0; i < n; i++)
          card.record(JOBS + RECORD.job * i, card.at(A + 32 * i), card.at(C + 40 * i), card.at(D + 32 * i), 0);
        if (wrong) card.put(A + 32 * (n - 1), randomBytes(32));
        wrong = !wrong;
      },
      run: (card) => card.ok(card.exports.keyUnwrapMany(n, card.at(JOBS), 32)),
    },
  ];
}

/** Unit 0: a random current key, an importer key at C. */
function freshUnit(card, slot) {
  card.exports.unitFree(slot);
  card.ok(card.exports.unitAlloc(slot));
  card.ok(card.exports.wkGenerate(slot));
  card.list(JOBS, slot);
  card.ok(card.exports.importerGenerate(1, card.at(JOBS), card.at(C)));
}

function exportTo(card, source, recipient, split, count) {
  for (let i = 0; i < count; i++) card.put(A + 133 * i, recipient);
  card.record(JOBS, source, 0, split ? 1 : 0, count, 0, 0);
  card.ok(card.exports.wkExport(1, card.at(JOBS), card.at(A), card.at(B)));
}

const registers = [
  {
    name: "export of a master key, whole",
    prepare(card) {
      freshUnit(card, 0);
      card.put(A, card.peer);
      card.record(JOBS, 0, 0, 0, 1, 0, 0);
    },
    run: (card) => card.ok(card.exports.wkExport(1, card.at(JOBS), card.at(A), card.at(B))),
  },
  {
    name: "export of a master key in three parts",
    prepare(card) {
      freshUnit(card, 0);
      for (let i = 0; i < 3; i++) card.put(A + 133 * i, card.peer);
      card.record(JOBS, 0, 0, 1, 3, 0, 0);
    },
    run: (card) => card.ok(card.exports.wkExport(1, card.at(JOBS), card.at(A), card.at(B))),
  },
  {
    name: "generation of a random master key",
    prepare(card) {
      card.exports.unitFree(0);
      card.ok(card.exports.unitAlloc(0));
    },
    run: (card) => card.ok(card.exports.wkGenerate(0)),
  },
  {
    name: "verification patterns, commit, finalize",
    prepare(card) {
      freshUnit(card, 0);
      card.ok(card.exports.wkGenerate(0));
      card.ok(card.exports.registers(0, card.at(A)));
      card.put(B, card.get(A + 36, 32));
    },
    run(card) {
      card.ok(card.exports.registers(0, card.at(A)));
      card.ok(card.exports.wkCommit(0, card.at(B)));
      card.ok(card.exports.wkFinalize(0, card.at(B)));
    },
  },
  {
    name: "sealing and opening a unit",
    prepare(card) {
      freshUnit(card, 0);
      card.exports.unitFree(1);
      card.put(A, context);
      card.put(D, randomBytes(32));
      card.exports.storageKeySet(card.at(D));
    },
    run(card) {
      card.record(JOBS, 0, card.at(A), context.length, card.at(B), 0);
      card.ok(card.exports.unitSeal(1, card.at(JOBS)));
      card.record(JOBS, 1, card.at(A), context.length, card.at(B), 0);
      card.ok(card.exports.unitUnseal(1, card.at(JOBS)));
    },
  },
  {
    name: "root keys: generation and check",
    prepare: (card) => freshUnit(card, 0),
    run(card) {
      card.ok(card.exports.rootKeyGenerate(0, 2, card.at(A)));
    },
  },
  {
    name: "root keys: re-encryption, one of three of no key",
    prepare(card) {
      freshUnit(card, 0);
      card.ok(card.exports.rootKeyGenerate(0, 3, card.at(A)));
      card.ok(card.exports.wkGenerate(0));
      card.ok(card.exports.registers(0, card.at(D)));
      card.ok(card.exports.wkCommit(0, card.at(D + 36)));
      // Blobs of 89 bytes, each followed by its pattern; the second is spoiled.
      for (let i = 0; i < 3; i++) card.put(B + 89 * i, card.get(A + 121 * i, 89));
      card.put(B + 89 + 60, new Uint8Array(8));
    },
    run: (card) => card.ok(card.exports.rootKeyRewrap(0, 3, card.at(B), card.at(A))),
  },
];

/**
 * Import is traced in two halves: what it does depends on the originator's point, which is public and differs from run to run, so the
 * same encrypted part is imported by units that differ in their current key alone; ECDH and unwrap are traced by themselves.
 */
const importing = {
  name: "import into the new register, beside different current keys",
  prepare(card) {
    freshUnit(card, 0);
    const importer = card.get(C, 133);
    if (!card.part) {
      card.exports.unitFree(2);
      card.ok(card.exports.unitCopy(2, 0));
      exportTo(card, 0, importer, false, 1);
      card.part = card.get(B, RECORD.part);
    }
    // A unit with the importer key of the first run and a current key of its own.
    card.exports.unitFree(0);
    card.ok(card.exports.unitCopy(0, 2));
    card.ok(card.exports.wkClearCurrent(0));
    card.ok(card.exports.wkGenerate(0));
    card.put(A, card.part);
    card.record(JOBS, 0, 1, 0, 0);
  },
  run: (card) => card.ok(card.exports.wkImport(1, card.at(JOBS), card.at(A))),
};

/** Blocks as RSA decryption may give them, with what is wrong; the part is random. */
const PADDINGS = [
  (block) => block, // nothing
  (block) => block.with(0, 1),
  (block) => block.with(1, 1),
  (block) => block.with(2, 0),
  (block) => block.with(100, 0),
  (block) => block.with(222, 0),
  (block) => block.with(223, 7),
  () => new Uint8Array(256),
  () => new Uint8Array(randomBytes(256)),
];

function paddedBlock() {
  const block = new Uint8Array(256).map(() => 1 + (randomBytes(1)[0] % 255));
  block.set([0, 2]);
  block[223] = 0;
  block.set(randomBytes(32), 224);
  return block;
}

let runs = 0;

/** Right or wrong, padding is removed on one path: runs take turns with what is wrong, and with a part equal to the current key. */
const blocks = {
  name: "import of RSA blocks: padding right, wrong in every way, the current key",
  prepare(card) {
    const block = paddedBlock();
    card.exports.unitFree(0);
    card.ok(card.exports.unitAlloc(0));
    card.ok(card.exports.importerOnHost(0));
    card.put(A, runs % 10 === 9 ? block : paddedBlock());
    card.record(JOBS, 0, 1, 0xdead);
    card.ok(card.exports.wkImportBlocks(1, card.at(JOBS), card.at(A)));
    card.ok(card.exports.wkCommit(0, card.at(JOBS + 16)));
    card.ok(card.exports.wkFinalize(0, card.at(JOBS + 16)));
    card.put(A, runs % 10 === 9 ? block : PADDINGS[runs % 10](block));
    card.record(JOBS, 0, 1, 0xdead);
    runs++;
  },
  run: (card) => card.ok(card.exports.wkImportBlocks(1, card.at(JOBS), card.at(A))),
  runs: 20,
};

export const scenarios = [
  ...[1, 2, 3].map(keyPairs),
  ...[1, 2].map(publicKeys),
  ...[1, 2, 3].map(agreement),
  ...[1, 2, 3].flatMap((n) => [signing(n, true), signing(n, false)]),
  ...[1, 3, 33].flatMap(wrapping),
  ...registers,
  importing,
  blocks,
];

/** Verification takes variable time: its trace must differ from signature to signature, or the tracing proves nothing. */
export const control = {
  name: "verification (variable time)",
  prepare(card) {
    card.exports.keyFree(0);
    card.put(A, scalar());
    card.ok(card.exports.keyImport(0, card.at(A), card.at(D)));
    card.put(B, message);
    card.record(JOBS, 0, card.at(B), message.length, card.at(C));
    card.ok(card.exports.sign(1, card.at(JOBS), 1));
    card.record(JOBS, card.at(D), card.at(B), message.length, card.at(C), 0);
  },
  run: (card) => card.ok(card.exports.verify(1, card.at(JOBS))),
};
