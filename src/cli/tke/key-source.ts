// Where signature keys come from: files on this workstation, or a signing service. Commands see no difference.

import type { KnownSigner } from "../../procedures/signers.ts";
import type { Administrator, Signer } from "../../workstation/signer.ts";

/** A key that may sign, as units know it. */
export interface SourceKey extends KnownSigner {
  /** Makes it ready to sign; its password is asked for now. */
  open(): Promise<Signer>;
}

/** The key of somebody who is to be an administrator. */
export interface NewAdministrator extends KnownSigner {
  /** Makes key and certificate ready; the key's password is asked for now. */
  open(): Promise<Administrator>;
}

export interface KeySource {
  /** How to have more keys sign: a next step for errors. */
  readonly remedy: string;
  /** The keys that may sign, in the order of preference: those named with --sign-with, or those selected. */
  signing(): Promise<SourceKey[]>;
  /** Shows the keys there are, and asks for one. */
  chooseAdministrator(): Promise<NewAdministrator>;
  /** Asks for the keys of `count` administrators; what it resolves with makes them ready. @throws PreconditionError, UsageError */
  chooseAdministrators(count: number): Promise<() => Promise<Administrator[]>>;
  close(): Promise<void>;
}
