// Which test stands for which rule of unit-behaviour.md: the table is checked against the tests' own sources, and every code that a
// unit can answer must be wanted by a test.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { COMMANDS } from "../../src/commands/registry.ts";
import { Refused } from "../../src/unit/refusal.ts";

/** Rule, file in this folder, and what the title of a test in it says. */
type Row = readonly [rule: string, file: string, title: string];

const SECTION_2: readonly Row[] = [
  [
    "imprint mode: key and control-point commands refused",
    "imprint",
    "refuses %s with 179/34, whatever its input and signatures",
  ],
  ["imprint mode: all such commands", "imprint", "covers all key and control-point commands"],
  ["imprint mode: queries answered", "imprint", "answers queries"],
  ["imprint mode: the only exit", "imprint", "is left by set domain attributes alone, and then reported so"],
  ["zeroize: what it empties and keeps", "imprint", "empties everything but who the unit is and its counter"],
  ["zeroize: secrets wiped", "imprint", "wipes the unit's slot in the card"],
  ["zeroize: unsigned on a pristine unit", "imprint", "succeeds unsigned on a pristine unit, again and again"],
  ["zeroize: domain instance + 1", "imprint", "invalidates requests made for the instance before: 3/14"],
  ["zeroize: RSA importer key", "rsa-importer", "replaces the RSA key before, and zeroize forgets it"],
];

const SECTION_3: readonly Row[] = [
  ["defaults", "attributes", "reports attributes 1 to 5 of a pristine unit"],
  ["3.1: old units without do-not-disturb", "attributes", "reports an old unit without the do-not-disturb bits"],
  [
    "3.1: old units refuse do-not-disturb",
    "attributes",
    "an old unit refuses do-not-disturb with 209/70, and goes without",
  ],
  ["3.1: old units after zeroize", "attributes", "zeroize brings an old unit to the current firmware's defaults"],
  ["3.2: row 1", "attributes", "row 1: 33/41"],
  ["3.2: row 2", "attributes", "row 2: 32/42"],
  ["3.2: row 3", "attributes", "row 3: 32/43"],
  ["3.2: row 4", "attributes", "row 4: 209/56"],
  ["3.2: row 5", "attributes", "row 5: 209/36"],
  ["3.2: row 6", "attributes", "row 6: 209/76 and 209/77"],
  ["3.2: row 7", "attributes", "row 7: 209/57 and 209/58"],
  ["3.2: row 8", "attributes", "row 8: 209/71"],
  ["3.2: row 9", "attributes", "row 9: 209/78 and 209/79"],
  ["3.2: row 10", "attributes", "row 10: 209/74"],
  ["3.2: row 11", "attributes", "row 11: 209/69"],
  ["3.2: row 12", "attributes", "row 12: 209/70"],
  [
    "3.2: row 12, control bits before the command",
    "attributes",
    "row 12: permission %i and its control bit %i may change at once",
  ],
  ["3.2: row 14", "attributes", "row 14: 209/72"],
  ["3.2: read-only mode bits ignored", "attributes", "row 14: ignores the read-only mode bits"],
  ["3.2: in table order", "attributes", "takes the rows in order"],
  ["3.2: atomic", "attributes", "is atomic: one pair that breaks a rule undoes all"],
  ["3.2: bits without meaning", "attributes", "drops bits that mean nothing in a domain, silently"],
  ["3.2: what is not mentioned", "attributes", "keeps what is not mentioned"],
];

