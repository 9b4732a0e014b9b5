// cryptounit-mk-rotate: key storage is re-encrypted for a new master key that all units have committed, which then becomes current
// (workstation.md 6.3). What an interrupted auto-mk-rotate or cryptounit-mk-rotate left is finished by it.

import type { Client } from "../client/client.ts";
import type { KeyStorage } from "../client/key-storage.ts";
import type { CryptoUnit } from "../client/units.ts";
import { PreconditionError, UsageError } from "../errors.ts";
import { finishRotation, type RotationOptions, type RotationRequest } from "./rotation.ts";
import { checkMkRotation, type RotationCheck, type RotationScene } from "./rotation-check.ts";
import type { KnownSigner } from "./signers.ts";
import { viewUnits } from "./view.ts";

/** Asks all units and checks the preconditions. Changes nothing. */
export async function inspectMkRotation<S extends KnownSigner>(
  client: Client,
  keyStorage: KeyStorage,
  units: readonly CryptoUnit[],
  signers: readonly S[],
): Promise<RotationCheck<S>> {
  const scene = await sceneOf(client, units, signers);
  return checkMkRotation(scene, await keyStorage.status(units[0]!.instance));
}

/** @throws UsageError if there are no units. */
export async function sceneOf<S extends KnownSigner>(
  client: Client,
  units: readonly CryptoUnit[],
  signers: readonly S[],
): Promise<RotationScene<S>> {
  const [first] = units;
  if (!first) throw new UsageError("rotation: want the crypto units of a service instance, got none");
  const instance = await client.units(first.instance);
  const views = await viewUnits(client, units);
  return { seen: units.map((unit, at) => ({ unit, view: views[at]! })), instance, signers };
}

/**
 * One signature for each unit. The pattern of the master key that is now current.
 * @throws PreconditionError with all problems if there is one, and then nothing has been changed; RotationError naming the command
 * that goes on.
 */
export async function mkRotate<S extends KnownSigner>(
  client: Client,
  { keyStorage, units, signers, open }: RotationRequest<S>,
  options: RotationOptions = {},
): Promise<Uint8Array> {
  const { problems, views, signers: common } = await inspectMkRotation(client, keyStorage, units, signers);
  if (problems.length > 0) throw new PreconditionError(problems);
  const { pattern } = views[0]!.registers.next;
  const [signer] = await open(common.slice(0, 1));
  await finishRotation(client, keyStorage, units, pattern, signer!, options);
  return pattern;
}
