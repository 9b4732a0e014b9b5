// The one row about the fleet itself: its root, and where its audit log ends.

import { fromHex, toHex } from "../../bytes.ts";
import type { LogEnd } from "../audit/log.ts";
import { StoreError, StoreFailure } from "./errors.ts";
import type { Database } from "./sqlite.ts";

const SQL = {
  find: "SELECT complete, root_public_key, sealed_root_key, root_certificate, audit_position, audit_hash FROM fleet",
  add: `INSERT INTO fleet
    (only_row, created, complete, root_public_key, sealed_root_key, root_certificate, audit_position, audit_hash)
    VALUES (1, ?, 0, ?, ?, ?, ?, ?)`,
  complete: "UPDATE fleet SET complete = 1",
  setEnd: "UPDATE fleet SET audit_position = ?, audit_hash = ?",
} as const;

export interface FleetRow {
  /** False while the fleet is being made. */
  readonly complete: boolean;
  /** 133 bytes. */
  readonly rootPublicKey: Uint8Array;
  /** Opens with the storage key that the fleet was made with: what a wrong one is told by. */
  readonly sealedRootKey: Uint8Array;
  /** The root's OA certificate, signed with its own key. */
  readonly rootCertificate: Uint8Array;
  readonly end: LogEnd;
}

/** @throws StoreError if there is none. */
export function readFleetRow(database: Database): FleetRow {
  const row = database.prepare(SQL.find).get();
  if (!row)
    throw new StoreError(
      StoreFailure.Damaged,
      `store ${database.path}: want a row about the fleet, got none; restore the store from a backup`,
    );
  return {
    complete: row.integer("complete") === 1,
    rootPublicKey: row.blob("root_public_key", 133),
    sealedRootKey: row.blob("sealed_root_key"),
    rootCertificate: row.blob("root_certificate"),
    end: { position: row.integer("audit_position"), hash: toHex(row.blob("audit_hash", 32)) },
  };
}

export function addFleetRow(database: Database, row: Omit<FleetRow, "complete">): void {
  const { rootPublicKey, sealedRootKey, rootCertificate, end } = row;
  const created = new Date().toISOString();
  const values = [created, rootPublicKey, sealedRootKey, rootCertificate, end.position, fromHex(end.hash)];
  database.prepare(SQL.add).run(...values);
}

/** Everything that the fleet was to begin with is there. */
export function completeFleetRow(database: Database): void {
  database.prepare(SQL.complete).run();
}

export function setLogEnd(database: Database, { position, hash }: LogEnd): void {
  database.prepare(SQL.setEnd).run(position, fromHex(hash));
}
