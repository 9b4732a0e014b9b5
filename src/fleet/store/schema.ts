// The tables of a store, and how a store of an earlier version becomes one of this version. A migration that was released is
// never changed; a new one is added to the list.
//
// Public state stands in columns, to be queried. Blobs named "sealed" open in a card alone that holds the storage key. For people
// there are the views crypto_units and audit_entries.

import { StoreError, StoreFailure } from "./errors.ts";
import type { Database } from "./sqlite.ts";

/** "OTKE": tells a store from every other SQLite file. */
export const APPLICATION_ID = 0x4f544b45;

const FIRST = `
CREATE TABLE fleet (
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  created TEXT NOT NULL,
  -- 0 until everything that the fleet was to begin with is there
  complete INTEGER NOT NULL CHECK (complete IN (0, 1)),
  root_public_key BLOB NOT NULL,
  sealed_root_key BLOB NOT NULL,
  root_certificate BLOB NOT NULL,
  -- the audit log's last record: its position and hash
  audit_position INTEGER NOT NULL,
  audit_hash BLOB NOT NULL
) STRICT;

CREATE TABLE modules (
  serial TEXT PRIMARY KEY,
  instance BLOB NOT NULL,
  region TEXT NOT NULL,
  host TEXT NOT NULL,
  module_index INTEGER NOT NULL,
  oa_public_key BLOB NOT NULL,
  sealed_oa_key BLOB NOT NULL,
  UNIQUE (region, host, module_index)
) STRICT;

CREATE TABLE module_certificates (
  serial TEXT NOT NULL REFERENCES modules ON DELETE CASCADE,
  position INTEGER NOT NULL,
  certificate BLOB NOT NULL,
  PRIMARY KEY (serial, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE units (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  serial TEXT NOT NULL REFERENCES modules DEFERRABLE INITIALLY DEFERRED,
  domain INTEGER NOT NULL,
  domain_instance INTEGER NOT NULL,
  counter BLOB NOT NULL,
  signature_threshold INTEGER NOT NULL,
  revocation_threshold INTEGER NOT NULL,
  permissions INTEGER NOT NULL,
  operational_mode INTEGER NOT NULL,
  standards_compliance INTEGER NOT NULL,
  control_points BLOB NOT NULL,
  -- verification patterns; NULL is an empty register
  current_pattern BLOB,
  new_pattern BLOB,
  new_committed INTEGER NOT NULL CHECK (new_committed IN (0, 1)),
  importer_type INTEGER,
  importer_public_key BLOB,
  -- of an RSA importer key alone
  sealed_importer_key BLOB,
  sealed_secrets BLOB,
  -- the unit's last audit record: its number among the unit's, its position in the log, its hash
  audit_sequence INTEGER NOT NULL,
  audit_position INTEGER NOT NULL,
  audit_hash BLOB NOT NULL,
  UNIQUE (serial, domain)
) STRICT;

-- a certificate is kept once, however many units know it
CREATE TABLE administrator_certificates (
  key INTEGER PRIMARY KEY,
  ski BLOB NOT NULL,
  public_key BLOB NOT NULL,
  certificate BLOB NOT NULL
) STRICT;
CREATE INDEX certificates_of_ski ON administrator_certificates (ski);

CREATE TABLE administrators (
  unit INTEGER NOT NULL REFERENCES units ON DELETE CASCADE,
  position INTEGER NOT NULL,
  certificate INTEGER NOT NULL REFERENCES administrator_certificates,
  PRIMARY KEY (unit, position)
) STRICT, WITHOUT ROWID;

CREATE TABLE instances (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  resource_group TEXT NOT NULL
) STRICT;

-- where the units of instances are; a place stays when the hardware in it is replaced
CREATE TABLE places (
  key INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  instance INTEGER NOT NULL REFERENCES instances,
  type TEXT NOT NULL CHECK (type IN ('operational', 'recovery', 'failover')),
  region TEXT NOT NULL,
  host TEXT NOT NULL,
  module_index INTEGER NOT NULL,
  domain INTEGER NOT NULL
) STRICT;
CREATE INDEX places_of_instance ON places (instance);
CREATE UNIQUE INDEX places_of_bay ON places (region, host, module_index, domain);

CREATE TABLE root_keys (
  key INTEGER PRIMARY KEY,
  instance INTEGER NOT NULL REFERENCES instances,
  pattern BLOB NOT NULL,
  wrapped_key BLOB NOT NULL
) STRICT;
CREATE INDEX root_keys_of_instance ON root_keys (instance);

-- each record is a line of JSON as 'opentke audit export' writes it
CREATE TABLE audit (
  position INTEGER PRIMARY KEY,
  record TEXT NOT NULL
) STRICT;

CREATE VIEW crypto_units AS SELECT
  u.id, i.id AS instance, i.resource_group, p.type,
  format('[%s].[%s].[%02d].[%02d]', p.region, p.host, p.module_index, p.domain) AS location,
  u.serial, u.signature_threshold, u.revocation_threshold, format('%08x', u.permissions) AS permissions,
  lower(hex(u.counter)) AS counter, lower(hex(u.control_points)) AS control_points,
  iif(u.current_pattern IS NULL, 'Empty', 'Valid') AS current_register,
  lower(hex(u.current_pattern)) AS current_pattern,
  iif(u.new_pattern IS NULL, 'Empty', iif(u.new_committed, 'Full Committed', 'Full Uncommitted')) AS new_register,
  lower(hex(u.new_pattern)) AS new_pattern,
  (SELECT group_concat(lower(hex(c.ski)), ' ') FROM administrators a JOIN administrator_certificates c ON c.key = a.certificate
    WHERE a.unit = u.key) AS administrators
FROM units u LEFT JOIN places p ON p.id = u.id LEFT JOIN instances i ON i.key = p.instance;

CREATE VIEW audit_entries AS SELECT
  position, record ->> '$.time' AS time, record ->> '$.type' AS type, record ->> '$.unit' AS unit,
  record ->> '$.sequence' AS sequence, record ->> '$.name' AS command, record ->> '$.returnCode' AS return_code,
  record ->> '$.reasonCode' AS reason_code, record ->> '$.counter' AS counter, record ->> '$.signers' AS signers,
  record ->> '$.job' AS job
FROM audit;
`;

