// Tables of public keys. A key earns its table by use: a table costs as much time as it saves in some eight verifications. Keys
// without one are counted in a ring, which forgets the oldest; so a stream of keys seen once builds no tables and drops none.
// A full cache drops the table that was not used for longest. Public data, variable time.

import { CACHE_KEYS, CACHE_RING, TABLES } from "../layout";
import { ENTRY_BYTES, tableBuild } from "./table";

/** Window and rows of a key's table: 1.4 MiB. */
// @ts-ignore: decorator
@inline export const KEY_WINDOW: u32 = 8;
// @ts-ignore: decorator
@inline export const KEY_ROWS: u32 = 65;
// @ts-ignore: decorator
@inline const KEY_TABLE_BYTES: usize = <usize>((KEY_ROWS << (KEY_WINDOW - 1)) + 1) * ENTRY_BYTES;

/** Tables that there is room for, in 111 MiB. */
// @ts-ignore: decorator
@inline export const CACHE_CAPACITY: u32 = 79;

/** Uses that earn a key its table. */
// @ts-ignore: decorator
@inline export const CACHE_USES: u32 = 8;

// @ts-ignore: decorator
@inline const RING_KEYS: u32 = 64;

// A record: the key's 133 octets, and at 136 the time of its last use (of a table; 0: no table) or its uses (in the ring).
// @ts-ignore: decorator
@inline const RECORD_BYTES: usize = 144;
// @ts-ignore: decorator
@inline const KEY_OCTETS: u32 = 133;
// @ts-ignore: decorator
@inline const COUNT: usize = 136;

let limit: u32 = CACHE_CAPACITY;
let tables: u32 = 0;
let clock: u64 = 0;
let oldest: u32 = 0;

/** Tables held now. */
export function cacheTables(): u32 {
  return tables;
}

/** Sets the number of tables to be held at most, 0..CACHE_CAPACITY; a larger number counts as that. Drops all tables. */
export function cacheSetLimit(most: u32): void {
  limit = min(most, CACHE_CAPACITY);
  tables = 0;
  memory.fill(CACHE_KEYS, 0, <usize>CACHE_CAPACITY * RECORD_BYTES);
  memory.fill(CACHE_RING, 0, <usize>RING_KEYS * RECORD_BYTES);
}

/** A new batch begins. Tables used in a batch stay until the next. */
export function cacheNextBatch(): void {
  clock++;
}

/** The table of the key, or 0. */
export function cacheFind(key: usize): usize {
  for (let i: u32 = 0; i < tables; i++) {
    const record = CACHE_KEYS + <usize>i * RECORD_BYTES;
    if (!isKey(record, key)) continue;
    store<u64>(record, clock, COUNT);
    return tableOf(i);
  }
  return 0;
}

/** Counts a use of a key that has no table. Returns its new table if that was earned, else 0.  In: lane 0 of point is the key. */
export function cacheCount(key: usize, point: usize): usize {
  if (limit == 0) return 0;
  const candidate = findCandidate(key);
  const uses = load<u64>(candidate, COUNT) + 1;
  store<u64>(candidate, uses, COUNT);
  if (uses < CACHE_USES) return 0;
  const i = freeTable();
  if (i == limit) return 0;
  memory.fill(candidate, 0, RECORD_BYTES);
  const record = CACHE_KEYS + <usize>i * RECORD_BYTES;
  memory.copy(record, key, KEY_OCTETS);
  store<u64>(record, clock, COUNT);
  tableBuild(tableOf(i), point, KEY_WINDOW, KEY_ROWS);
  return tableOf(i);
}

// @ts-ignore: decorator
@inline
function tableOf(i: u32): usize {
  return TABLES + <usize>i * KEY_TABLE_BYTES;
}

// @ts-ignore: decorator
@inline
function isKey(record: usize, key: usize): bool {
  return load<u64>(record, 1) == load<u64>(key, 1) && memory.compare(record, key, KEY_OCTETS) == 0;
}

/** The key's record in the ring: the one it has, or the oldest, taken over with no uses. */
function findCandidate(key: usize): usize {
  for (let i: u32 = 0; i < RING_KEYS; i++) {
    const record = CACHE_RING + <usize>i * RECORD_BYTES;
    if (isKey(record, key)) return record;
  }
  const record = CACHE_RING + <usize>oldest * RECORD_BYTES;
  oldest = (oldest + 1) % RING_KEYS;
  memory.copy(record, key, KEY_OCTETS);
  store<u64>(record, 0, COUNT);
  return record;
}

/** A free place, or that of the table not used for longest; `limit` if all were used in this batch. */
function freeTable(): u32 {
  if (tables < limit) return tables++;
  let found = limit;
  let least = clock;
  for (let i: u32 = 0; i < limit; i++) {
    const used = load<u64>(CACHE_KEYS + <usize>i * RECORD_BYTES, COUNT);
    if (used >= least) continue;
    least = used;
    found = i;
  }
  return found;
}
