// Service instances, and where their units are.

import type { Bay, ServiceInstance, Unit, UnitType } from "../topology.ts";
import type { Database, Row } from "./sqlite.ts";

/** Instances read at a time. */
const PAGE = 256;

const PLACE = "p.id, p.type, p.region, p.host, p.module_index, p.domain";
const SQL = {
  addInstance: "INSERT INTO instances (id, resource_group) VALUES (?, ?) RETURNING key",
  addPlace: "INSERT INTO places (id, instance, type, region, host, module_index, domain) VALUES (?, ?, ?, ?, ?, ?, ?)",
  instance: "SELECT key, id, resource_group FROM instances WHERE id = ?",
  instances: "SELECT key, id, resource_group FROM instances WHERE key > ? ORDER BY key LIMIT ?",
  places: `SELECT ${PLACE} FROM places p WHERE p.instance = ? ORDER BY p.key`,
  residents: `SELECT ${PLACE}, i.id AS instance FROM places p JOIN instances i ON i.key = p.instance
    WHERE p.region = ? AND p.host = ? AND p.module_index = ? ORDER BY p.key`,
} as const;

export class PlaceTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  add({ id, resourceGroup, units }: ServiceInstance): void {
    const key = this.#database.prepare(SQL.addInstance).get(id, resourceGroup)!.integer("key");
    this.#addPlaces(key, units);
  }

  /** Behind the units that the instance has; false if there is no such instance. */
  addUnits(instance: string, units: readonly Unit[]): boolean {
    const row = this.#database.prepare(SQL.instance).get(instance);
    if (row) this.#addPlaces(row.integer("key"), units);
    return row !== undefined;
  }

  #addPlaces(instance: number, units: readonly Unit[]): void {
    const add = this.#database.prepare(SQL.addPlace);
    for (const { id, type, bay, domain } of units)
      add.run(id, instance, type, bay.region, bay.host, bay.module, domain);
  }

  find(id: string): ServiceInstance | undefined {
    const row = this.#database.prepare(SQL.instance).get(id);
    return row && this.#instanceOf(row);
  }

  /** In the order they were added. */
  *all(): Generator<ServiceInstance> {
    const page = this.#database.prepare(SQL.instances);
    for (let rows = page.all(0, PAGE); rows.length > 0; rows = page.all(rows.at(-1)!.integer("key"), PAGE))
      for (const row of rows) yield this.#instanceOf(row);
  }

  unitsIn({ region, host, module }: Bay): Unit[] {
    const rows = this.#database.prepare(SQL.residents).all(region, host, module);
    return rows.map((row) => unitOf(row, row.text("instance")));
  }

  #instanceOf(row: Row): ServiceInstance {
    const id = row.text("id");
    const places = this.#database.prepare(SQL.places).all(row.integer("key"));
    return { id, resourceGroup: row.text("resource_group"), units: places.map((place) => unitOf(place, id)) };
  }
}

function unitOf(row: Row, instance: string): Unit {
  return {
    id: row.text("id"),
    instance,
    type: row.text("type") as UnitType,
    bay: { region: row.text("region"), host: row.text("host"), module: row.integer("module_index") },
    domain: row.integer("domain"),
  };
}
