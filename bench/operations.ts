// Suite 2: what a recovery is made of, one operation at a time and in batches.

import type { Core, KeySlot, QuorumJob, UnitSlot, VerifyJob } from "../src/core/api.ts";
import { Status } from "../src/core/status.ts";
import type { Backend } from "./backends/backend.ts";
import { bytesOf, messageOf, type Signed, signedBy, signerOf, textOf } from "./fixtures.ts";
import type { Start, Task } from "./task.ts";

const BATCH = 32;
/** Keys that sign over and over, as in a recovery: three administrators and a module's OA key. */
const CACHED_KEYS = 4;
const MAX_SIGNERS = 8;

function operation(name: string, start: (backend: Backend, all: readonly Backend[]) => Start | Promise<Start>): Task {
  return { suite: "operations", name, start };
}

// --- signatures ---

const sign = operation("sign", ({ name, core }, all) => {
  const { slot, publicKey } = core.keyImport(signerOf("administrator 0").scalar);
  const job = { key: slot, message: messageOf("to sign") };
  const made = core.sign([job]).map((signature) => ({ publicKey, message: job.message, signature }));
  return {
    answer: `${textOf(core.signDeterministic([job]))} ${verdictsOf(all, made)}`,
    contestant: { backend: name, operations: 1, run: () => core.sign([job]) },
    finish: () => core.keyFree(slot),
  };
});

function verifyJob({ signer, message, signature }: Signed): VerifyJob {
  return { publicKey: signer.publicKey, message, signature };
}

function jobsBy(keys: number, count: number): VerifyJob[] {
  const signers = Array.from({ length: keys }, (_, i) => signerOf(`administrator ${i}`));
  return Array.from({ length: count }, (_, i) => verifyJob(signedBy(signers[i % keys]!, `message ${i}`)));
}

/** The jobs as they are, and each with a flipped bit in r, in s and in the message. */
function verdictsOfSpoiled(core: Core, jobs: readonly VerifyJob[]): string {
  const flip = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1);
  const spoiled = jobs.flatMap((job) => [
    job,
    { ...job, signature: flip(job.signature, 65) },
    { ...job, signature: flip(job.signature, 131) },
    { ...job, message: flip(job.message, 0) },
  ]);
  return core.verify(spoiled).map(Number).join("");
}

function verdictsOf(all: readonly Backend[], jobs: readonly VerifyJob[]): string {
  return all.map(({ name, core }) => `${name} ${core.verify(jobs).map(Number).join("")}`).join(", ");
}

/** `perCall` signatures a call, of keys whose tables are kept. */
function verifyCached(name: string, perCall: number): Task {
  return operation(name, ({ name: backend, core }) => {
    const jobs = jobsBy(CACHED_KEYS, BATCH);
    const calls = Array.from({ length: BATCH / perCall }, (_, i) => jobs.slice(i * perCall, (i + 1) * perCall));
    let call = 0;
    const run = () => core.verify(calls[call++ % calls.length]!);
    return { answer: verdictsOfSpoiled(core, jobs), contestant: { backend, operations: perCall, run } };
  });
}

/** `perCall` signatures a call, each of another key, on a core that keeps no tables. */
function verifyUncached(name: string, perCall: number): Task {
  return operation(name, async ({ name: backend, newCore }) => {
    const core = await newCore();
    core.setTableCapacity(0);
    const jobs = jobsBy(perCall, perCall);
    const run = () => core.verify(jobs);
    const answer = verdictsOfSpoiled(core, jobs);
    return { answer, contestant: { backend, operations: perCall, run }, finish: () => core.dispose() };
  });
}

function quorum(size: number): Task {
  return operation(`quorum-${size}`, ({ name: backend, core }) => {
    const message = messageOf("block");
    const signers = Array.from({ length: size }, (_, i) => {
      const signer = signerOf(`administrator ${i}`);
      return {
        ski: bytesOf(`ski ${i}`, 32),
        publicKey: signer.publicKey,
        signature: signedBy(signer, "block").signature,
      };
    });
    const job: QuorumJob = { message, required: size, signers };
    const short = { ...job, signers: [...signers.slice(1), signers[1] ?? signers[0]!] };
    const jobs = [job, short, { ...job, message: messageOf("another block") }];
    return {
      answer: JSON.stringify(core.verifyQuorum(jobs)),
      contestant: { backend, operations: 1, run: () => core.verifyQuorum([job]) },
    };
  });
}