const SECTION_4: readonly Row[] = [
  ["4.1: signatures after imprint mode", "signatures", "section 4.1: signatures wanted after imprint mode"],
  ["4.1: every command", "signatures", "covers every command but import WK"],
  ["4.1: import WK", "signatures", "import WK: one on each part, none on the outer request"],
  ["4.1: in imprint mode", "signatures", "section 4.1: signatures wanted in imprint mode"],
  ["4.1: leaving imprint mode", "signatures", "set attributes out of it: the new signature threshold"],
  ["4.2: row 1, P-521", "signatures", "row 1: 193/22"],
  ["4.2: row 1, RSA", "rsa-administrators", "193/22: %i bytes"],
  ["4.2: row 1, more than 8", "signatures", "row 1: 193/87 for a ninth signature, 0 for an eighth"],
  ["4.2: row 2, P-521", "signatures", "row 2: 257/22"],
  ["4.2: row 2, RSA", "rsa-administrators", "257/22: an RSA key that is no administrator here"],
  ["4.2: row 3, P-521", "signatures", "row 3: 192/22 for %s, even with enough others"],
  ["4.2: row 3, RSA", "rsa-administrators", "192/22: %s, even with enough others"],
  ["4.2: row 3, the other kind of key", "rsa-administrators", "192/22: the signature of the other kind of key"],
  ["4.2: row 4, P-521", "signatures", "row 4: a signer counts once, however often"],
  ["4.2: row 4, RSA", "rsa-administrators", "count an RSA signer once, though s and n - s are two signatures"],
  ["4.2: row 5", "signatures", "row 5: 208/21 for too few, 0 for more than needed"],
  ["4.2: both kinds", "rsa-administrators", "section 4.2: quorums of P-521 and RSA"],
  ["4.2: in order", "signatures", "takes signatures in order: the first that is wrong decides"],
  ["4.2: X9.31, s", "rsa-administrators", "count: s^e is the block"],
  ["4.2: X9.31, n - s", "rsa-administrators", "count too where n - s^e is the block"],
  ["4.2: algorithm ids without NULL", "signatures", "accepts algorithm ids without NULL"],
  ["4.2: the one who is removed", "signatures", "lets the one who is removed sign"],
  ["4.2: the one who is added", "signatures", "does not let the one who is added sign"],
  ["4.3: not X.509", "administrators", "32/40: not DER X.509"],
  ["4.3: other keys", "administrators", "32/138: a key of another kind, %s"],
  ["4.3: other RSA keys", "rsa-administrators", "32/138: %s"],
  ["4.3: installed already, eight", "administrators", "256/38: installed already, before 261/39: eight are"],
  ["4.3: another SKI", "administrators", "32/40: SKI of another key"],
  ["4.3: another SKI, RSA", "rsa-administrators", "32/40: a SKI that is not the key's"],
  ["4.3: remove, not there", "administrators", "32/32: a SKI that is not 32 bytes; 32/33: one that is not installed"],
  ["4.3: remove, too few left", "administrators", "209/66: fewer than S = %i or R = %i would be left"],
  ["4.3: query", "administrators", "32/33 for a SKI that is not installed, 32/32 for an input that is no SKI"],
  ["4.3: self-signatures are not checked", "administrators", "takes every certificate of IBM's client"],
  ["4.3: certificates unchanged", "administrators", "keeps the certificate as it was sent"],
  ["4.3: certificates unchanged, RSA", "rsa-administrators", "are kept as they were sent"],
];

const SECTION_5: readonly Row[] = [
  ["newer than the stored value", "counter", "163/19 for the current value and %i"],
  ["16 bytes", "counter", "163/18 for %i bytes"],
  ["jumps", "counter", "allows a jump of %i"],
  ["no wrap-around", "counter", "does not wrap: after FF..FF every command fails"],
  ["consumed by accepted commands", "counter", "is consumed once the signatures are good, even if a later check fails"],
  ["one for an import and its parts", "counter", "is consumed once by an import, whose parts carry the same value"],
  ["random low half, kept by zeroize", "counter", "begins with zeros in the high half and is kept by zeroize"],
];

