// Faults on purpose, drawn from a seed. The n-th request to a unit (or for the list of an instance) always meets the same fault,
// whatever happens to others meanwhile: the same seed and the same requests give the same faults again.

import { setTimeout as sleep } from "node:timers/promises";
import { SeededRandom } from "../fleet/seeded.ts";
import { CPRB_HEADER_SIZE } from "../wire/cprb.ts";
import { HANG_UP, plain, type Reply } from "./reply.ts";

export const Fault = {
  /** The connection is closed; the unit has not seen the request. */
  LoseRequest: "lose-request",
  /** The connection is closed; the unit has done what it was told. */
  LoseAnswer: "lose-answer",
  /** 500; the unit has not seen the request. */
  Error: "error",
  /** One bit of the answer's payload is turned over. */
  Corrupt: "corrupt",
} as const;
export type Fault = (typeof Fault)[keyof typeof Fault];

export interface FaultPlan {
  readonly seed: string;
  /** Probability of each fault; together at most 1. */
  readonly probabilities: Readonly<Partial<Record<Fault, number>>>;
  /** A wait before the request is handled: how often, and between how many milliseconds. */
  readonly delay?: { readonly probability: number; readonly milliseconds: readonly [least: number, most: number] };
}

/** What the request at hand meets. */
export interface Fate {
  readonly fault: Fault | null;
  /** Milliseconds. */
  readonly delay: number;
  /** Chooses the bit of a corrupt answer. */
  readonly random: SeededRandom;
}

type Handle = (corrupt: (answer: Uint8Array) => Uint8Array) => Promise<Reply>;

export interface FaultSource {
  /** Handles a request about `subject`, or lets it go wrong. */
  around(subject: string, handle: Handle): Promise<Reply | typeof HANG_UP>;
}

const intact = (answer: Uint8Array): Uint8Array => answer;

export const NO_FAULTS: FaultSource = { around: (_, handle) => handle(intact) };

/** Resolution of probabilities. */
const ONE = 1_000_000;

/** What the n-th request (from 0) about `subject` meets: a pure function. */
export function fateOf(plan: FaultPlan, subject: string, n: number): Fate {
  const random = new SeededRandom(plan.seed).fork(`${subject} ${n}`);
  let draw = random.below(ONE) / ONE;
  let fault: Fault | null = null;
  for (const kind of Object.values(Fault)) {
    const probability = plan.probabilities[kind] ?? 0;
    if (fault === null && draw < probability) fault = kind;
    draw -= probability;
  }
  return { fault, delay: delayOf(plan, random), random };
}

function delayOf({ delay }: FaultPlan, random: SeededRandom): number {
  const waits = random.below(ONE) / ONE < (delay?.probability ?? 0);
  if (!delay || !waits) return 0;
  const [least, most] = delay.milliseconds;
  return least + random.below(most - least + 1);
}

/** Faults that can be switched on and off. */
export class Faults implements FaultSource {
  readonly #observe: (fault: string) => void;
  #plan: FaultPlan | null = null;
  #met = new Map<string, number>();

  /** `observe` is told of every fault and every delay. */
  constructor(observe: (fault: string) => void = () => {}) {
    this.#observe = observe;
  }

  get plan(): FaultPlan | null {
    return this.#plan;
  }

  /** Begins anew with counting; null: no faults. */
  set(plan: FaultPlan | null): void {
    this.#plan = plan;
    this.#met = new Map();
  }

  async around(subject: string, handle: Handle): Promise<Reply | typeof HANG_UP> {
    if (this.#plan === null) return handle(intact);
    const n = this.#met.get(subject) ?? 0;
    this.#met.set(subject, n + 1);
    const { fault, delay, random } = fateOf(this.#plan, subject, n);
    if (delay > 0) this.#observe("delay");
    if (fault !== null) this.#observe(fault);
    if (delay > 0) await sleep(delay);
    if (fault === Fault.LoseRequest) return HANG_UP;
    if (fault === Fault.Error) return plain(500, "Internal Server Error: injected");
    const reply = await handle(fault === Fault.Corrupt ? (answer) => corrupted(answer, random) : intact);
    return fault === Fault.LoseAnswer ? HANG_UP : reply;
  }
}

/** The answer with one bit of its payload turned over; of its header, if it has no payload. */
function corrupted(answer: Uint8Array, random: SeededRandom): Uint8Array {
  const changed = answer.slice();
  const from = answer.length > CPRB_HEADER_SIZE ? CPRB_HEADER_SIZE : 0;
  const at = from + random.below(answer.length - from);
  changed[at]! ^= 1 << random.below(8);
  return changed;
}