const REWRAP_JOBS = `
-- the last re-encryption of each key storage
CREATE TABLE rewrap_jobs (
  instance INTEGER PRIMARY KEY REFERENCES instances,
  status TEXT NOT NULL CHECK (status IN ('started', 'in-progress', 'complete', 'failed')),
  message TEXT NOT NULL,
  -- verification pattern of the master key that the root keys are to be under
  pattern BLOB NOT NULL
) STRICT;
`;

/** The n-th brings a store from version n to n + 1. */
export const MIGRATIONS: readonly string[] = [FIRST, REWRAP_JOBS];

/**
 * Brings a store up to date: all steps or none.
 * @throws StoreError if it is newer than this program.
 */
export function migrate(database: Database, migrations: readonly string[] = MIGRATIONS): void {
  const version = checkVersion(database, migrations);
  if (version === migrations.length) return;
  database.transaction(() => {
    for (const step of migrations.slice(version)) database.exec(step);
    database.exec(`PRAGMA user_version = ${migrations.length}`);
  });
}

/** The store's version. @throws StoreError if it is newer than this program. */
export function checkVersion(database: Database, migrations: readonly string[] = MIGRATIONS): number {
  const version = Number(database.pragma("user_version"));
  if (version <= migrations.length) return version;
  throw new StoreError(
    StoreFailure.Newer,
    `store ${database.path}: want schema version ${migrations.length} or earlier, got ${version}; use the later version of OpenTKE that made it`,
  );
}

const NAMED = /CREATE (?:TABLE|VIEW|(?:UNIQUE )?INDEX) (\w+)/g;

/** @throws StoreError unless everything is there that a store of its version has. */
export function checkSchema(database: Database, migrations: readonly string[] = MIGRATIONS): void {
  const version = checkVersion(database, migrations);
  const rows = database.prepare("SELECT name FROM sqlite_schema").all();
  const there = new Set(rows.map((row) => row.text("name")));
  for (const [, name = ""] of migrations.slice(0, version).join("\n").matchAll(NAMED))
    if (!there.has(name))
      throw new StoreError(
        StoreFailure.Damaged,
        `store ${database.path}: want '${name}' in the schema, got none; restore the store from a backup`,
      );
}
