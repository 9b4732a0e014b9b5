// Answers as IBM's client reads them: what it accepts decodes to the same fields, what it rejects throws one of our errors.
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/bytes.ts";
import { generateImporterKey } from "../../src/commands/generate-importer-key.ts";
import { queryDomainAdministrators } from "../../src/commands/query-domain-administrators.ts";
import { queryDomainAttributes } from "../../src/commands/query-domain-attributes.ts";
import { queryDomainInfo } from "../../src/commands/query-domain-info.ts";
import { queryModuleInfo } from "../../src/commands/query-module-info.ts";
import { CheckError, OpenTkeError, TransportError, UnitError, WireError } from "../../src/errors.ts";
import { adminKeyOf, adminNameOf, decodeAdminCertificate, isTkeCertificate } from "../../src/wire/admin-certificate.ts";
import {
  type AdminResponseBlock,
  decodeAdminResponseBlock,
  encodeAdminResponseBlock,
} from "../../src/wire/admin-response.ts";
import { adminBlockOf, cprbOfHtp, infoOf, outputOf, payloadOfCprb } from "../../src/wire/answer.ts";
import { currentRegisterStatus, newRegisterStatus, RegisterStatus } from "../../src/wire/domain-info.ts";
import { decodeHsmList } from "../../src/wire/hsm-list.ts";
import { decodeResponseBody } from "../../src/wire/http-body.ts";
import { KeyType } from "../../src/wire/ids.ts";
import { parseLocation } from "../../src/wire/location.ts";
import { serialNumberOf } from "../../src/wire/module-info.ts";
import { decodeOaPublicKey } from "../../src/wire/oa-certificate.ts";
import { decodeOaSignature } from "../../src/wire/signer-info.ts";
import { modulusOf, type PublicKey } from "../../src/wire/spki.ts";
import { p521Verify } from "../support/p521-verify.ts";
import { hex, readVectors } from "../support/vectors.ts";

interface Case {
  readonly kind: string;
  readonly name: string;
  readonly parser: string;
  readonly oaPublicKey?: string;
  readonly htpResponse: string;
  readonly body: string;
  readonly accept: boolean;
  readonly parsed: unknown;
  readonly error?: string;
  readonly returnCode?: number;
  readonly reasonCode?: number | null;
}

/** Stands for the key where a client has none yet: it reads certificate 0 to learn it. */
const KEY_UNKNOWN = "not available";

const { cases } = readVectors<Case>("htp-responses.json");
const accepted = cases.filter((c) => c.accept);
const rejected = cases.filter((c) => !c.accept);

it("covers every case", () => {
  expect([cases.length, accepted.length, rejected.length]).toEqual([124, 52, 72]);
  expect(rejected.filter((c) => c.returnCode !== undefined).length).toBe(22);
  // Signed answers whose signature is not looked at: the one read before the key is known.
  expect(cases.filter((c) => c.oaPublicKey === KEY_UNKNOWN).length).toBe(1);
  expect(cases.filter((c) => c.kind === "response" && c.oaPublicKey === undefined).map((c) => c.parser)).toEqual([
    ...Array.from({ length: 8 }, () => "domain-info"),
    ...Array.from({ length: 2 }, () => "module-info"),
    "domain-info",
    "module-info",
  ]);
  expect(new Set(cases.map((c) => c.parser))).toEqual(new Set(Object.keys(parsers)));
});

/** A client's way from text to verified block, its output checked last. */
function blockOf(c: Case): AdminResponseBlock {
  const { block, signatures } = adminBlockOf(payloadOfCprb(cprbOfHtp(c.htpResponse)));
  if (c.oaPublicKey !== KEY_UNKNOWN) {
    const { signature } = decodeOaSignature(signatures);
    const valid = p521Verify(decodeOaPublicKey(hex(c.oaPublicKey as string)), block, signature);
    if (!valid) throw new CheckError("oa-signature", "the answer's signature does not verify");
  }
  const decoded = decodeAdminResponseBlock(block);
  outputOf(decoded);
  return decoded;
}

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
const word = (value: number): string => value.toString(16).padStart(8, "0");

function fieldsOf(block: AdminResponseBlock): object {
  return {
    commandId: word(block.commandId),
    adminDomain: toHex(block.adminDomain),
    moduleId: toHex(block.moduleId),
    serialNumber: serialNumberOf(block.moduleId),
    transactionCounter: toHex(block.counter),
    returnCode: word(block.returnCode),
    commandOutput: toHex(block.output),
  };
}

function attributesOf(c: Case): object {
  const block = blockOf(c);
  const attributes = queryDomainAttributes.decodeOutput(block.output);
  return {
    ...fieldsOf(block),
    signatureThreshold: attributes.signatureThreshold,
    revocationThreshold: attributes.revocationThreshold,
    permissions: word(attributes.permissions),
    operationalMode: word(attributes.operationalMode),
    standardsCompliance: word(attributes.standardsCompliance),
  };
}

function certificateOf(c: Case): object {
  const certificate = decodeAdminCertificate(blockOf(c).output);
  const { publicKey } = adminKeyOf(certificate) as PublicKey;
  expect(toHex(certificate.tbs.ski)).toBe(sha256(publicKey));
  return {
    name: adminNameOf(certificate),
    ski: sha256(publicKey),
    publicKey: toHex(publicKey),
    isTke: isTkeCertificate(certificate),
  };
}

