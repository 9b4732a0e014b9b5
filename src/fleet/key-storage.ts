// The key storage of service instances: root keys, wrapped under the instance's master key. In a rotation they are re-encrypted
// from the current key to the new one (workstation.md 7.2, step 6), in batches of one transaction each, while every unit holds both.
//
//   started -> in-progress -> complete, or failed
//
// A blob's header names its master key (assembly/register/root-keys.ts), so a job that was interrupted goes on with the blobs that
// are still under the current one, whenever it is asked for or asked about.

import { equal } from "../bytes.ts";
import type { RootKey } from "../core/api.ts";
import { OpenTkeError } from "../errors.ts";
import type { UnitHost } from "../unit/host.ts";
import type { FleetStore } from "./store.ts";
import { locationOf, type ServiceInstance } from "./topology.ts";

export const RewrapState = {
  Started: "started",
  InProgress: "in-progress",
  Complete: "complete",
  Failed: "failed",
} as const;
export type RewrapState = (typeof RewrapState)[keyof typeof RewrapState];

/** What became of a request to re-encrypt. */
export interface RewrapJob {
  readonly status: RewrapState;
  readonly message: string;
  /** Pattern of the master key that the root keys are to be under, 32 bytes. */
  readonly pattern: Uint8Array;
}

/** A root key and where it is kept. */
export interface StoredRootKey extends RootKey {
  /** Ascending in the order in which an instance's keys were added. */
  readonly position: number;
}

/** Where key storages are kept. */
export interface KeyStorageStore {
  /** Adds root keys to the key storage of an instance. */
  addRootKeys(instance: string, keys: readonly RootKey[]): void;
  rootKeys(instance: string): readonly RootKey[];
  /** Up to `limit` root keys behind a position. */
  rootKeysAfter(instance: string, position: number, limit: number): readonly StoredRootKey[];
  /** Other blobs at the keys' positions, and the job as it then is; all or nothing. */
  rewrapRootKeys(instance: string, keys: readonly StoredRootKey[], job: RewrapJob): void;
  /** The last job of an instance. */
  rewrapJob(instance: string): RewrapJob | undefined;
}

/** Key storage can't do now what it was asked for. Nothing was changed. */
export class KeyStorageError extends OpenTkeError {
  readonly code: string = "ERR_KEY_STORAGE";
}

/** Keys re-encrypted in one transaction: as many as the card takes at once. */
const BATCH = 64;
/** A blob's header: version, then the first 16 bytes of its master key's pattern. */
const ID = { from: 1, to: 17 } as const;

/** How far a job has come in this process. */
interface Run {
  position: number;
  done: number;
  readonly of: number;
}

export class KeyStorage {
  readonly #store: FleetStore;
  readonly #host: UnitHost;
  readonly #runs = new Map<string, Run>();
  #closed = false;

  constructor(store: FleetStore, host: UnitHost) {
    this.#store = store;
    this.#host = host;
  }

