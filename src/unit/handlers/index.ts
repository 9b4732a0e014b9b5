// What a unit does, by command id (ep11-wire.md 6). Any other id is answered with 84.

import type { Handler, Query } from "../handler.ts";
import { addAdministrator } from "./add-administrator.ts";
import { addControlPoints, deleteControlPoints, setControlPoints } from "./control-points.ts";
import { exportCurrent, exportNext } from "./export-wk.ts";
import { importKey } from "./import-wk.ts";
import { generateImporter } from "./importer-key.ts";
import { administrators, attributes, controlPoints, deviceCertificates } from "./queries.ts";
import { clearCurrent, clearPending, commit, finalize, generateRandom } from "./registers.ts";
import { removeAdministrator } from "./remove-administrator.ts";
import { setAttributes } from "./set-attributes.ts";
import { zeroize } from "./zeroize.ts";

const byId = <T extends { readonly id: number }>(entries: readonly T[]): ReadonlyMap<number, T> =>
  new Map(entries.map((entry) => [entry.id, entry]));

export const HANDLERS: ReadonlyMap<number, Handler<unknown>> = byId<Handler<unknown>>([
  addAdministrator,
  removeAdministrator,
  setAttributes,
  generateImporter,
  generateRandom,
  exportCurrent,
  exportNext,
  importKey,
  commit,
  finalize,
  clearCurrent,
  clearPending,
  zeroize,
  setControlPoints,
  addControlPoints,
  deleteControlPoints,
]);

export const QUERIES: ReadonlyMap<number, Query> = byId([
  administrators,
  attributes,
  controlPoints,
  deviceCertificates,
]);
