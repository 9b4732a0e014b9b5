// Suite 2: what a recovery is made of, one operation at a time and in batches.

import type { Core, ExportJob, QuorumJob, UnitSlot, VerifyJob } from "../src/core/api.ts";
import { Status } from "../src/core/status.ts";
import type { Backend } from "./backends/backend.ts";
import { bytesOf, messageOf, signedBy, signerOf, textOf } from "./fixtures.ts";
import { confirm, type Task } from "./task.ts";

const BATCH = 32;
/** Keys that sign over and over, as in a recovery: three administrators and a module's OA key. */
const CACHED_KEYS = 4;
const MAX_SIGNERS = 8;

function operation(name: string, work: Pick<Task, "answer" | "contestant">): Task {
  return { suite: "operations", name, ...work };
}

// --- signatures ---

function bits(verdicts: readonly boolean[]): string {
  return verdicts.map(Number).join("");
}

const sign = operation("sign", {
  answer({ name, core }, all) {
    const { slot, publicKey } = core.keyImport(signerOf("administrator 0").scalar);
    const jobs = [{ key: slot, message: messageOf("to sign") }];
    const [signature] = core.sign(jobs);
    const [exact] = core.signDeterministic(jobs);
    core.keyFree(slot);
    const made = { publicKey, message: jobs[0]!.message, signature: signature! };
    confirm(`sign: ${name}'s signature`, all, (other) => other.core.verify([made])[0]!);
    return textOf([exact!]);
  },
  contestant({ name, core }) {
    const jobs = [{ key: core.keyImport(signerOf("administrator 0").scalar).slot, message: messageOf("to sign") }];
    return { backend: name, operations: 1, run: () => core.sign(jobs) };
  },
});

/** Signatures by `keys` signers in turn. */
function signedJobs(keys: number, count: number): VerifyJob[] {
  const signers = Array.from({ length: keys }, (_, i) => signerOf(`administrator ${i}`));
  return Array.from({ length: count }, (_, i) => {
    const { signer, message, signature } = signedBy(signers[i % keys]!, `message ${i}`);
    return { publicKey: signer.publicKey, message, signature };
  });
}

/** Each job as it is, and with a flipped bit in r, in s and in the message. */
function spoiled(jobs: readonly VerifyJob[]): VerifyJob[] {
  const flip = (bytes: Uint8Array, at: number) => bytes.with(at, bytes[at]! ^ 1);
  return jobs.flatMap((job) => [
    job,
    { ...job, signature: flip(job.signature, 65) },
    { ...job, signature: flip(job.signature, 131) },
    { ...job, message: flip(job.message, 0) },
  ]);
}

/** `perCall` signatures a call, of keys whose tables are kept. */
function verifyCached(name: string, perCall: number): Task {
  return operation(name, {
    answer: ({ core }) => bits(core.verify(spoiled(signedJobs(CACHED_KEYS, perCall)))),
    contestant({ name: backend, core }) {
      const jobs = signedJobs(CACHED_KEYS, BATCH);
      const calls = Array.from({ length: BATCH / perCall }, (_, i) => jobs.slice(i * perCall, (i + 1) * perCall));
      let call = 0;
      return { backend, operations: perCall, run: () => core.verify(calls[call++ % calls.length]!) };
    },
  });
}

/** `perCall` signatures a call, each of another key, by a core that keeps no tables. */
function verifyUncached(name: string, perCall: number): Task {
  return operation(name, {
    answer({ core }) {
      core.setTableCapacity(0);
      return bits(core.verify(spoiled(signedJobs(perCall, perCall))));
    },
    contestant({ name: backend, core }) {
      core.setTableCapacity(0);
      const jobs = signedJobs(perCall, perCall);
      return { backend, operations: perCall, run: () => core.verify(jobs) };
    },
  });
}

function quorumJob(size: number): QuorumJob {
  const signers = Array.from({ length: size }, (_, i) => {
    const { signer, signature } = signedBy(signerOf(`administrator ${i}`), "block");
    return { ski: bytesOf(`ski ${i}`, 32), publicKey: signer.publicKey, signature };
  });
  return { message: messageOf("block"), required: size, signers };
}

