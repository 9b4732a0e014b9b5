// OA signatures, verified for a whole batch in one call of the core.

import type { Core, VerifyJob } from "../core/api.ts";
import { CheckError } from "../errors.ts";
import type { SignedAnswer } from "./answer.ts";
import type { Outcome } from "./outcome.ts";
import { failure, success } from "./outcome.ts";
import type { Totals } from "./statistics.ts";
import type { CryptoUnit } from "./units.ts";

/** An answer, the unit it is said to come from, and the OA key of that unit's module (133 bytes). */
export interface KeyedAnswer {
  readonly unit: CryptoUnit;
  readonly answer: SignedAnswer;
  readonly oaKey: Uint8Array;
}

/** What the verification of answers and chains needs. */
export class Verifier {
  readonly #core: Core;
  readonly #totals: Totals;

  constructor(core: Core, totals: Totals) {
    this.#core = core;
    this.#totals = totals;
  }

  /** One call of the core; counted. */
  verify(jobs: readonly VerifyJob[]): boolean[] {
    this.#totals.signaturesVerified += jobs.length;
    return jobs.length > 0 ? this.#core.verify(jobs) : [];
  }

  /** The answers whose OA signature is good; a CheckError for each other one. */
  answers(answers: readonly KeyedAnswer[]): Outcome<SignedAnswer>[] {
    const verdicts = this.verify(answers.map(({ answer, oaKey }) => signatureOf(answer, oaKey)));
    return answers.map(({ unit, answer }, at) =>
      verdicts[at] === true
        ? success(answer)
        : failure(new CheckError("oa-signature", `${unit.location}: the OA signature of the answer is not good`)),
    );
  }
}

export function signatureOf(answer: SignedAnswer, publicKey: Uint8Array): VerifyJob {
  return { publicKey, message: answer.signed, signature: answer.signature };
}