  /**
   * Fresh root keys, wrapped under the current master key of a unit.
   * @throws KeyStorageError if that is Empty, or a rotation is under way: they would be under a key that is about to go.
   */
  generate(instance: string, unit: string, count: number): void {
    if (this.#isRotating(instance))
      throw new KeyStorageError(
        `key storage of ${instance}: its keys are re-encrypted for the next master key; finish the rotation first`,
      );
    const keys = this.#host.rootKeyGenerate(unit, count);
    if (!keys) throw new KeyStorageError(`unit ${unit}: want a Valid current master key register, got an Empty one`);
    this.#store.addRootKeys(instance, keys);
  }

  /**
   * Begins to re-encrypt, or goes on with it.
   * @throws KeyStorageError unless all units hold one current master key and one other that is committed, and every root key
   * is under one of the two.
   */
  rewrap(instance: ServiceInstance): RewrapJob {
    const { id } = instance;
    const pattern = this.#nextKey(instance);
    const before = this.#store.rewrapJob(id);
    if (this.#runs.has(id) && before) return before;
    const keys = this.#store.rootKeys(id);
    const current = this.#store.unit(instance.units[0]!.id)!.registers.current!;
    const lost = keys.filter(({ blob }) => !isUnder(blob, current) && !isUnder(blob, pattern)).length;
    if (lost > 0)
      throw new KeyStorageError(
        `key storage of ${id}: ${lost} of ${keys.length} root keys are under a master key that its units don't hold`,
      );
    const job = { status: RewrapState.Started, message: `${keys.length} root keys`, pattern };
    this.#store.rewrapRootKeys(id, [], job);
    this.#begin(id);
    return job;
  }

  /** The last job; one that is not finished goes on. */
  status(instance: ServiceInstance): RewrapJob | undefined {
    const job = this.#store.rewrapJob(instance.id);
    if (job && isUnfinished(job) && !this.#runs.has(instance.id)) this.#begin(instance.id);
    return job;
  }

  /** Re-encrypts no more. What is unfinished stays so. */
  close(): void {
    this.#closed = true;
  }

  /** The next batches, each in a turn of the event loop of its own: units answer meanwhile. */
  #begin(id: string): void {
    this.#runs.set(id, { position: 0, done: 0, of: this.#store.rootKeys(id).length });
    const turn = (): void => {
      if (!this.#closed && this.#tryBatch(id)) setImmediate(turn);
      else this.#runs.delete(id);
    };
    setImmediate(turn);
  }

  /** One batch; false if there is no other to come. */
  #tryBatch(id: string): boolean {
    try {
      return this.#batch(id, this.#runs.get(id)!);
    } catch (error) {
      const job = this.#store.rewrapJob(id);
      if (job) this.#fail(id, job, error instanceof OpenTkeError ? error.message : "key storage could not be changed");
      return false;
    }
  }

  #batch(id: string, run: Run): boolean {
    const job = this.#store.rewrapJob(id);
    const instance = this.#store.instance(id);
    if (!job || !instance || !isUnfinished(job)) return false;
    if (!equal(this.#nextKey(instance), job.pattern))
      throw new KeyStorageError("the units' new master key is another than the one asked for");
    const page = this.#store.rootKeysAfter(id, run.position, BATCH);
    run.position = page.at(-1)?.position ?? run.position;
    run.done += page.length;
    const keys = this.#rewrapped(
      instance,
      page.filter(({ blob }) => !isUnder(blob, job.pattern)),
    );
    const complete = page.length < BATCH;
    const status = complete ? RewrapState.Complete : RewrapState.InProgress;
    this.#store.rewrapRootKeys(id, keys, { ...job, status, message: `${run.done} of ${run.of} root keys` });
    return !complete;
  }

  /** The same root keys under the units' new master key. */
  #rewrapped(instance: ServiceInstance, keys: readonly StoredRootKey[]): StoredRootKey[] {
    if (keys.length === 0) return [];
    const blobs = keys.map(({ blob }) => blob);
    const result = this.#host.rootKeyRewrap(instance.units[0]!.id, blobs);
    return keys.map(({ position, pattern }, at) => {
      const rewrapped = result?.[at];
      if (!rewrapped || !equal(rewrapped.pattern, pattern))
        throw new KeyStorageError(`root key ${position} is not what the current master key has wrapped`);
      return { position, ...rewrapped };
    });
  }

  #fail(id: string, job: RewrapJob, message: string): void {
    try {
      this.#store.rewrapRootKeys(id, [], { ...job, status: RewrapState.Failed, message });
    } catch {
      // The store is gone. The job stays unfinished in it, and goes on when it is asked about again.
    }
  }

  /** Pattern of the committed new key of all units. @throws KeyStorageError if there is none, or no common current one. */
  #nextKey({ id, units }: ServiceInstance): Uint8Array {
    const registers = units.map((unit) => ({ unit, ...this.#store.unit(unit.id)?.registers }));
    const [first] = registers;
    const odd = registers.find(
      ({ current, next }) =>
        !(current && next?.committed && first?.current && first.next) ||
        !(equal(current, first.current) && equal(next.pattern, first.next.pattern)),
    );
    if (first?.next && !odd) return first.next.pattern;
    const where = odd ? `unit ${locationOf(odd.unit)}` : "no unit";
    throw new KeyStorageError(
      `key storage of ${id}: want one Valid current and one Full Committed new master key in all units, got others: ${where}`,
    );
  }

  /** Some keys may be under a master key that is new yet. */
  #isRotating(id: string): boolean {
    const job = this.#store.rewrapJob(id);
    if (!job) return false;
    const units = this.#store.instance(id)?.units ?? [];
    return units.some((unit) => {
      const next = this.#store.unit(unit.id)?.registers.next;
      return next?.committed === true && equal(next.pattern, job.pattern);
    });
  }
}

function isUnfinished({ status }: RewrapJob): boolean {
  return status === RewrapState.Started || status === RewrapState.InProgress;
}

/** Whether a blob says that it is under the master key with this pattern. */
function isUnder(blob: Uint8Array, pattern: Uint8Array): boolean {
  return equal(blob.subarray(ID.from, ID.to), pattern.subarray(0, ID.to - ID.from));
}
