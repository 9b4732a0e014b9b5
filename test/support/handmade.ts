// Requests and answers put together by hand from ep11-wire.md, with none of the project's encoders: a fault that encoder and decoder
// share can't hide from these. Section numbers are those of ep11-wire.md.

export const fromHexText = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ""), "hex"));
export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
export const cat = (...parts: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(parts));
export const ascii = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "latin1"));

export function u32(...values: readonly number[]): Uint8Array {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeUInt32BE(value, 4 * i);
  });
  return Uint8Array.from(bytes);
}

// --- DER ---------------------------------------------------------------------------------------------------------------------

export function der(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const body = cat(...content);
  const n = body.length;
  const length = n < 0x80 ? [n] : n < 0x100 ? [0x81, n] : [0x82, n >> 8, n & 255];
  return cat(Uint8Array.of(tag, ...length), body);
}

export const octets = (...content: readonly Uint8Array[]): Uint8Array => der(0x04, ...content);
export const seq = (...content: readonly Uint8Array[]): Uint8Array => der(0x30, ...content);

/** One element: tag, content, and what follows. */
export function open(bytes: Uint8Array): { tag: number; content: Uint8Array; rest: Uint8Array } {
  const first = bytes[1]!;
  const count = first < 0x80 ? 0 : first - 0x80;
  const length = count === 0 ? first : Buffer.from(bytes).readUIntBE(2, count);
  const start = 2 + count;
  return { tag: bytes[0]!, content: bytes.subarray(start, start + length), rest: bytes.subarray(start + length) };
}

/** Contents of the elements in a SEQUENCE. */
export function fieldsOf(bytes: Uint8Array): Uint8Array[] {
  const fields: Uint8Array[] = [];
  for (let { content: rest } = open(bytes); rest.length > 0; ) {
    const element = open(rest);
    fields.push(element.content);
    rest = element.rest;
  }
  return fields;
}

// --- requests: 4, 5, 7 ---------------------------------------------------------------------------------------------------------

export const ADMIN = fromHexText("00010029");
export const GET_XCP_INFO = fromHexText("00010026");

export function cprb(domain: number, payload: Uint8Array): Uint8Array {
  const zeros = (n: number) => new Uint8Array(n);
  return cat(fromHexText("0020 04 0000 80 5434 00000000"), u32(domain), zeros(12), u32(payload.length), payload);
}

export interface Block {
  readonly command: number;
  readonly adminDomain: Uint8Array;
  readonly moduleId: Uint8Array;
  readonly counter: Uint8Array;
  readonly input: Uint8Array;
}

export function adminBlock({ command, adminDomain, moduleId, counter, input }: Block): Uint8Array {
  return seq(octets(u32(command)), octets(adminDomain), octets(moduleId), octets(counter), octets(input));
}

export function adminRequest(domain: number, block: Uint8Array, signatures: Uint8Array): Uint8Array {
  return seq(octets(ADMIN), octets(u32(domain)), octets(block), octets(signatures));
}

export function infoRequest(domain: number, subType: number): Uint8Array {
  return seq(octets(GET_XCP_INFO), octets(u32(domain)), octets(u32(subType)), octets(u32(0)));
}

function integer(magnitude: Uint8Array): Uint8Array {
  let at = 0;
  while (at < magnitude.length - 1 && magnitude[at] === 0) at++;
  const significant = magnitude.subarray(at);
  return der(0x02, significant[0]! >= 0x80 ? Uint8Array.of(0) : new Uint8Array(0), significant);
}

/** SEQUENCE { r, s } of the 132 bytes r || s. */
export const ecdsaDer = (raw: Uint8Array): Uint8Array => seq(integer(raw.subarray(0, 66)), integer(raw.subarray(66)));

export const SHA512_ID = fromHexText("300d06096086480165030402030500");
export const ECDSA_ID = fromHexText("300c06082a8648ce3d0403040500");

/** A P-521 SignerInfo; `signature` is r || s or, for malformed ones, any content of the OCTET STRING. */
export function signerInfo(ski: Uint8Array, signature: Uint8Array, ids = cat(SHA512_ID, ECDSA_ID)): Uint8Array {
  const content = signature.length === 132 ? ecdsaDer(signature) : signature;
  return seq(fromHexText("020103"), der(0x80, ski), ids, octets(content));
}

/** An RSA-2048 SignerInfo. */
export function rsaSignerInfo(ski: Uint8Array, signature: Uint8Array): Uint8Array {
  return signerInfo(ski, signature, fromHexText("300d06096086480165030402010500 300d06092a864886f70d0101010500"));
}

// --- administrators, key transport: 10, 11, 12 ---------------------------------------------------------------------------------

/** P-521 SubjectPublicKeyInfo of 04 || X || Y. */
export const spki = (publicKey: Uint8Array): Uint8Array =>
  cat(fromHexText("30819b 3010 06072a8648ce3d0201 06052b81040023 03818600"), publicKey);

/** RSAPublicKey of a 256-byte modulus and exponent 65537, 270 bytes. */
export const rsaPublicKey = (modulus: Uint8Array): Uint8Array =>
  cat(fromHexText("3082010a 02820101 00"), modulus, fromHexText("0203010001"));

/** RSA SubjectPublicKeyInfo of an RSAPublicKey, 294 bytes. */
export const rsaSpki = (publicKey: Uint8Array): Uint8Array =>
  cat(fromHexText("30820122 300d06092a864886f70d0101010500 0382010f00"), publicKey);

