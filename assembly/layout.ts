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

// --- entropy ---------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const ENTROPY: usize = 0x20000;
// @ts-ignore: decorator
@inline export const ENTROPY_BYTES: u32 = 0x10000;

// --- exchange --------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const EXCHANGE: usize = 0x30000;
// @ts-ignore: decorator
@inline export const EXCHANGE_BYTES: u32 = 0x100000;

// --- keys ------------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const KEYS: usize = 0x140000;

// --- units -----------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const UNITS: usize = 0x240000;

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
@inline export const AES_STATE: usize = 0x6a0000; // 128 S: eight blocks under way
// @ts-ignore: decorator
@inline export const AES_WORD: usize = 0x6a0080; // 128 S: the key schedule's word
// @ts-ignore: decorator
@inline export const AES_KEYS: usize = 0x6a0100; // 1,920 S: the round keys of eight keys
// @ts-ignore: decorator
@inline export const AES_HALVES: usize = 0x6a0900; // 4,224 S: A and R[1..64] of eight key wraps, and room for an odd half

// --- transfer --------------------------------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const TRANSFER: usize = 0x700000;

// --- p521: scratch and tables of the base point --------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const P521: usize = 0x800000;
// 0xF00000..0xFFFFFF: scalars and nonces
// @ts-ignore: decorator
@inline export const SC_T: usize = 0xf00000; // 160 S: a product, 36 limbs and a carry
// @ts-ignore: decorator
@inline export const SC_PADDED: usize = 0xf000b0; // 80 S: a factor
// @ts-ignore: decorator
@inline export const SC_WIDE: usize = 0xf00110; // 96 S: a number before or after its reduction
// @ts-ignore: decorator
@inline export const SC_LE: usize = 0xf00170; // 96 S: its octets, little-endian
// @ts-ignore: decorator
@inline export const SC_INVERSE: usize = 0xf00200; // 1,024 S: inversion

// --- tables: cached tables of public keys --------------------------------------------------------------------------------------
// @ts-ignore: decorator
@inline export const TABLES: usize = 0x1000000;
// @ts-ignore: decorator
@inline export const MEMORY_END: usize = 0x8000000;
