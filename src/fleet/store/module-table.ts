// Modules as rows, and what stands in which bay.

import type { ModuleState } from "../../unit/state.ts";
import type { Bay } from "../topology.ts";
import type { Database } from "./sqlite.ts";

/** Serial numbers read at a time. */
const PAGE = 1024;

const SQL = {
  find: "SELECT instance, oa_public_key, sealed_oa_key FROM modules WHERE serial = ?",
  certificates: "SELECT certificate FROM module_certificates WHERE serial = ? ORDER BY position",
  inBay: "SELECT serial FROM modules WHERE region = ? AND host = ? AND module_index = ?",
  serials: "SELECT serial FROM modules WHERE serial > ? ORDER BY serial LIMIT ?",
  add: `INSERT INTO modules (serial, instance, region, host, module_index, oa_public_key, sealed_oa_key)
    VALUES (?, ?, ?, ?, ?, ?, ?)`,
  addCertificate: "INSERT INTO module_certificates (serial, position, certificate) VALUES (?, ?, ?)",
  remove: "DELETE FROM modules WHERE serial = ?",
} as const;

export class ModuleTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  find(serial: string): ModuleState | undefined {
    const row = this.#database.prepare(SQL.find).get(serial);
    if (!row) return undefined;
    return {
      serial,
      instance: row.blob("instance", 8),
      oaPublicKey: row.blob("oa_public_key", 133),
      sealedOaKey: row.blob("sealed_oa_key"),
      certificates: this.#database
        .prepare(SQL.certificates)
        .all(serial)
        .map((certificate) => certificate.blob("certificate")),
    };
  }

  serialIn({ region, host, module }: Bay): string | undefined {
    return this.#database.prepare(SQL.inBay).get(region, host, module)?.text("serial");
  }

  *serials(): Generator<string> {
    const page = this.#database.prepare(SQL.serials);
    for (let rows = page.all("", PAGE); rows.length > 0; rows = page.all(rows.at(-1)!.text("serial"), PAGE))
      for (const row of rows) yield row.text("serial");
  }

  add(module: ModuleState, { region, host, module: index }: Bay): void {
    const { serial, instance, oaPublicKey, sealedOaKey, certificates } = module;
    this.#database.prepare(SQL.add).run(serial, instance, region, host, index, oaPublicKey, sealedOaKey);
    const add = this.#database.prepare(SQL.addCertificate);
    for (const [position, certificate] of certificates.entries()) add.run(serial, position, certificate);
  }

  /** Its units are to get another module in the same transaction. */
  remove(serial: string): void {
    this.#database.prepare(SQL.remove).run(serial);
  }
}
