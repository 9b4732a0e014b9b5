// The law of decoders: damaged messages either throw WireError or decode to something that encodes to the same bytes, or, for
// decoders that serve clients, to something whose encoding is canonical: it decodes, and encodes to itself.
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, equal, fromHex, toHex, u32 } from "../../src/bytes.ts";
import type { Command } from "../../src/commands/command.ts";
import { decodeImportParts } from "../../src/commands/import-parts.ts";
import { COMMANDS, commandFor } from "../../src/commands/registry.ts";
import { WireError } from "../../src/errors.ts";
import * as admin from "../../src/wire/admin.ts";
import * as adminCertificate from "../../src/wire/admin-certificate.ts";
import * as adminResponse from "../../src/wire/admin-response.ts";
import * as attributes from "../../src/wire/attributes.ts";
import * as cprb from "../../src/wire/cprb.ts";
import * as domainInfo from "../../src/wire/domain-info.ts";
import * as ecdsa from "../../src/wire/ecdsa-signature.ts";
import * as hsmList from "../../src/wire/hsm-list.ts";
import * as htp from "../../src/wire/htp.ts";
import * as httpBody from "../../src/wire/http-body.ts";
import { SubType } from "../../src/wire/ids.ts";
import * as kph from "../../src/wire/kph-certificate.ts";
import * as location from "../../src/wire/location.ts";
import * as moduleInfo from "../../src/wire/module-info.ts";
import * as oa from "../../src/wire/oa-certificate.ts";
import * as parameterMap from "../../src/wire/parameter-map.ts";
import * as recipient from "../../src/wire/recipient-info.ts";
import * as signerInfo from "../../src/wire/signer-info.ts";
import * as spki from "../../src/wire/spki.ts";
import { derVariants } from "../support/der-variants.ts";
import { FUZZ_RUNS, mutationsOf } from "../support/mutations.ts";
import { readVectors } from "../support/vectors.ts";

const text = new TextEncoder();
const latin1 = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

interface Vector {
  readonly [name: string]: unknown;
}
const column = (file: string, name: string): Uint8Array[] =>
  readVectors<Vector>(file).cases.flatMap((c) => (typeof c[name] === "string" ? [fromHex(c[name])] : []));
const texts = (file: string, name: string): string[] =>
  readVectors<Vector>(file).cases.flatMap((c) => (typeof c[name] === "string" ? [c[name]] : []));

const requests = column("htp-requests.json", "requestDer");
const blocks = column("htp-requests.json", "adminBlkDer");
const signatures = column("htp-requests.json", "signerInfoDer").filter((bytes) => bytes.length > 0);
const inputs = column("htp-requests.json", "commandInput");
const recipients = column("recipient-info.json", "recipientInfo");
const maps = [...column("parameter-map.json", "bytes"), fromHex("3000")].filter((bytes) => bytes.length > 0);
const answers = readVectors<{ htpResponse?: string; accept: boolean }>("htp-responses.json").cases.flatMap((c) =>
  c.htpResponse !== undefined && c.accept ? [c.htpResponse] : [],
);
const refusals = texts("htp-responses.json", "htpResponse").filter((line) => /^\d+;(?!00)/.test(line));
const responseCprbs = answers.map((answer) => fromHex(answer.split(";")[2] as string));
const payloads = responseCprbs.map((bytes) => cprb.decodeCprbResponse(bytes).payload);
const isAdmin = (payload: Uint8Array): boolean => toHex(payload.subarray(0, 12)).includes("040400010029");
const adminPayloads = payloads.filter(isAdmin);
const infoPayloads = payloads.filter((payload) => !isAdmin(payload));
const full = adminPayloads.map(adminResponse.decodeAdminResponse).filter((response) => response.form === "full");
const oaCertificates = readVectors<{ certificates: readonly (string | { certificate: string })[] }>(
  "oa2-cert.json",
).cases.flatMap(({ certificates }) => certificates.map((c) => fromHex(typeof c === "string" ? c : c.certificate)));
const infoOf = (subType: number): Uint8Array[] =>
  infoPayloads
    .map((payload) => adminResponse.decodeXcpInfoResponse(payload).payload)
    .filter((payload) => payload.length < 100 === (subType === SubType.DomainInfo));
const rsaRecipient = recipient.encodeRecipientInfo({
  keyType: "rsa2048",
  recipientSki: new Uint8Array(32).fill(1),
  encryptedKey: new Uint8Array(256).fill(2),
});
const importers = [
  ...spkis(
    readVectors<{ parsed: { publicKey: string } | undefined }>("admin-certs.json").cases.map(
      (c) => c.parsed?.publicKey,
    ),
  ),
];

