// Group commit: requests that arrive while a batch is being handled become the next batch. One that arrives alone is handled
// alone and at once: the batch is closed as soon as everything that had arrived has been read, which is when Node runs
// immediates.

import type { UnitRequest } from "../fleet/units.ts";

/** What the units offer: an answer or an Error in each request's place. */
export type HandleMany = (batch: readonly UnitRequest[]) => readonly (Uint8Array | Error)[];

export interface BatcherOptions {
  /** Requests handled together at most; more wait for the next batch. */
  readonly limit?: number;
  /** Told of every batch: its size, and the seconds it took. */
  readonly observe?: (size: number, seconds: number) => void;
}

interface Waiting {
  readonly request: UnitRequest;
  readonly settle: (answer: Uint8Array | Error) => void;
}

const DEFAULT_LIMIT = 256;

export class Batcher {
  readonly #handleMany: HandleMany;
  readonly #limit: number;
  readonly #observe: (size: number, seconds: number) => void;
  #waiting: Waiting[] = [];
  #scheduled = false;

  constructor(handleMany: HandleMany, { limit = DEFAULT_LIMIT, observe = () => {} }: BatcherOptions = {}) {
    this.#handleMany = handleMany;
    this.#limit = limit;
    this.#observe = observe;
  }

  /** The unit's answer, or the Error in its place. Requests to one unit are handled in the order they are submitted. */
  submit(request: UnitRequest): Promise<Uint8Array | Error> {
    return new Promise((settle) => {
      this.#waiting.push({ request, settle });
      this.#schedule();
    });
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => this.#flush());
  }

  #flush(): void {
    this.#scheduled = false;
    const batch = this.#waiting.slice(0, this.#limit);
    this.#waiting = this.#waiting.slice(this.#limit);
    if (this.#waiting.length > 0) this.#schedule();
    const started = performance.now();
    const answers = this.#handle(batch.map(({ request }) => request));
    this.#observe(batch.length, (performance.now() - started) / 1000);
    for (const [at, { settle }] of batch.entries()) settle(answers[at] ?? new Error("the units left a request out"));
  }

  #handle(requests: readonly UnitRequest[]): readonly (Uint8Array | Error)[] {
    try {
      return this.#handleMany(requests);
    } catch (thrown) {
      const error = thrown instanceof Error ? thrown : new Error("the units failed", { cause: thrown });
      return requests.map(() => error);
    }
  }
}
