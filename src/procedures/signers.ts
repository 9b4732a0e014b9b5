// Who signs: which of the supplied keys a unit accepts.

import { equal, toHex } from "../bytes.ts";
import type { Signer } from "../workstation/signer.ts";
import type { UnitView } from "./view.ts";

export type { Signer };

/** A signer as far as units know it; the key itself may be in its file yet. */
export type KnownSigner = Pick<Signer, "name" | "ski">;

/** Whether an administrator is in a list of SKIs. */
export function includesSki(skis: readonly Uint8Array[], ski: Uint8Array): boolean {
  return skis.some((one) => equal(one, ski));
}

/** The signers who are administrators of the unit, in the order supplied. */
export function installedSigners<S extends KnownSigner>(view: UnitView, signers: readonly S[]): S[] {
  return signers.filter(({ ski }) => includesSki(view.administrators, ski));
}

/** The signers who are administrators of every one of the units. */
export function commonSigners<S extends KnownSigner>(views: readonly UnitView[], signers: readonly S[]): S[] {
  return views.reduce<readonly S[]>((common, view) => installedSigners(view, common), signers).slice();
}

/** A signer as the user knows it: name and the first digits of its SKI. */
export function signerText({ name, ski }: KnownSigner): string {
  return `${name} (${toHex(ski.subarray(0, 4))}...)`;
}
