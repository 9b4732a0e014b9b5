// What the two commands that rotate a master key share: how they fail, what they tell, and the end of the way, which begins when
// every unit has the new key committed (workstation.md 7.2, steps 6 and 7).

import type { Client } from "../client/client.ts";
import { type CommandJob, commandJob } from "../client/job.ts";
import type { KeyStorage, RewrapStatus } from "../client/key-storage.ts";
import { RegisterStatus, type Registers, samePattern } from "../client/registers.ts";
import type { CryptoUnit } from "../client/units.ts";
import { finalizeWk } from "../commands/finalize-wk.ts";
import { CheckError, OpenTkeError } from "../errors.ts";
import type { Signer } from "../workstation/signer.ts";
import { inBatches } from "./batches.ts";
import type { KnownSigner } from "./signers.ts";

/** The commands that a failed rotation can be finished with (workstation.md 8). */
export type RotationCommand = "auto-mk-rotate" | "cryptounit-mk-rotate" | "cryptounit-mk-setimm";

/** A rotation stopped on the way. No key is lost; `nextCommand` goes on. */
export class RotationError extends OpenTkeError {
  readonly code: string = "ERR_PARTIAL";
  readonly nextCommand: RotationCommand;

  constructor(what: string, nextCommand: RotationCommand, options?: ErrorOptions) {
    super(`${what}; ${NEXT[nextCommand]}`, options);
    this.nextCommand = nextCommand;
  }
}

const NEXT: Readonly<Record<RotationCommand, string>> = {
  "auto-mk-rotate": "key storage has not been touched: find out why, and run 'auto-mk-rotate' again",
  "cryptounit-mk-rotate":
    "find out why, and run 'cryptounit-mk-rotate'; never 'auto-mk-rotate', which would replace a key that key storage may be under",
  "cryptounit-mk-setimm":
    "key storage is done: look at the registers with 'cryptounit-mks', and run 'cryptounit-mk-setimm' for the crypto units whose new register is not empty",
};

/** What is about to be done, or has just been: for the user's eyes. */
export type RotationProgress =
  | { readonly phase: "clear" | "generate" | "transfer" | "commit" | "rewrap" | "finalize" }
  /** Message M1: the new key is committed everywhere; a delay of so many milliseconds follows. */
  | { readonly phase: "committed"; readonly delay: number }
  /** As key storage tells it. */
  | { readonly phase: "rewrapping"; readonly message: string }
  /** Message M2: key storage is under the new key. */
  | { readonly phase: "rewrapped" };

/** A rotation of the master key of one service instance. */
export interface RotationRequest<S extends KnownSigner = Signer> {
  readonly keyStorage: KeyStorage;
  /** All units of the instance. */
  readonly units: readonly CryptoUnit[];
  /** Administrators who may sign. */
  readonly signers: readonly S[];
  /** Makes those ready that are needed, once nothing speaks against the rotation. */
  readonly open: (signers: readonly S[]) => Promise<readonly Signer[]>;
}

export interface RotationOptions {
  readonly progress?: (progress: RotationProgress) => void;
  /** Waits for so many milliseconds; the clock's by default. What it throws ends the rotation. */
  readonly wait?: (milliseconds: number) => Promise<void>;
}

export const waitOnClock = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Milliseconds between two looks at key storage: soon at first, as it may be small, then twice as long each time. */
const POLL = { first: 20, last: 1000 } as const;
/** Milliseconds without a change before it is given up. */
const PATIENCE = 600_000;

/**
 * Has key storage re-encrypted, then makes the committed new key the current one. In: all units of an instance; milliseconds until
 * key storage is asked.
 */
export async function finishRotation(
  client: Client,
  keyStorage: KeyStorage,
  units: readonly CryptoUnit[],
  pattern: Uint8Array,
  signer: Signer,
  { progress = () => {}, wait = waitOnClock }: RotationOptions,
  delay = 0,
): Promise<void> {
  try {
    if (delay > 0) await wait(delay);
    progress({ phase: "rewrap" });
    await rewrap(keyStorage, units[0]!.instance, pattern, progress, wait);
  } catch (cause) {
    throw new RotationError(`key storage could not be re-encrypted: ${textOf(cause)}`, "cryptounit-mk-rotate", {
      cause,
    });
  }
  progress({ phase: "rewrapped" });
  progress({ phase: "finalize" });
  const job = (unit: CryptoUnit): CommandJob<unknown> => commandJob(unit, finalizeWk, pattern, [signer]);
  const finalized = ({ current, next }: Registers): boolean =>
    current.status === RegisterStatus.Valid &&
    samePattern(current.pattern, pattern) &&
    next.status === RegisterStatus.Empty;
  const failed = await runEverywhere(client, units, job, finalized);
  if (failed) throw new RotationError(`set immediate: ${failed.message}`, "cryptounit-mk-setimm", { cause: failed });
}

async function rewrap(
  keyStorage: KeyStorage,
  instance: string,
  pattern: Uint8Array,
  progress: (progress: RotationProgress) => void,
  wait: (milliseconds: number) => Promise<void>,
): Promise<void> {
  let job: RewrapStatus | null = await keyStorage.rewrap(instance);
  let said = "";
  let pause: number = POLL.first;
  for (let waited = 0; waited < PATIENCE; ) {
    if (job === null) throw new CheckError("answer", "want the re-encryption that was asked for, got none");
    if (!samePattern(job.pattern, pattern))
      throw new CheckError("pattern", "want key storage under the units' new master key, got another");
    const { status, message } = job;
    if (status === "complete") return;
    if (status === "failed") throw new CheckError("answer", message);
    if (message !== said) {
      progress({ phase: "rewrapping", message });
      [said, waited] = [message, 0];
    }
    await wait(pause);
    waited += pause;
    pause = Math.min(2 * pause, POLL.last);
    job = await keyStorage.status(instance);
  }
  throw new CheckError("answer", `no progress after ${said}`);
}

/**
 * One command to each unit. The first failure; not of units whose registers say that it was done and the answer alone was lost.
 */
export async function runEverywhere<T>(
  client: Client,
  units: readonly CryptoUnit[],
  job: (unit: CryptoUnit) => CommandJob<T>,
  isDone: (registers: Registers) => boolean,
): Promise<Error | null> {
  const outcomes = await inBatches(units, (batch) => client.run(batch.map(job)));
  const failed = units.filter((_, at) => !outcomes[at]!.ok);
  const told = await inBatches(failed, (batch) => client.registers(batch));
  const undone = failed.filter((_, at) => {
    const outcome = told[at]!;
    return !(outcome.ok && isDone(outcome.value));
  });
  if (undone.length === 0) return null;
  const first = outcomes[units.indexOf(undone[0]!)]!;
  return first.ok ? null : first.error;
}

export function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
