// Every memory region of the card. Constant tables that the compiler places (memory.data) live below REGIONS; a test checks that
// they fit. Blocks start at fixed addresses, so that one owner's change moves nobody else's regions.
//
//   S = secret: wiped by its owner before the call returns.    K = secret and kept: keys in slots, cleared when the slot is freed.
//   P = public.
//
//   block        address     bytes      kind  owner
//   constants    0x0000400     127 K    P     the compiler (round constants, curve constants)
//   entropy      0x0020000      64 K    S     lib/entropy: what has not been taken yet
//   exchange     0x0030000   1,024 K    S     index: arguments and results of the call under way
//   keys         0x0140000   1,024 K    K     register: storage key, P-521 signing keys
//   units        0x0240000   4,096 K    K     register: units' secrets
//   symmetric    0x0640000     768 K    S     sha2, aes, kdf
//   transfer     0x0700000     256 K    S     register: key parts, KEKs and shared secrets of a transfer
//   p521         0x0800000   8,192 K    S/P   p521: scratch, tables of the base point
//   tables       0x1000000 111   M      P     p521: cached tables of public keys

// @ts-ignore: decorator
@inline export const REGIONS: usize = 0x20000;

// Constants without @inline are exported (index.ts); the optimizer propagates them all the same.

// --- entropy ---------------------------------------------------------------------------------------------------------------
export const ENTROPY: usize = 0x20000;
export const ENTROPY_BYTES: u32 = 0x10000;

// --- exchange --------------------------------------------------------------------------------------------------------------
export const EXCHANGE: usize = 0x30000;
export const EXCHANGE_BYTES: u32 = 0x100000;

// --- keys ------------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const KEYS: usize = 0x140000;
// @ts-ignore: decorator
@inline export const KEYS_BYTES: u32 = 0x100000;
// @ts-ignore: decorator
@inline export const STORAGE_KEY: usize = 0x140000; // 36 K: the storage key; u32, 1 if there is one
// @ts-ignore: decorator
@inline export const KEY_SLOT_0: usize = 0x140040; // K: key slots, see register/key-slots

// --- units -----------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const UNITS: usize = 0x240000; // K: unit slots, see register/unit-slots
// @ts-ignore: decorator
@inline export const UNITS_BYTES: u32 = 0x400000;

// --- symmetric: sha2, aes, kdf -----------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const SYMMETRIC: usize = 0x640000;
// 0x640000..0x69FFFF: sha2
// @ts-ignore: decorator
@inline export const SHA512_W: usize = 0x640000; // 128 S: words of the schedule
// @ts-ignore: decorator
@inline export const SHA256_W: usize = 0x640080; // 64 S: words of the schedule
// @ts-ignore: decorator
@inline export const SHA512_CONTEXT: usize = 0x6400c0; // 208 S: of a message in one piece
// @ts-ignore: decorator
@inline export const SHA256_CONTEXT: usize = 0x640190; // 112 S: of a message in one piece
// @ts-ignore: decorator
@inline export const HMAC_SHA512_CONTEXT: usize = 0x640200; // 416 S: of a message in one piece
// @ts-ignore: decorator
@inline export const HMAC_SHA256_CONTEXT: usize = 0x6403a0; // 224 S: of a message in one piece
// @ts-ignore: decorator
@inline export const HMAC_SHA512_KEY: usize = 0x640480; // 128 S: the padded key; the inner digest
// @ts-ignore: decorator
@inline export const HMAC_SHA256_KEY: usize = 0x640500; // 64 S: the padded key; the inner digest
// 0x6A0000..0x6FFFFF: aes, kdf
// @ts-ignore: decorator
@inline export const AES_STATE: usize = 0x6a0000; // 64 S: four blocks under way
// @ts-ignore: decorator
@inline export const AES_KEYS: usize = 0x6a0040; // 960 S: the round keys of four keys
// @ts-ignore: decorator
@inline export const KDF_CONTEXT: usize = 0x6a2b00; // 112 S: the hash under way
// @ts-ignore: decorator
@inline export const KDF_BLOCK: usize = 0x6a2b70; // 32 S: a counter, then a block of output

