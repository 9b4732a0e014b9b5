// auto-init: initializes service instances whose units are all in imprint mode (workstation.md 7.1): administrators, thresholds, and
// a random master key that a recovery unit generates and all other units get.

import { inImprintMode } from "../client/attributes.ts";
import type { Client } from "../client/client.ts";
import type { CryptoUnit } from "../client/units.ts";
import type { Problem } from "../errors.ts";
import type { Configuration } from "./configuration.ts";
import type { UnitResult, UpdateProgress } from "./participants.ts";
import { checkUpdate, update } from "./update.ts";
import type { NamedView } from "./view.ts";

export interface InitOptions {
  readonly progress?: (progress: UpdateProgress) => void;
  /** Goes on with an initialization that was interrupted: units that have left imprint mode are brought up to the others. */
  readonly resume?: boolean;
}

/**
 * In: every unit of each service instance.
 * @throws PreconditionError with all problems if there is one; then nothing has been changed.
 */
export async function autoInit(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  { progress = () => {}, resume = false }: InitOptions = {},
): Promise<UnitResult[]> {
  return update(client, units, configuration, { progress, alsoRequire: requirement(resume) });
}

/**
 * All that {@link autoInit} checks before it changes anything. Out: what the units say.
 * @throws PreconditionError with all problems if there is one.
 */
export async function checkInit(
  client: Client,
  units: readonly CryptoUnit[],
  configuration: Configuration,
  { resume = false }: Pick<InitOptions, "resume"> = {},
): Promise<NamedView[]> {
  return checkUpdate(client, units, configuration, requirement(resume));
}

function requirement(resume: boolean): (views: readonly NamedView[]) => Problem[] {
  return resume ? () => [] : notPristine;
}

function notPristine(views: readonly NamedView[]): Problem[] {
  return views.flatMap(({ unit, attributes }) => {
    if (inImprintMode(attributes)) return [];
    const nextStep = "go on with an interrupted auto-init by --resume, or zeroize it with 'cryptounit-zeroize'";
    return [{ unit: unit.location, problem: "is not in imprint mode", nextStep }];
  });
}