const SECTION_6: readonly Row[] = [
  ["6.1: every command in every state", "registers", "section 6.1: $name"],
  ["6.1: import", "registers", "section 6.1: import WK"],
  ["6.1: generate", "registers", "section 6.1: generate random WK"],
  ["6.1: first load and rotation", "registers", "go through the states of the documentation"],
  ["6.1: the current key again", "import", "209 without a reason: the key that is current already"],
  ["6.1: export next before commit", "export", "exports a pending key committed or not"],
  ["6.2: 28 bytes compared", "registers", "compares 28 bytes"],
  ["6.2: pattern of 32 bytes", "registers", "33/48 for %i bytes"],
  ["6.3: type field", "registers", "33/54 for a type of %i bytes"],
  ["6.3: other types", "registers", "32/55 for type %i"],
  ["6.3: P-521 key replaced", "registers", "answers with the SubjectPublicKeyInfo and replaces the key before"],
  ["6.3: RSA-2048", "rsa-importer", "answers with the SubjectPublicKeyInfo of a fresh key: 2,048 bits, exponent 65537"],
  ["6.3: one kind for the other", "rsa-importer", "takes the place of a P-521 key, and the other way round"],
  ["6.3: any number of imports", "registers", "serves any number of imports"],
  ["6.3: any number of imports, RSA", "rsa-importer", "any number of times"],
  ["6.4: envelopes", "import", "section 6.4: envelopes, before the signatures"],
  ["6.4: envelopes in order", "import", "takes them in this order"],
  ["6.4: more than 20 parts", "import", "32/75: more than 20 parts"],
  ["6.4: signatures of parts", "import", "each part needs one of its own"],
  ["6.4: policy and parts in order", "import", "takes policy and parts in order"],
  ["6.4: order for RSA parts", "rsa-importer", "checks in order: 32/23, 102/1, 32/24, 32/28"],
  ["6.4: XOR", "import", "combines parts by XOR: a part twice cancels out"],
  ["6.4: XOR of RSA parts", "rsa-importer", "%i parts are combined by XOR"],
  ["6.4: unwrap", "import", "32/28: a changed %s"],
  ["6.4: RSA padding", "rsa-importer", "32/28: wrong padding or size, alone or among others"],
  ["6.4: RSA block of 256 bytes", "rsa-importer", "32/24: an encrypted part of %i bytes"],
  ["6.4: recipient's SKI", "import", "takes the importer's SKI over 04 || X || Y and over X || Y"],
  ["6.4: recipient's SKI, RSA", "rsa-importer", "102/1: an SKI that is not SHA-256 of the importer's RSAPublicKey"],
  ["6.4: M = 1", "export", "M = 1: each of %i parts is the whole key"],
  ["6.4: M = N", "export", "M = N = %i: random parts whose XOR is the key"],
  ["6.4: other M", "export", "32/96: M is %s"],
  ["6.4: indexes of holders", "export", "32/101: an index %s"],
  ["6.4: certificates of holders", "export", "3/102: %s"],
  ["6.4: M = 1 without WK_1PART", "export", "80/110: M = 1 without WK_1PART"],
];

const SECTION_8: readonly Row[] = [
  ["step 1", "request", "section 8, step 1: CPRB header"],
  ["step 2", "request", "step 2: 7 for %s"],
  ["step 3", "request", "step 3: 2147549203 for %s"],
  ["step 4", "request", "step 4: 3 for %s, whatever the function"],
  ["step 5", "request", "step 5: 7 for %s"],
  ["step 5: get_xcp_info", "request", "answers 7 and no payload to sub-type %i"],
  ["steps 1 to 5 in order", "request", "takes them in this order"],
  ["step 6", "order", "step 6: 84 before everything in the block"],
  ["step 6: every other id", "queries", "84 without a reason, signed, for any other command id (step 6)"],
  ["step 7", "order", "%s: 3/12 for another domain or a wrong size, before the input"],
  ["step 7: unexpected input", "queries", "no commit, not even for a wrong input"],
  ["steps 8 to 12, 14", "order", "commands without input: 8, 9, 10, 11, 12, 14, then execution"],
  ["step 13", "order", "set attributes out of imprint mode: 12, 13, 14"],
  ["steps 14 to 16: attributes", "order", "set attributes after imprint mode: 12, 14, 16"],
  ["steps 14 to 16: administrators", "order", "add administrator: 14 before 32/40 before 32/138 before 256/38"],
  ["steps 14 to 16: removing them", "order", "remove administrator: 32/32 before 14 before 32/33 before 209/66"],
  ["steps 14 to 16: commit", "order", "commit: 12, 14, 16 with 102/50 before 101/48"],
  ["steps 14 to 16: finalize", "order", "finalize: 102/50 before 102/64 before 101/48"],
  ["steps 14 to 16: importer key", "order", "importer key: 33/54 before 14 before 32/55"],
  ["steps 14 to 16: random key", "order", "random key: 33, 14, 15 with 80/52 before 80/53"],
  ["steps 14 to 16: export", "order", "export: 14, 15, then 3/102 before 32/101 before 32/96 before 102/49"],
  ["steps 14 to 16: control points", "order", "control points: 33/44, 14, then 209/45 before 80/46 before 80/47"],
];