// --- transfer --------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const TRANSFER: usize = 0x700000;
// @ts-ignore: decorator
@inline export const TRANSFER_SCALARS: usize = 0x700000; // 4,224 S: ephemeral private keys, 64 of 66 bytes
// @ts-ignore: decorator
@inline export const TRANSFER_Z: usize = 0x701100; // 4,224 S: shared secrets, 64 of 66 bytes
// @ts-ignore: decorator
@inline export const TRANSFER_KEKS: usize = 0x702200; // 2,048 S: 64 of 32 bytes
// @ts-ignore: decorator
@inline export const TRANSFER_PARTS: usize = 0x702a00; // 2,048 S: key parts or root keys, 64 of 32 bytes
// @ts-ignore: decorator
@inline export const TRANSFER_EC_JOBS: usize = 0x703200; // 1,024 S: jobs for p521
// @ts-ignore: decorator
@inline export const TRANSFER_WRAP_JOBS: usize = 0x703600; // 1,024 S: jobs for aes/keywrap
// @ts-ignore: decorator
@inline export const TRANSFER_KEY: usize = 0x703a00; // 32 S: a key put together
// @ts-ignore: decorator
@inline export const TRANSFER_INFO: usize = 0x703a20; // 69 S: SharedInfo
// @ts-ignore: decorator
@inline export const PATTERN_INPUT: usize = 0x703a80; // 33 S: 01 and a key
// @ts-ignore: decorator
@inline export const PATTERN_VALUE: usize = 0x703ab0; // 32 S: a pattern to compare
// @ts-ignore: decorator
@inline export const SEAL_KEYS: usize = 0x703ad0; // 64 S: a blob's keys
// @ts-ignore: decorator
@inline export const SEAL_TAG: usize = 0x703b10; // 32 S: a blob's tag as it should be
// @ts-ignore: decorator
@inline export const SEAL_HMAC: usize = 0x703b30; // 416 S: HMAC under way
// @ts-ignore: decorator
@inline export const SEAL_PLAIN: usize = 0x703cd0; // 208 S: what is sealed
// @ts-ignore: decorator
@inline export const SIGN_DIGESTS: usize = 0x704000; // 4,096 S: 64 of 64 bytes
// @ts-ignore: decorator
@inline export const SIGN_JOBS: usize = 0x705000; // 1,024 S: jobs for p521