function spkis(keys: readonly (string | undefined)[]): Uint8Array[] {
  return keys.flatMap((key) => {
    if (key === undefined) return [];
    const publicKey = fromHex(key);
    return [spki.encodeSpki({ keyType: publicKey.length === 133 ? "p521ec" : "rsa2048", publicKey })];
  });
}

/** What was decoded must encode: a refusal here would hide a decoder that takes too much. */
function encoded<T, M>(encode: (value: T) => M, value: T): M {
  try {
    return encode(value);
  } catch (cause) {
    throw new Error("decoded, but does not encode", { cause });
  }
}

interface Codec {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
  /** Decodes and encodes again. */
  readonly again: (bytes: Uint8Array) => Uint8Array;
}

const codec = <T>(
  name: string,
  seeds: readonly Uint8Array[],
  decode: (bytes: Uint8Array) => T,
  encode: (value: T) => Uint8Array,
): Codec => ({ name, seeds, again: (bytes) => encoded(encode, decode(bytes)) });

const certificates = column("admin-certs.json", "certificate");

const strict: readonly Codec[] = [
  codec("CPRB request", column("htp-requests.json", "cprb"), cprb.decodeCprbRequest, (c) =>
    concat(c.header, c.payload),
  ),
  codec("envelope", requests, admin.decodeEnvelope, admin.encodeEnvelope),
  codec("xcpAdminReq", requests, admin.decodeAdminRequest, admin.encodeAdminRequest),
  codec("xcpAdminBlk", blocks, admin.decodeAdminBlock, admin.encodeAdminBlock),
  codec(
    "get_xcp_info request",
    requests,
    (bytes) => ({
      envelope: admin.decodeEnvelope(bytes),
      request: admin.xcpInfoRequestOf(admin.decodeEnvelope(bytes)),
    }),
    ({ envelope, request }) =>
      admin.encodeEnvelope({
        functionId: envelope.functionId,
        domain: u32(request.domain),
        third: u32(request.subType),
        fourth: u32(request.subQuery),
      }),
  ),
  codec(
    "ECDSA signature",
    signatures.flatMap((bytes) =>
      signerInfo
        .decodeSignerInfos(bytes)
        .filter(({ keyType }) => keyType === "p521ec")
        .map((info) => ecdsa.encodeEcdsaSignature(info.signature)),
    ),
    ecdsa.decodeEcdsaSignature,
    ecdsa.encodeEcdsaSignature,
  ),
  codec("RecipientInfo", [...recipients, rsaRecipient], recipient.decodeRecipientInfo, recipient.encodeRecipientInfo),
  codec("parameter map", maps, parameterMap.decodeParameterMap, parameterMap.encodeParameterMap),
  codec("attribute pairs", inputs, attributes.decodeAttributePairs, attributes.encodeAttributePairs),
  codec("KPH certificate", column("kph-cert.json", "certificate"), kph.decodeKphCertificate, kph.encodeKphCertificate),
  codec("SubjectPublicKeyInfo", importers, spki.decodeSpki, spki.encodeSpki),
  codec(
    "administrator certificate",
    certificates,
    adminCertificate.decodeAdminCertificate,
    adminCertificate.encodeAdminCertificate,
  ),
];

const tolerant: readonly Codec[] = [
  codec("signatures of a request", signatures, signerInfo.decodeSignerInfos, signerInfo.encodeSignerInfos),
  codec("CPRB response", responseCprbs, cprb.decodeCprbResponse, (c) => {
    const error = cprb.encodeCprbError(cprb.encodeCprbRequest(c.domain, new Uint8Array(0)), c.returnCode, c.reasonCode);
    const answer = concat(error, c.payload);
    answer.set(u32(c.payload.length), 28);
    return answer;
  }),
  codec("xcpAdminRsp", adminPayloads, adminResponse.decodeAdminResponse, adminResponse.encodeAdminResponse),
  codec(
    "xcpAdminRspBlk",
    full.map(({ block }) => block),
    adminResponse.decodeAdminResponseBlock,
    adminResponse.encodeAdminResponseBlock,
  ),
  codec(
    "get_xcp_info response",
    infoPayloads,
    adminResponse.decodeXcpInfoResponse,
    adminResponse.encodeXcpInfoResponse,
  ),
  codec(
    "OA signature",
    full.flatMap(({ signatures: bytes }) => (bytes.length > 0 ? [bytes] : [])),
    signerInfo.decodeOaSignature,
    ({ ski, signature }) => signerInfo.encodeOaSignerInfo(ski, signature),
  ),
  codec("OA certificate", oaCertificates, oa.decodeOaCertificate, (c) =>
    oa.attachOaSignature(oa.encodeOaBody(c), c.signerSki, c.signature),
  ),
  codec(
    "parameter map in an answer",
    maps,
    (bytes) => parameterMap.decodeParameterMap(bytes, "ber"),
    parameterMap.encodeParameterMap,
  ),
  codec(
    "attribute pairs in an answer",
    inputs,
    (bytes) => attributes.decodeAttributePairs(bytes, "ber"),
    attributes.encodeAttributePairs,
  ),
  codec("domain info", infoOf(SubType.DomainInfo), domainInfo.decodeDomainInfo, domainInfo.encodeDomainInfo),
  codec("module info", infoOf(SubType.ModuleInfo), moduleInfo.decodeModuleInfo, moduleInfo.encodeModuleInfo),
];

