// Units as rows: public state in columns, secrets as the blob that the card has sealed.

import { equal, fromHex, toHex } from "../../bytes.ts";
import { Lru } from "../../unit/lru.ts";
import type { Administrator, Attributes, UnitState } from "../../unit/state.ts";
import type { UnitEnd } from "../audit/log.ts";
import type { Database, Row, Value } from "./sqlite.ts";

/** A unit as it is stored. */
export interface StoredUnit {
  readonly key: number;
  readonly state: UnitState;
  /** The unit's last audit record. Its sequence is the version of the row. */
  readonly end: UnitEnd;
}

/** Columns that commands change, in the order of {@link changing}. */
const CHANGING = [
  "serial",
  "domain",
  "domain_instance",
  "counter",
  "signature_threshold",
  "revocation_threshold",
  "permissions",
  "operational_mode",
  "standards_compliance",
  "control_points",
  "current_pattern",
  "new_pattern",
  "new_committed",
  "importer_type",
  "importer_public_key",
  "sealed_importer_key",
  "sealed_secrets",
  "audit_sequence",
  "audit_position",
  "audit_hash",
] as const;

const SIZE = { counter: 16, controlPoints: 16, pattern: 32, publicKey: 133, ski: 32 } as const;

/** Certificates that are kept in memory: units of a fleet share few. */
const KNOWN_CERTIFICATES = 1024;

const SQL = {
  find: `SELECT key, ${CHANGING.join(", ")} FROM units WHERE id = ?`,
  insert: `INSERT INTO units (id, ${CHANGING.join(", ")}) VALUES (?${", ?".repeat(CHANGING.length)})`,
  update: `UPDATE units SET ${CHANGING.map((column) => `${column} = ?`).join(", ")} WHERE key = ? AND audit_sequence = ?`,
  administrators: "SELECT certificate FROM administrators WHERE unit = ? ORDER BY position",
  addAdministrator: "INSERT INTO administrators (unit, position, certificate) VALUES (?, ?, ?)",
  removeAdministrators: "DELETE FROM administrators WHERE unit = ?",
  certificate: "SELECT ski, public_key, certificate FROM administrator_certificates WHERE key = ?",
  certificates: "SELECT key, public_key, certificate FROM administrator_certificates WHERE ski = ?",
  addCertificate:
    "INSERT INTO administrator_certificates (ski, public_key, certificate) VALUES (?, ?, ?) RETURNING key",
} as const;

export class UnitTable {
  readonly #database: Database;
  readonly #certificates = new Lru<Administrator>(KNOWN_CERTIFICATES, () => {});

  constructor(database: Database) {
    this.#database = database;
  }

  find(id: string): StoredUnit | undefined {
    const row = this.#database.prepare(SQL.find).get(id);
    if (!row) return undefined;
    const key = row.integer("key");
    return { key, state: stateOf(id, row, this.#administratorsOf(key)), end: endOf(row) };
  }

  insert(state: UnitState, end: UnitEnd): void {
    const database = this.#database;
    database.prepare(SQL.insert).run(state.id, ...changing(state, end));
    const key = database.prepare(SQL.find).get(state.id)!.integer("key");
    this.#setAdministrators(key, state.administrators);
  }

  /** False if the unit is not as it was stored: somebody else has changed it. */
  update({ key, state: previous, end: { sequence } }: StoredUnit, next: UnitState, end: UnitEnd): boolean {
    const changed = this.#database.prepare(SQL.update).run(...changing(next, end), key, sequence);
    if (changed !== 1) return false;
    if (next.administrators !== previous.administrators) {
      this.#database.prepare(SQL.removeAdministrators).run(key);
      this.#setAdministrators(key, next.administrators);
    }
    return true;
  }

  #administratorsOf(unit: number): Administrator[] {
    const rows = this.#database.prepare(SQL.administrators).all(unit);
    return rows.map((row) => this.#certificate(row.integer("certificate")));
  }

  #certificate(key: number): Administrator {
    const known = this.#certificates.get(`${key}`);
    if (known) return known;
    const row = this.#database.prepare(SQL.certificate).get(key)!;
    const administrator = {
      ski: row.blob("ski", SIZE.ski),
      publicKey: row.blob("public_key"),
      certificate: row.blob("certificate"),
    };
    this.#certificates.set(`${key}`, administrator);
    return administrator;
  }

  #setAdministrators(unit: number, administrators: readonly Administrator[]): void {
    const add = this.#database.prepare(SQL.addAdministrator);
    for (const [position, administrator] of administrators.entries())
      add.run(unit, position, this.#keyOf(administrator));
  }

  /** Of the row with this certificate, which is added if there is none. */
  #keyOf({ ski, publicKey, certificate }: Administrator): number {
    const rows = this.#database.prepare(SQL.certificates).all(ski);
    const same = (row: Row): boolean =>
      equal(row.blob("certificate"), certificate) && equal(row.blob("public_key"), publicKey);
    const found = rows.find(same) ?? this.#database.prepare(SQL.addCertificate).get(ski, publicKey, certificate)!;
    return found.integer("key");
  }
}

function changing(state: UnitState, end: UnitEnd): Value[] {
  const { attributes, registers, importer } = state;
  return [
    state.serial,
    state.domain,
    state.domainInstance,
    state.counter,
    attributes.signatureThreshold,
    attributes.revocationThreshold,
    attributes.permissions,
    attributes.operationalMode,
    attributes.standardsCompliance,
    state.controlPoints,
    registers.current,
    registers.next?.pattern ?? null,
    registers.next?.committed ? 1 : 0,
    importer?.type ?? null,
    importer?.publicKey ?? null,
    importer?.sealedKey ?? null,
    state.sealed,
    end.sequence,
    end.position,
    fromHex(end.hash),
  ];
}

function stateOf(id: string, row: Row, administrators: readonly Administrator[]): UnitState {
  const blob = (name: string, size?: number): Uint8Array | null => (row.isNull(name) ? null : row.blob(name, size));
  const next = blob("new_pattern", SIZE.pattern);
  return {
    id,
    serial: row.text("serial"),
    domain: row.integer("domain"),
    domainInstance: row.integer("domain_instance"),
    counter: row.blob("counter", SIZE.counter),
    administrators,
    attributes: attributesOf(row),
    controlPoints: row.blob("control_points", SIZE.controlPoints),
    registers: {
      current: blob("current_pattern", SIZE.pattern),
      next: next && { pattern: next, committed: row.integer("new_committed") === 1 },
    },
    importer: row.isNull("importer_type")
      ? null
      : {
          type: row.integer("importer_type"),
          publicKey: row.blob("importer_public_key"),
          sealedKey: blob("sealed_importer_key"),
        },
    sealed: blob("sealed_secrets"),
  };
}

function attributesOf(row: Row): Attributes {
  return {
    signatureThreshold: row.integer("signature_threshold"),
    revocationThreshold: row.integer("revocation_threshold"),
    permissions: row.integer("permissions"),
    operationalMode: row.integer("operational_mode"),
    standardsCompliance: row.integer("standards_compliance"),
  };
}

function endOf(row: Row): UnitEnd {
  return {
    sequence: row.integer("audit_sequence"),
    position: row.integer("audit_position"),
    hash: toHex(row.blob("audit_hash", 32)),
  };
}
