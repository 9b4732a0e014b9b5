// A rig whose service instances are initialised, for tests of what comes after.

import { unwrap } from "../../src/client/outcome.ts";
import { autoInit } from "../../src/procedures/auto-init.ts";
import { createRig, type Rig, type RigOptions } from "./rig.ts";

export interface InitialisedOptions extends RigOptions {
  readonly signatureThreshold?: number;
  readonly revocationThreshold?: number;
}

/** Every instance has its own administrators' configuration and its own master key. @throws what failed. */
export async function initialisedRig(options: InitialisedOptions): Promise<Rig> {
  const rig = await createRig(options);
  const { signatureThreshold = 2, revocationThreshold = 2 } = options;
  const configuration = { signatureThreshold, revocationThreshold, administrators: rig.administrators };
  const units = rig.units(...Object.keys(options.instances));
  for (const result of await autoInit(rig.client(), units, configuration)) {
    if (result.status === "failed") unwrap({ ok: false, error: result.error });
  }
  return rig;
}