const padded = (name: string): Uint8Array => ascii(name.padEnd(30));

const nameOf = (name: string): Uint8Array =>
  cat(
    fromHexText("3046 311b3019 0603 55040b 1312"),
    ascii("TKE Administration"),
    fromHexText("3127 3025 0603 550403 131e"),
    padded(name),
  );

/** An administrator certificate; the signature on it is not one, since nobody checks it. */
export function certificate(key: Uint8Array, ski: Uint8Array, name = "administrator"): Uint8Array {
  const tbs = seq(
    fromHexText("a003020102 020100 300a06082a8648ce3d040304"),
    nameOf(name),
    seq(der(0x18, ascii("20000101000000Z")), der(0x18, ascii("21001231235959Z"))),
    nameOf(name),
    key,
    fromHexText("a32d 302b 3029 0603551d0e 0422 0420"),
    ski,
  );
  return seq(tbs, fromHexText("300a06082a8648ce3d040304"), der(0x03, fromHexText("00 3006 020101 020101")));
}

export function kphCertificate(publicKey: Uint8Array): Uint8Array {
  return cat(new Uint8Array(36), fromHexText("4b010100 00 85 0209"), publicKey, new Uint8Array(132));
}

/** A parameter map's entry: tag, index, data. */
export type Entry = readonly [tag: number, index: number, data?: Uint8Array];

export function parameterMap(...entries: readonly Entry[]): Uint8Array {
  return seq(
    ...entries.map(([tag, index, data = new Uint8Array(0)]) =>
      octets(Uint8Array.of(tag >> 8, tag & 255), u32(index), data),
    ),
  );
}

export function readParameterMap(bytes: Uint8Array): Entry[] {
  return fieldsOf(bytes).map((entry) => {
    const view = Buffer.from(entry);
    return [view.readUInt16BE(0), view.readUInt32BE(2), entry.slice(6)] as const;
  });
}

export interface Part {
  readonly originator: Uint8Array;
  readonly ukm: Uint8Array;
  readonly ski: Uint8Array;
  readonly wrapped: Uint8Array;
}

export function recipientInfo({ originator, ukm, ski, wrapped }: Part): Uint8Array {
  return seq(
    fromHexText("020103"),
    fromHexText("a08198 a18195 308192 06072a8648ce3d0201 03818600"),
    originator,
    der(0xa1, octets(ukm)),
    fromHexText("3017 06062b8104010b01 300d06096086480165030401 2d0500"),
    seq(seq(der(0xa0, octets(ski)), octets(wrapped))),
  );
}

/** The four fields of a RecipientInfo by their offsets in 11.1. */
export function readRecipientInfo(bytes: Uint8Array): Part {
  return {
    originator: bytes.slice(29, 162),
    ukm: bytes.slice(166, 206),
    ski: bytes.slice(239, 271),
    wrapped: bytes.slice(273, 313),
  };
}

// --- answers: 5.3, 5.4 -----------------------------------------------------------------------------------------------------------

/** A signed answer, taken apart. */
export interface Answer {
  readonly block: Uint8Array;
  readonly signature: Uint8Array;
  readonly command: number;
  readonly adminDomain: Uint8Array;
  readonly moduleId: Uint8Array;
  readonly counter: Uint8Array;
  readonly returnCode: number;
  readonly output: Uint8Array;
  /** "return code/reason code", "return code" without one; "0" if all is well. */
  readonly code: string;
}

const number = (bytes: Uint8Array): number => Buffer.from(bytes).readUInt32BE(0);

/** Payload of a response CPRB whose codes are 0. */
export function payloadOf(response: Uint8Array): Uint8Array {
  const header = Buffer.from(response);
  if (header.readUInt32BE(16) !== 0)
    throw new Error(`CPRB codes ${header.readUInt16BE(16)}/${header.readUInt16BE(18)}`);
  if (header.readUInt32BE(28) !== response.length - 32) throw new Error("CPRB payload length");
  return response.subarray(32);
}

export function readAnswer(response: Uint8Array): Answer {
  const outer = fieldsOf(payloadOf(response));
  if (outer.length !== 5) throw new Error(`short answer: return code ${number(outer[2]!)}`);
  const [functionId, , outerCode, block, signatures] = outer as [
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
    Uint8Array,
  ];
  if (hexOf(functionId) !== "00010029" || number(outerCode) !== 0) throw new Error("outer answer");
  const [command, adminDomain, moduleId, counter, code, output] = fieldsOf(block) as Uint8Array[];
  const returnCode = number(code!);
  const reason = returnCode !== 0 && output!.length > 0 ? `/${number(output!)}` : "";
  return {
    block,
    signature: rawSignature(signatures),
    command: number(command!),
    adminDomain: adminDomain!,
    moduleId: moduleId!,
    counter: counter!,
    returnCode,
    output: output!,
    code: `${returnCode}${reason}`,
  };
}

/** r || s of the SignerInfo on an answer. */
function rawSignature(signerInfoDer: Uint8Array): Uint8Array {
  const pair = fieldsOf(fieldsOf(signerInfoDer)[4]!);
  return cat(...pair.map((value) => cat(new Uint8Array(66), value).slice(-66)));
}

/** Return code of a short answer, which has exactly three fields. */
export function shortCode(response: Uint8Array): number {
  const fields = fieldsOf(payloadOf(response));
  if (fields.length !== 3) throw new Error(`want 3 fields, got ${fields.length}`);
  return number(fields[2]!);
}