interface TextCodec {
  readonly name: string;
  readonly seeds: readonly string[];
  readonly again: (text: string) => string;
}

const textCodec = <T>(
  name: string,
  seeds: readonly string[],
  decode: (text: string) => T,
  encode: (value: T) => string,
): TextCodec => ({ name, seeds, again: (line) => encoded(encode, decode(line)) });

const bodies = texts("htp-responses.json", "body");

const textual: readonly TextCodec[] = [
  textCodec("HTPRequest", texts("htp-requests.json", "htpRequest"), htp.decodeHtpRequest, htp.encodeHtpRequest),
  textCodec("HTPResponse", answers, htp.decodeHtpResponse, htp.encodeHtpResponse),
  textCodec("HTPResponse with an error", refusals, htp.decodeHtpResponse, htp.encodeHtpResponse),
  textCodec("list of units", bodies, hsmList.decodeHsmList, hsmList.encodeHsmList),
  textCodec("request body", ['{"request":"181;PCI request"}'], httpBody.decodeRequestBody, httpBody.encodeRequestBody),
  textCodec("response body", bodies, httpBody.decodeResponseBody, httpBody.encodeResponseBody),
  textCodec("location", bodies, location.parseLocation, location.formatLocation),
];

/** What `again` gives, undefined if it throws WireError; other errors pass through and fail the test. */
function attempt<T>(again: (message: T) => T, message: T): T | undefined {
  try {
    return again(message);
  } catch (error) {
    if (error instanceof WireError) return undefined;
    throw error;
  }
}

const options = { numRuns: FUZZ_RUNS };

describe("strict decoders", () => {
  it.each(strict)("$name", ({ seeds, again }) => {
    expect(seeds.length).toBeGreaterThan(0);
    expect(seeds.some((seed) => attempt(again, seed) !== undefined)).toBe(true);
    const property = fc.property(fc.oneof(fc.constantFrom(...seeds), mutationsOf(seeds)), (bytes) => {
      const result = attempt(again, bytes);
      if (result !== undefined) expect(toHex(result)).toBe(toHex(bytes));
    });
    fc.assert(property, options);
  });
});

describe("tolerant decoders", () => {
  it.each(tolerant)("$name", ({ seeds, again }) => {
    expect(seeds.length).toBeGreaterThan(0);
    expect(seeds.some((seed) => attempt(again, seed) !== undefined)).toBe(true);
    const property = fc.property(fc.oneof(fc.constantFrom(...seeds), mutationsOf(seeds)), (bytes) => {
      const result = attempt(again, bytes);
      if (result !== undefined) expect(toHex(again(result))).toBe(toHex(result));
    });
    fc.assert(property, options);
  });
});

