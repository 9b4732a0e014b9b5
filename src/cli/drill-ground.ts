// Where a drill takes place: a throw-away fleet in a store of its own, or the fleet in OPENTKE_HOME.

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Core } from "../core/api.ts";
import { UsageError } from "../errors.ts";
import { Fleet } from "../fleet/fleet.ts";
import { createStore, type OpenStore, openStore } from "../fleet/store/open.ts";
import type { FleetOptions } from "../scenario/options.ts";
import type { House } from "../scenario/stage.ts";
import { standingFleet } from "../scenario/standing.ts";
import { WorkstationFolder } from "../workstation/folder.ts";
import { signatureKeysIn } from "../workstation/key-files.ts";
import { openSignatureKey } from "../workstation/signature-key-file.ts";
import { type CardSigner, signerOf } from "../workstation/signer.ts";
import type { Arguments } from "./command.ts";
import { KEY_OPTIONS, placeOf } from "./fleet-place.ts";
import type { Io } from "./io.ts";
import { readPassword } from "./password-file.ts";

export interface Ground {
  readonly house: House;
  /** What the fleet itself says, in place of the user's options. */
  readonly options: Partial<FleetOptions>;
  readonly close: () => void;
}

export const GROUND_OPTIONS = {
  fleet: {
    describe: "Drill on the fleet in OPENTKE_HOME: its crypto units are struck and recovered",
    type: "boolean",
    default: false,
  },
  "admins-dir": {
    describe: "With --fleet, if it is initialized: folder of the administrators' keys",
    requiresArg: true,
  },
  "password-file": { describe: "With --fleet, if it is initialized: file with the keys' password", requiresArg: true },
  "password-fd": { describe: "Open descriptor to read the password from", requiresArg: true },
  ...KEY_OPTIONS,
} as const;

/** A store in a temporary folder, which is removed in the end, its key with it. */
export async function newGround(units: Core): Promise<Ground> {
  const folder = mkdtempSync(join(tmpdir(), "opentke-drill-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const opened = await createStore(units, { folder: join(folder, "fleet") });
    return { house: houseOf(units, opened), options: {}, close: closing(opened, remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

/**
 * The fleet in OPENTKE_HOME. In: the administrators' core, which gets their keys, and the units'.
 * @throws PreconditionError if it is no fleet to drill on; StoreError, UsageError
 */
export async function standingGround(argv: Arguments, io: Io, administrators: Core, units: Core): Promise<Ground> {
  const signers = await signersOf(argv, administrators);
  const opened = await openStore(units, placeOf(argv, io));
  try {
    const { threshold, ...standing } = standingFleet(opened.store, signers);
    const { instances, operational, recovery, failover } = standing.layout;
    const counts = { instances, operational, recovery, failover };
    const options = standing.signers ? { ...counts, threshold, admins: signers.length } : counts;
    return { house: { ...houseOf(units, opened), standing }, options, close: closing(opened) };
  } catch (error) {
    opened.close();
    throw error;
  }
}

function houseOf(core: Core, { store, root }: OpenStore): House {
  return { store, fleet: new Fleet(core, store, root) };
}

function closing(opened: OpenStore, after: () => void = () => {}): () => void {
  return () => {
    try {
      opened.close();
    } finally {
      after();
    }
  };
}

/** All P-521 keys in the folder, opened. */
async function signersOf(argv: Arguments, core: Core): Promise<CardSigner[]> {
  const [folder, password] = [argv["admins-dir"], readPassword(argv)];
  if (folder === undefined && password === null) return [];
  if (folder === undefined || password === null)
    throw new UsageError("Want --admins-dir and --password-file (or --password-fd) together.");
  try {
    const signers: CardSigner[] = [];
    for (const { file: key } of signatureKeysIn(new WorkstationFolder(`${folder}`)).list()) {
      const opened = await openSignatureKey(core, key, password);
      if ("pair" in opened) signers.push(signerOf(core, key.description, opened.pair));
    }
    return signers;
  } finally {
    password.fill(0);
  }
}