// --- keys and their agreement ---

const keypair = operation("keypair", ({ name, core }, all) => {
  const known = core.keyImport(signerOf("known").scalar);
  const [fresh] = core.keyGenerate(1);
  const message = messageOf("by a fresh key");
  const [signature] = core.sign([{ key: fresh!.slot, message }]);
  const verdicts = verdictsOf(all, [{ publicKey: fresh!.publicKey, message, signature: signature! }]);
  const free = (slot: KeySlot) => core.keyFree(slot);
  free(known.slot);
  free(fresh!.slot);
  return {
    answer: `${textOf([known.publicKey])} ${verdicts}`,
    contestant: { backend: name, operations: 1, run: () => free(core.keyGenerate(1)[0]!.slot) },
  };
});

function ecdh(name: string, count: number): Task {
  return operation(name, ({ name: backend, primitives }) => {
    const jobs = Array.from({ length: count }, (_, i) => {
      return { scalar: signerOf(`own ${i}`).scalar, peer: signerOf(`peer ${i}`).publicKey };
    });
    const run = primitives.ecdh(jobs);
    return { answer: textOf(run()), contestant: { backend, operations: count, run } };
  });
}

// --- transfer of a register's key ---

const wrapRecipient = operation("wrap-recipient", ({ name, core }, all) => {
  const source = core.unitAlloc();
  core.wkGenerate(source);
  const job = {
    slot: source,
    register: "current",
    recipients: [signerOf("importer").publicKey],
    split: false,
  } as const;
  return {
    answer: all.map((target) => `${target.name} ${transfers(core, source, target.core)}`).join(", "),
    contestant: { backend: name, operations: 1, run: () => core.wkExport([job]) },
    finish: () => core.unitFree(source),
  };
});

const unwrapRegister = operation("unwrap-register", ({ name, core }, all) => {
  const target = core.unitAlloc();
  const [importer] = core.importerGenerate([target]);
  const source = core.unitAlloc();
  core.wkGenerate(source);
  const parts = exportTo(core, source, importer!);
  return {
    answer: all.map((other) => `${other.name} ${transferFrom(other.core, core)}`).join(", "),
    contestant: { backend: name, operations: 1, run: () => core.wkImport([{ slot: target, parts }]) },
    finish: () => {
      core.unitFree(target);
      core.unitFree(source);
    },
  };
});

function exportTo(core: Core, source: UnitSlot, recipient: Uint8Array) {
  const [result] = core.wkExport([{ slot: source, register: "current", recipients: [recipient], split: false }]);
  if (result?.status !== Status.Ok) throw new Error(`${core.name}: want status 0 of an export, got ${result?.status}`);
  return result.parts;
}

/** Whether a fresh unit of `to` takes the key of `source`, and shows the same pattern. */
function transfers(from: Core, source: UnitSlot, to: Core): boolean {
  const target = to.unitAlloc();
  try {
    const [importer] = to.importerGenerate([target]);
    const [result] = to.wkImport([{ slot: target, parts: exportTo(from, source, importer!) }]);
    const { current } = from.registers(source);
    return result?.status === Status.Ok && textOf([result.pattern]) === textOf([current!]);
  } finally {
    to.unitFree(target);
  }
}

function transferFrom(from: Core, to: Core): boolean {
  const source = from.unitAlloc();
  try {
    from.wkGenerate(source);
    return transfers(from, source, to);
  } finally {
    from.unitFree(source);
  }
}

export const operationTasks: readonly Task[] = [
  sign,
  verifyCached("verify-cached", 1),
  verifyCached("verify-batch32", BATCH),
  verifyUncached("verify-uncached", 1),
  verifyUncached("verify-uncached-batch2", 2),
  keypair,
  ecdh("ecdh", 1),
  ecdh("ecdh-batch2", 2),
  ...Array.from({ length: MAX_SIGNERS }, (_, i) => quorum(i + 1)),
  wrapRecipient,
  unwrapRegister,
];