// --- p521: scratch and tables of the base point --------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const P521: usize = 0x800000;
// Scratch of every operation, wiped at the end of each call.
// @ts-ignore: decorator
@inline export const P521_SCRATCH: usize = 0x800000;
// @ts-ignore: decorator
@inline export const FE2_ACC: usize = 0x800000; // 352 S: columns of a product
// @ts-ignore: decorator
@inline export const FE2_WRAP: usize = 0x800160; // 352 S: limbs times 2^-521
// @ts-ignore: decorator
@inline export const FE_LE: usize = 0x8002c0; // 80 S: octets of a field element, little-endian
// @ts-ignore: decorator
@inline export const FE_WORDS: usize = 0x800320; // 176 S: limbs of a field element, as integers
// @ts-ignore: decorator
@inline export const RECODE_K: usize = 0x8003e0; // 80 S: the scalar being recoded
// @ts-ignore: decorator
@inline export const FE2_INVERSE: usize = 0x800440; // 1,056 S: inversion
// @ts-ignore: decorator
@inline export const PT_T: usize = 0x800860; // 2,816 S: temporaries of the point formulas
// @ts-ignore: decorator
@inline export const PT_Q: usize = 0x801360; // 1,056 S: a point
// @ts-ignore: decorator
@inline export const AFFINE_T: usize = 0x801780; // 1,408 S: shared inversions
// @ts-ignore: decorator
@inline export const P521_SCRATCH_BYTES: usize = 0x1d00;
// Jobs of a call, one after the other in each region: wiped by the entry point.
// @ts-ignore: decorator
@inline export const JOB_WORDS: usize = 0x801d00; // 5,120 S: scalars to multiply by, 9 little-endian words
// @ts-ignore: decorator
@inline export const JOB_POINTS: usize = 0x803100; // 33,792 S: pairs of products
// @ts-ignore: decorator
@inline export const JOB_WORK: usize = 0x80b500; // 11,264 S: their shared inversion
// @ts-ignore: decorator
@inline export const SIGN_NONCES: usize = 0x80e100; // 5,120 S: nonces
// @ts-ignore: decorator
@inline export const SIGN_PRODUCTS: usize = 0x80f500; // 5,120 S: products of nonces, then their inverses
// @ts-ignore: decorator
@inline export const SIGN_T: usize = 0x810900; // 320 S: scalars of the signature being made
// @ts-ignore: decorator
@inline export const SIGN_OCTETS: usize = 0x810a40; // 66 S: octets of a nonce or a coordinate
// @ts-ignore: decorator
@inline export const SIGN_EXTRA: usize = 0x810aa0; // 64 S: fresh entropy for a nonce
// Multiplication of any point: wiped by itself.
// @ts-ignore: decorator
@inline export const MUL_POINT: usize = 0x810ae0; // 704 S: the pair of points to multiply
// @ts-ignore: decorator
@inline export const MUL_DIGITS: usize = 0x810da0; // 848 S: digits of two scalars
// @ts-ignore: decorator
@inline export const MUL_MULTIPLES: usize = 0x811100; // 16,896 S: odd multiples
// @ts-ignore: decorator
@inline export const MUL_WORK: usize = 0x815300; // 5,632 S: their shared inversion
// @ts-ignore: decorator
@inline export const MUL_ENTRY: usize = 0x816900; // 1,056 S: the pair taken
// Multiplication of the base point, eight jobs at a time: wiped by itself.
// @ts-ignore: decorator
@inline export const BASE_DIGITS: usize = 0x816d20; // 2,816 S: digits of eight scalars
// @ts-ignore: decorator
@inline export const BASE_ENTRIES: usize = 0x817820; // 352 S: the entries taken from the table
// @ts-ignore: decorator
@inline export const BASE_DEGENERATE: usize = 0x817980; // 8 S: marks that sumMany wants; never set
// @ts-ignore: decorator
@inline export const BASE_SUMS: usize = 0x8179a0; // 8,448 S: sums of the jobs
// @ts-ignore: decorator
@inline export const BASE_POINTS: usize = 0x819aa0; // 247,808 S: table points to be summed
// @ts-ignore: decorator
@inline export const BASE_WORK: usize = 0x8562a0; // 123,904 S: their shared inversions
// Constants, filled at first use.
// @ts-ignore: decorator
@inline export const FE2_ZERO: usize = 0x8746a0; // 352 P: 0
// @ts-ignore: decorator
@inline export const FE2_B: usize = 0x874800; // 352 P: b of the curve equation
// @ts-ignore: decorator
@inline export const FE2_ORDER: usize = 0x874960; // 352 P: n as a field element
// @ts-ignore: decorator
@inline export const FE2_WEIGHTS: usize = 0x874ac0; // 704 P: weights of the limbs of a table entry
// @ts-ignore: decorator
@inline export const GENERATOR: usize = 0x874d80; // 704 P: the base point, affine
// Verification and the building of tables, which hold nothing secret.
// @ts-ignore: decorator
@inline export const TABLE_POINTS: usize = 0x875040; // 720,896 P: points being summed, or rows being built
// @ts-ignore: decorator
@inline export const TABLE_WORK: usize = 0x925040; // 360,448 P: their shared inversions
// @ts-ignore: decorator
@inline export const TABLE_DOUBLES: usize = 0x97d040; // 287,232 P: 2^t P
// @ts-ignore: decorator
@inline export const TABLE_FOUND: usize = 0x9c3240; // 45,056 P: those of a row
// @ts-ignore: decorator
@inline export const VERIFY_KEYS: usize = 0x9ce240; // 256 P: address of the key's table, or 0
// @ts-ignore: decorator
@inline export const VERIFY_S: usize = 0x9ce340; // 5,120 P: s
// @ts-ignore: decorator
@inline export const VERIFY_U1: usize = 0x9cf740; // 5,120 P: 1/s, then the words of u1
// @ts-ignore: decorator
@inline export const VERIFY_U2: usize = 0x9d0b40; // 5,120 P: r, then the words of u2
// @ts-ignore: decorator
@inline export const VERIFY_DIGITS: usize = 0x9d1f40; // 264 P: digits of a scalar
// @ts-ignore: decorator
@inline export const VERIFY_TOUCHED: usize = 0x9d2060; // 4 P: of no meaning
// @ts-ignore: decorator
@inline export const VERIFY_LISTS: usize = 0x9d2080; // 192 P: numbers of the jobs in hand, marks of those to be done otherwise
// @ts-ignore: decorator
@inline export const VERIFY_SUMS: usize = 0x9d2140; // 16,896 P: sums
// @ts-ignore: decorator
@inline export const VERIFY_POINTS: usize = 0x9d6340; // 16,896 P: results
// @ts-ignore: decorator
@inline export const VERIFY_T: usize = 0x9da540; // 1,408 P: field elements of the last comparison
// @ts-ignore: decorator
@inline export const CACHE_KEYS: usize = 0x9daac0; // 11,376 P: key and time of last use of each table
// @ts-ignore: decorator
@inline export const CACHE_RING: usize = 0x9dd740; // 9,216 P: keys that have no table, and their uses
// @ts-ignore: decorator
@inline export const BASE_TABLE: usize = 0x9e0000; // 490,160 P: multiples of G, window 6, scanned whole by secret digits
// @ts-ignore: decorator
@inline export const BASE_TABLE_WIDE: usize = 0xa58000; // 4,686,176 P: multiples of G, window 10, for public digits
// 0xF00000..0xFFFFFF: scalars and nonces
// @ts-ignore: decorator
@inline export const SC_T: usize = 0xf00000; // 160 S: a product, 36 limbs and a carry; then 16 of zero
// @ts-ignore: decorator
@inline export const SC_PADDED: usize = 0xf000b0; // 80 S: a factor; then 16 of zero
// @ts-ignore: decorator
@inline export const SC_WIDE: usize = 0xf00110; // 96 S: a number before or after its reduction
// @ts-ignore: decorator
@inline export const SC_LE: usize = 0xf00170; // 96 S: its octets, little-endian
// @ts-ignore: decorator
@inline export const SC_INVERSE: usize = 0xf00200; // 240 S: scalars of an inversion
// @ts-ignore: decorator
@inline export const SC_MATRIX: usize = 0xf002f0; // 16 S: a batch of divsteps
// @ts-ignore: decorator
@inline export const SC_FG: usize = 0xf00300; // 288 S: f and g of the divsteps
// @ts-ignore: decorator
@inline export const SC_DE: usize = 0xf00420; // 288 S: d and e of the divsteps
// @ts-ignore: decorator
@inline export const NONCE_SEED: usize = 0xf00600; // 208 S: V, a separator, the private key and the digest
// @ts-ignore: decorator
@inline export const NONCE_T: usize = 0xf006d0; // 128 S: K of a new context; a candidate
// @ts-ignore: decorator
@inline export const NONCE_KEYED: usize = 0xf00750; // 416 S: HMAC under K
// @ts-ignore: decorator
@inline export const NONCE_HMAC: usize = 0xf008f0; // 416 S: HMAC of a message under K
// @ts-ignore: decorator
@inline export const NONCE_SCALAR: usize = 0xf00a90; // 80 S: a candidate

// --- tables: cached tables of public keys --------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const TABLES: usize = 0x1000000;
// @ts-ignore: decorator
@inline export const MEMORY_END: usize = 0x8000000;
