// Which OA key signs for a module. A module's certificate chain is verified when the module is first met in a run.

import { type PinnedRoot, readChains, verifyChains } from "./chain.ts";
import type { Delivery } from "./delivery.ts";
import { groupBy } from "./groups.ts";
import { failure, type Outcome, success } from "./outcome.ts";
import type { CryptoUnit } from "./units.ts";
import type { Verifier } from "./verification.ts";

/** Units through which a module is asked before it counts as failed: one bad line must not spoil its other units. */
const MAX_ASKED = 3;

export class ModuleTrust {
  readonly #roots: readonly PinnedRoot[];
  readonly #delivery: Delivery;
  readonly #verifier: Verifier;
  /** OA keys of the modules met, by serial number. */
  readonly #keys = new Map<string, Uint8Array>();

  constructor(roots: readonly PinnedRoot[], delivery: Delivery, verifier: Verifier) {
    this.#roots = roots;
    this.#delivery = delivery;
    this.#verifier = verifier;
  }

  /** The OA key of each unit's module. Chains of modules not met before are read and verified; failures are not remembered. */
  async keysOf(units: readonly CryptoUnit[]): Promise<Outcome<Uint8Array>[]> {
    const strangers = groupBy(
      units.filter((unit) => !this.#knows(unit)),
      ({ serial }) => serial,
    );
    const refused = strangers.size > 0 ? await this.#meet(strangers) : new Map<string, Error>();
    return units.map(({ serial }) => {
      const key = this.#keys.get(serial);
      return key ? success(key) : failure(refused.get(serial));
    });
  }

  /** Asks each module through one of its units, and if that fails through another. Out: why modules are refused, by serial. */
  async #meet(modules: ReadonlyMap<string, readonly CryptoUnit[]>): Promise<Map<string, Error>> {
    const refused = new Map<string, Error>();
    for (let turn = 0; turn < MAX_ASKED; turn++) {
      const asked = [...modules.values()].flatMap((units) => units[turn] ?? []).filter((unit) => !this.#knows(unit));
      const chains = await readChains(this.#delivery, asked);
      verifyChains(this.#verifier, this.#roots, chains).forEach((outcome, at) => {
        const { serial } = asked[at]!;
        if (outcome.ok) this.#keys.set(serial, outcome.value);
        else refused.set(serial, outcome.error);
      });
    }
    return refused;
  }

  #knows({ serial }: CryptoUnit): boolean {
    return this.#keys.has(serial);
  }
}
