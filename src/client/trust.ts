// Which OA key signs for a module. A module's certificate chain is verified when the module is first met in a run. Whoever keeps the
// keys of earlier runs can have them compared: a good chain says who made a module, not that it is the one it was.

import { equal } from "../bytes.ts";
import { CheckError } from "../errors.ts";
import { type PinnedRoot, readChains, verifyChains } from "./chain.ts";
import type { Delivery } from "./delivery.ts";
import { groupBy } from "./groups.ts";
import { failure, type Outcome, success } from "./outcome.ts";
import type { CryptoUnit } from "./units.ts";
import type { Verifier } from "./verification.ts";

/** Units through which a module is asked before it counts as failed: one bad line must not spoil its other units. */
const MAX_ASKED = 3;

/** OA keys of modules that were met before, 133 bytes each, by serial number. */
export type KnownKeys = ReadonlyMap<string, Uint8Array>;

export class ModuleTrust {
  readonly #roots: readonly PinnedRoot[];
  readonly #delivery: Delivery;
  readonly #verifier: Verifier;
  readonly #known: KnownKeys;
  /** OA keys of the modules met, by serial number. */
  readonly #keys = new Map<string, Uint8Array>();

  constructor(roots: readonly PinnedRoot[], delivery: Delivery, verifier: Verifier, known: KnownKeys = new Map()) {
    this.#roots = roots;
    this.#delivery = delivery;
    this.#verifier = verifier;
    this.#known = known;
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
        const unit = asked[at]!;
        if (!outcome.ok) refused.set(unit.serial, outcome.error);
        else if (this.#isAnother(unit, outcome.value)) refused.set(unit.serial, anotherKey(unit));
        else this.#keys.set(unit.serial, outcome.value);
      });
    }
    return refused;
  }

  #isAnother({ serial }: CryptoUnit, key: Uint8Array): boolean {
    const before = this.#known.get(serial);
    return before !== undefined && !equal(before, key);
  }

  #knows({ serial }: CryptoUnit): boolean {
    return this.#keys.has(serial);
  }
}

/** Replaced hardware has another serial number; the same one with another key is firmware loaded anew, or an impostor. */
function anotherKey({ location, serial }: CryptoUnit): CheckError {
  return new CheckError(
    "oa-key",
    `${location}: the OA key of module ${serial} is not the one that was recorded when it was first met`,
  );
}
