// Writes assembly/aes/tables.gen.ts: the sixteen-entry tables of AES.   usage: node scripts/gen-aes-tables.mjs [file]
//
// Everything follows from the field, the affine map and the column matrices of FIPS 197; the mathematics is in cipher.ts. The
// tables are checked against the definition of the S-box before anything is written.

import { writeFileSync } from "node:fs";

const range = (n) => Array.from({ length: n }, (_, i) => i);
const bytes = range(256);
const nibbles = range(16);
const find = (what, test) => {
  const found = bytes.find(test);
  if (found === undefined) throw new Error(`want ${what}, got none`);
  return found;
};

// --- GF(2^8) -------------------------------------------------------------------------------------------------------------------

function times(a, b) {
  let product = 0;
  for (let x = a, y = b; y > 0; y >>= 1, x = x & 0x80 ? (x << 1) ^ 0x11b : x << 1) if (y & 1) product ^= x;
  return product;
}

const square = (a) => times(a, a);
const inverse = (a) => bytes.find((b) => times(a, b) === 1) ?? 0;
const rotate = (a, n) => ((a << n) | (a >> (8 - n))) & 0xff;
/** A, the linear part of the S-box, and its inverse (FIPS 197, 5.1.1 and 5.3.2). */
const affine = (a) => a ^ rotate(a, 1) ^ rotate(a, 2) ^ rotate(a, 3) ^ rotate(a, 4);
const unaffine = (a) => rotate(a, 1) ^ rotate(a, 3) ^ rotate(a, 6);

// --- GF(2^8) over GF(2^4) -----------------------------------------------------------------------------------------------------

/** A nibble stands for this element of GF(2^4), the elements with x^16 = x: the polynomial of its bits in g, where g^4 = g + 1. */
const g = find("a root of x^4 + x + 1", (x) => (square(square(x)) ^ x) === 1);
const powers = range(4).map((e) => range(e).reduce((x) => times(x, g), 1));
const element = nibbles.map((n) => powers.reduce((sum, power, bit) => ((n >> bit) & 1 ? sum ^ power : sum), 0));
const nibbleOf = (x) => {
  const n = element.indexOf(x);
  if (n < 0) throw new Error(`want an element of GF(2^4), got ${x}`);
  return n;
};

/** w + w' = 1 for the conjugate w' = w^16, and w w' = 1/a. */
const w = find("an element of trace 1", (x) => (conjugate(x) ^ x) === 1);
function conjugate(x) {
  return range(4).reduce(square, x);
}
const a = inverse(times(w, conjugate(w)));

/** The byte (i, k), i its high nibble, of x = i + k w. */
const pack = bytes.map((x) => {
  const k = x ^ conjugate(x); // (i + k w) + (i + k w') = k
  return (nibbleOf(x ^ times(k, w)) << 4) | nibbleOf(k);
});
const unpack = (packed) => pack.indexOf(packed);

// --- tables -------------------------------------------------------------------------------------------------------------------

const INFINITY = 0x80;
const onNibbles = (of) => nibbles.map((n) => (n === 0 ? INFINITY : nibbleOf(of(inverse(element[n])))));
/** A linear map of 1/x, from the two nibbles that the inversion ends in; neither is ever 0. */
const afterInversion = (map) =>
  [w, conjugate(w)].map((v) => nibbles.map((n) => map(times(square(v), inverse(element[n])))));
/** A linear map of bytes, from their low and high nibbles. */
const linear = (map) => [nibbles.map((n) => map(n)), nibbles.map((n) => map(n << 4))];

const forward = (x) => pack[x];
const backward = (x) => pack[unaffine(x)];
/** Row 0 of the matrix of InvMixColumns (FIPS 197, 5.3.3). */
const UNMIX = [14, 11, 13, 9];

const tables = [
  ["INVERSE", "Of a nibble x: 1/x, where 80 is infinity.", [onNibbles((y) => y)]],
  ["A_OVER", "Of a nibble x: a/x.", [onNibbles((y) => times(a, y))]],
  ["SUB", "A(1/x) in forward form, from u and v.", afterInversion((y) => forward(affine(y)))],
  ["SUB_2", "2 A(1/x) in forward form, from u and v.", afterInversion((y) => forward(times(2, affine(y))))],
  ["UNSUB", "1/x in backward form, from u and v.", afterInversion(backward)],
  [
    "UNSUB_MIX",
    "14/x, 11/x, 13/x, 9/x in backward form, from u and v.",
    UNMIX.flatMap((factor) => afterInversion((y) => backward(times(factor, y)))),
  ],
  ["TO_FORWARD", "The forward form of a byte.", linear(forward)],
  ["FROM_FORWARD", "The byte of a forward form.", linear(unpack)],
  ["TO_BACKWARD", "The backward form of a byte.", linear(backward)],
  ["FROM_BACKWARD", "The byte of a backward form.", linear((x) => affine(unpack(x)))],
  ["TURN", "From forward to backward form.", linear((x) => backward(unpack(x)))],
  [
    "TURN_MIX",
    "14, 11, 13, 9 times a forward form, in backward form.",
    UNMIX.flatMap((factor) => linear((x) => backward(times(factor, unpack(x))))),
  ],
];

/** Inverts every byte as cipher.ts does, and throws if the tables give anything but the S-box and its inverse. */
function checkTables() {
  const [[inv], [aOver], sub, sub2, unsub] = tables.map(([, , rows]) => rows);
  const look = (table, index) => (index & 0x80 ? 0 : table[index]);
  for (const x of bytes) {
    const [i, k] = [pack[x] >> 4, pack[x] & 15];
    const [j, ak] = [i ^ k, look(aOver, k)];
    const u = look(inv, look(inv, i) ^ ak) ^ j;
    const v = look(inv, look(inv, j) ^ ak) ^ i;
    const both = ([s, t]) => look(s, u) ^ look(t, v);
    const y = inverse(x);
    const good =
      both(sub) === forward(affine(y)) && both(sub2) === forward(times(2, affine(y))) && both(unsub) === backward(y);
    if (!good) throw new Error(`the tables are wrong for byte ${x}`);
  }
}

// --- text -----------------------------------------------------------------------------------------------------------------------

const hex = (n) => `0x${n.toString(16).padStart(2, "0")}`;

function text() {
  let offset = 0;
  const names = [];
  const data = [];
  for (const [name, doc, rows] of tables) {
    names.push(`/** ${doc} */`, "// @ts-ignore: decorator");
    names.push(`@inline export const ${name}: usize = ${offset};`);
    for (const row of rows) data.push(`  ${row.map(hex).join(", ")},`);
    offset += 16 * rows.length;
  }
  return `// Generated by: node scripts/gen-aes-tables.mjs. Do not edit. Mathematics: cipher.ts.

${names.join("\n")}

/** Rows of sixteen entries, at the offsets above. */
// @ts-ignore: decorator
@lazy export const TABLES: usize = memory.data<u8>([
${data.join("\n")}
], 16);

/** Forward form of the S-box's constant. */
// @ts-ignore: decorator
@inline export const CONSTANT: u8 = ${hex(forward(0x63))};
`;
}

checkTables();
writeFileSync(process.argv[2] ?? "assembly/aes/tables.gen.ts", text());