/** The importer of a given type: IBM's client asks for one and takes no other. */
function importerOf(c: Case, keyType: KeyType): Uint8Array {
  const key = generateImporterKey.decodeOutput(blockOf(c).output);
  if (key.keyType !== keyType) throw new CheckError("answer", `want a key of type ${keyType}, got ${key.keyType}`);
  return key.publicKey;
}

function p521ImporterOf(c: Case): object {
  const point = importerOf(c, KeyType.P521);
  const [x, y] = [point.subarray(1, 67), point.subarray(67)];
  return { x: toHex(x), y: toHex(y), ski: sha256(point.subarray(1)) };
}

function rsaImporterOf(c: Case): object {
  const key = importerOf(c, KeyType.Rsa2048);
  return { n: toHex(modulusOf(key)), e: 65537, ski: sha256(key) };
}

function domainInfoOf(c: Case): object {
  const info = queryDomainInfo.decodeOutput(infoOf(payloadOfCprb(cprbOfHtp(c.htpResponse))));
  const states: string[] = Object.values(RegisterStatus);
  return {
    currentMKStatus: states.indexOf(currentRegisterStatus(info)),
    currentMKVP: toHex(info.currentPattern),
    newMKStatus: states.indexOf(newRegisterStatus(info)),
    newMKVP: toHex(info.newPattern),
  };
}

function moduleInfoOf(c: Case): object {
  const info = queryModuleInfo.decodeOutput(infoOf(payloadOfCprb(cprbOfHtp(c.htpResponse))));
  return {
    apiOrdinalNumber: word(info.apiOrdinal),
    firmwareIdentifier: word(info.firmwareId),
    apiVersionMajor: info.apiVersion[0],
    apiVersionMinor: info.apiVersion[1],
    cspVersionMajor: info.cspVersion[0],
    cspVersionMinor: info.cspVersion[1],
    firmwareConfiguration: toHex(info.firmwareConfiguration),
    xcpConfiguration: toHex(info.xcpConfiguration),
    serialNumber: toHex(info.moduleId),
    serialNumberString: serialNumberOf(info.moduleId),
  };
}

const parsers: Readonly<Record<string, (c: Case) => unknown>> = {
  "admin-response": (c) => fieldsOf(blockOf(c)),
  "domain-attributes": attributesOf,
  "admin-list": (c) => ({ skis: queryDomainAdministrators.decodeOutput(blockOf(c).output).map(toHex) }),
  "admin-certificate": certificateOf,
  "importer-p521": p521ImporterOf,
  "importer-rsa2048": rsaImporterOf,
  "domain-info": domainInfoOf,
  "module-info": moduleInfoOf,
  "hsm-list": (c) => ({ hsms: decodeHsmList(c.body) }),
  "post-body": (c) => ({ response: decodeResponseBody(c.body) }),
  location: ({ body }) => {
    const { moduleIndex, domainIndex, module } = parseLocation(body);
    return { moduleIndex, domainIndex, module };
  },
};

/** What `f` throws; a run that throws nothing is an error of the test's own. */
function thrownBy(f: () => unknown): unknown {
  let result: unknown;
  try {
    result = f();
  } catch (error) {
    return error;
  }
  throw new Error(`want an error, got ${JSON.stringify(result)}`);
}

describe("accepted", () => {
  it.each(accepted)("$parser: $name", (c) => {
    expect(parsers[c.parser]?.(c)).toEqual(c.parsed);
  });

  const withBlock = accepted.filter((c) => c.kind === "response" && !c.parser.endsWith("info"));
  it.each(withBlock)("block encodes to the signed bytes: $name", (c) => {
    const { block } = adminBlockOf(payloadOfCprb(cprbOfHtp(c.htpResponse)));
    expect(toHex(encodeAdminResponseBlock(decodeAdminResponseBlock(block)))).toBe(toHex(block));
  });
});

describe("rejected", () => {
  it.each(rejected)("$parser: $name", (c) => {
    const error = thrownBy(() => parsers[c.parser]?.(c));
    expect(error).toBeInstanceOf(OpenTkeError);
    if (c.returnCode === undefined) return;
    expect(error).toBeInstanceOf(UnitError);
    const { returnCode, reasonCode } = error as UnitError;
    expect({ returnCode, reasonCode: reasonCode ?? null }).toEqual({
      returnCode: c.returnCode,
      reasonCode: c.reasonCode,
    });
  });

  const signature = /^(signed by another key|one bit of the signature flipped|block changed after signing)$/;
  const expected = ({
    name,
  }: Case): typeof WireError | typeof CheckError | typeof TransportError | typeof UnitError => {
    if (signature.test(name) || name === "RSA key instead") return CheckError;
    if (name.startsWith("error type ")) return TransportError;
    if (name.startsWith("CPRB return code ") || name === "administrator not found") return UnitError;
    return WireError;
  };
  it.each(rejected.filter((c) => c.returnCode === undefined))("class of the error: $parser, $name", (c) => {
    expect(thrownBy(() => parsers[c.parser]?.(c))).toBeInstanceOf(expected(c));
  });

  it("CPRB codes", () => {
    const c = rejected.find(({ name }) => name === "CPRB return code 12, reason code 2054") as Case;
    expect(thrownBy(() => blockOf(c))).toMatchObject({ source: "cprb", returnCode: 12, reasonCode: 2054 });
  });
});