const SECTION_9: readonly Row[] = [
  [
    "defaults, new and old units",
    "control-points",
    "has all on in a new unit that can be, and the new features off in an old one",
  ],
  ["set, add, delete", "control-points", "set replaces, add is OR, delete is AND NOT"],
  ["size", "control-points", "33/44 for a mask of %i bytes"],
  ["undefined bits", "control-points", "209/45 for undefined bit %i, first of all"],
  ["never on", "control-points", "80/46 for enabling bit %i, which can't be"],
  ["enabling", "control-points", "80/46 for enabling while bit 0 is off, bit 0 itself included"],
  ["disabling", "control-points", "80/47 for disabling while bit 1 is off"],
];

const CERTIFICATES: readonly Row[] = [
  ["OA chain of two", "module", "has a chain of two: epoch key, module key, root"],
  ["OA chain of one", "module", "may have a chain of one, signed by the root"],
  ["index past the end", "queries", "answers the number without input, a certificate by index, 96/60 past the end"],
];

const sources = new Map(
  readdirSync(new URL(".", import.meta.url))
    .filter((name) => name.endsWith(".test.ts") && name !== "coverage.test.ts")
    .map((name) => [name.replace(".test.ts", ""), readFileSync(new URL(name, import.meta.url), "utf8")]),
);

/** Titles of tests and of groups of them, as they are written. */
const titles = (source: string): string[] =>
  [...source.matchAll(/(?:\bit|\bdescribe|\btest|\))(?:\.each)?\(\s*(["'`])((?:\\.|(?!\1).)*)\1,/gs)].map(
    ([, , title]) => title!,
  );

describe.each([
  ["section 2", SECTION_2],
  ["section 3", SECTION_3],
  ["section 4", SECTION_4],
  ["section 5", SECTION_5],
  ["section 6", SECTION_6],
  ["section 8", SECTION_8],
  ["section 9", SECTION_9],
  ["ep11-wire.md 9", CERTIFICATES],
])("%s", (_name, rows) => {
  it.each(rows)("%s", (_rule, file, title) => {
    expect(titles(sources.get(file) ?? "").filter((one) => one.includes(title))).not.toEqual([]);
  });
});

describe("section 7: codes", () => {
  const all = [...sources.values()].join("\n");
  const code = (returnCode: number, reasonCode: number | null = null) =>
    reasonCode === null ? `${returnCode}` : `${returnCode}/${reasonCode}`;
  const refusals = Object.entries(Refused).map(([name, { returnCode, reasonCode }]) => [
    name,
    code(returnCode, reasonCode),
  ]);
  const malformed = Object.values(COMMANDS).map(({ name, malformedInput }) => [
    `input of ${name}`,
    code(malformedInput.returnCode, malformedInput.reasonCode),
  ]);

  it.each([...refusals, ...malformed])("%s: a test wants %s", (_name, wanted) => {
    expect(new RegExp(`(?<![\\d/])${wanted}(?![\\d/])`).test(all)).toBe(true);
  });
});