describe("one change to the structure, all lengths right", () => {
  const named = (name: string): Codec => [...strict, ...tolerant].find((c) => c.name === name) as Codec;
  /** Decoders that keep every field, whatever lengths they take: with minimal ones, what they accept is the same bytes again. */
  const keepers = [
    ...strict.filter(({ name }) => !["CPRB request", "attribute pairs", "KPH certificate"].includes(name)),
    ...["xcpAdminRsp", "xcpAdminRspBlk", "get_xcp_info response", "parameter map in an answer"].map(named),
  ];
  const decoded = ({ seeds, again }: Codec): Uint8Array[] => {
    const sound = seeds.filter((seed) => attempt(again, seed)?.length === seed.length);
    // The shortest and the longest of each kind.
    const bySize = sound.toSorted((a, b) => a.length - b.length);
    return [...new Set([bySize[0], bySize.at(-1)])].filter((seed) => seed !== undefined);
  };

  it.each(keepers)("$name", (c) => {
    let refused = 0;
    for (const seed of decoded(c)) {
      for (const { change, bytes } of derVariants(seed)) {
        const result = attempt(c.again, bytes);
        if (result === undefined) refused++;
        else expect(toHex(result), change).toBe(toHex(bytes));
      }
    }
    expect(refused).toBeGreaterThan(0);
  });

  it("signatures of a request: missing NULLs alone are forgiven", () => {
    const { seeds, again } = named("signatures of a request");
    const kinds = ["p521ec", "rsa2048"].map(
      (kind) =>
        seeds.find((seed) => {
          const infos = signerInfo.decodeSignerInfos(seed);
          return infos.length === 1 && infos[0]?.keyType === kind;
        }) as Uint8Array,
    );
    for (const seed of kinds) {
      const forgiven: string[] = [];
      for (const { change, bytes } of derVariants(seed)) {
        const result = attempt(again, bytes);
        if (result !== undefined && toHex(result) !== toHex(bytes)) forgiven.push(change);
      }
      expect(forgiven).toEqual(["NULL /0/2/1 left out", "NULL /0/3/1 left out"]);
    }
  });
});

describe("text", () => {
  it.each(textual)("$name", ({ seeds, again }) => {
    expect(seeds.some((seed) => attempt(again, seed) !== undefined)).toBe(true);
    const damaged = mutationsOf(seeds.map((seed) => text.encode(seed))).map(latin1);
    const property = fc.property(fc.oneof(fc.constantFrom(...seeds), damaged), (line) => {
      const result = attempt(again, line);
      if (result !== undefined) expect(again(result)).toBe(result);
    });
    fc.assert(property, options);
  });
});

describe("commands", () => {
  const seeds = inputs.filter((bytes) => bytes.length > 0);

  it.each<Command<unknown, unknown>>(Object.values(COMMANDS))("$name: input", (command) => {
    const again = (bytes: Uint8Array): Uint8Array =>
      encoded((input) => command.encodeInput(input), command.decodeInput(bytes));
    const property = fc.property(mutationsOf([...seeds, u32(3), new Uint8Array(32), new Uint8Array(16)]), (bytes) => {
      const result = attempt(again, bytes);
      if (result !== undefined) expect(toHex(result)).toBe(toHex(bytes));
    });
    fc.assert(property, options);
  });

  const outputs = full.map(({ block }) => adminResponse.decodeAdminResponseBlock(block).output);
  it.each<Command<unknown, unknown>>(Object.values(COMMANDS))("$name: output", (command) => {
    const again = (bytes: Uint8Array): Uint8Array =>
      encoded((output) => command.encodeOutput(output), command.decodeOutput(bytes));
    const property = fc.property(
      mutationsOf([...outputs.filter((o) => o.length > 0), ...importers, ...maps]),
      (bytes) => {
        const result = attempt(again, bytes);
        if (result !== undefined) expect(toHex(again(result))).toBe(toHex(result));
      },
    );
    fc.assert(property, options);
  });

  it("key parts never throw, and sound ones are the input's own bytes", () => {
    const nested = blocks.filter((bytes) => admin.decodeAdminBlock(bytes).commandId === COMMANDS["import-wk"].id);
    expect(nested.length).toBe(2);
    for (const bytes of nested) {
      const { adminDomain, moduleId, counter, input } = admin.decodeAdminBlock(bytes);
      const context = { domain: 21, adminDomain, moduleId, counter };
      expect(decodeImportParts(input, context).ok).toBe(true);
      const property = fc.property(mutationsOf([input]), (damaged) => {
        const decoded = decodeImportParts(damaged, context);
        if (!decoded.ok) return;
        const parts = decoded.parts.map((part) => admin.encodeAdminRequest({ ...part, domain: 21 }));
        expect(equal(concat(...parts), damaged)).toBe(true);
      });
      fc.assert(property, options);
    }
  });

  it("an unknown id is no command", () => {
    const known = new Set<number>(Object.values(COMMANDS).map(({ id }) => id));
    fc.assert(
      fc.property(fc.nat(0x20000), fc.uint8Array({ maxLength: 40 }), (id, input) => {
        expect(commandFor(id, input)?.id).toBe(known.has(id) ? id : undefined);
      }),
      options,
    );
  });
});