/** One operation is one verdict over `size` signatures. */
function quorum(size: number): Task {
  return operation(`quorum-${size}`, {
    answer({ core }) {
      const job = quorumJob(size);
      const twice = { ...job, signers: [...job.signers.slice(1), job.signers.at(-1)!] };
      return JSON.stringify(core.verifyQuorum([job, twice, { ...job, message: messageOf("another block") }]));
    },
    contestant({ name: backend, core }) {
      const jobs = [quorumJob(size)];
      return { backend, operations: 1, run: () => core.verifyQuorum(jobs) };
    },
  });
}

// --- keys and their agreement ---

const keypair = operation("keypair", {
  answer({ name, core }, all) {
    const known = core.keyImport(signerOf("known").scalar);
    const fresh = core.keyGenerate(1)[0]!;
    const message = messageOf("by a fresh key");
    const [signature] = core.sign([{ key: fresh.slot, message }]);
    core.keyFree(known.slot);
    core.keyFree(fresh.slot);
    const made = { publicKey: fresh.publicKey, message, signature: signature! };
    confirm(`keypair: ${name}'s key`, all, (other) => other.core.verify([made])[0]!);
    return textOf([known.publicKey]);
  },
  contestant: ({ name, core }) => ({
    backend: name,
    operations: 1,
    run: () => core.keyFree(core.keyGenerate(1)[0]!.slot),
  }),
});

function ecdh(name: string, count: number): Task {
  const work = ({ primitives }: Backend) =>
    primitives.ecdh(
      Array.from({ length: count }, (_, i) => {
        return { scalar: signerOf(`own ${i}`).scalar, peer: signerOf(`peer ${i}`).publicKey };
      }),
    );
  return operation(name, {
    answer: (backend) => textOf(work(backend)()),
    contestant: (backend) => ({ backend: backend.name, operations: count, run: work(backend) }),
  });
}

// --- transfer of a register's key ---

function exportJob(source: UnitSlot, recipient: Uint8Array): ExportJob {
  return { slot: source, register: "current", recipients: [recipient], split: false };
}

function exportTo(core: Core, source: UnitSlot, recipient: Uint8Array) {
  const [result] = core.wkExport([exportJob(source, recipient)]);
  if (result?.status !== Status.Ok) throw new Error(`${core.name}: want status 0 of an export, got ${result?.status}`);
  return result.parts;
}

/** Whether a fresh unit of `to` takes the random key of a fresh unit of `from`, and shows the same pattern. */
function transfers(from: Core, to: Core): boolean {
  const [source, target] = [from.unitAlloc(), to.unitAlloc()];
  try {
    from.wkGenerate(source);
    const [importer] = to.importerGenerate([target]);
    const [result] = to.wkImport([{ slot: target, parts: exportTo(from, source, importer!) }]);
    const { current } = from.registers(source);
    return result?.status === Status.Ok && textOf([result.pattern]) === textOf([current!]);
  } finally {
    from.unitFree(source);
    to.unitFree(target);
  }
}

const wrapRecipient = operation("wrap-recipient", {
  answer({ name, core }, all) {
    confirm(`wrap-recipient: ${name}'s export`, all, (other) => transfers(core, other.core));
    return "accepted everywhere";
  },
  contestant({ name, core }) {
    const source = core.unitAlloc();
    core.wkGenerate(source);
    const jobs = [exportJob(source, signerOf("importer").publicKey)];
    return { backend: name, operations: 1, run: () => core.wkExport(jobs) };
  },
});

const unwrapRegister = operation("unwrap-register", {
  answer({ name, core }, all) {
    confirm(`unwrap-register: an export to ${name}`, all, (other) => transfers(other.core, core));
    return "accepts everyone's";
  },
  contestant({ name, core }) {
    const [source, target] = [core.unitAlloc(), core.unitAlloc()];
    core.wkGenerate(source);
    const [importer] = core.importerGenerate([target]);
    const jobs = [{ slot: target, parts: exportTo(core, source, importer!) }];
    return { backend: name, operations: 1, run: () => core.wkImport(jobs) };
  },
});

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
