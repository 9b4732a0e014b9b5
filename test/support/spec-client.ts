// A client written from the specification alone: its HTTP and HTP text here, its DER in handmade.ts, its cryptography from
// node:crypto. Nothing of the project's own code, so that a misreading which unit and client share cannot hide. Sections are those
// of ep11-wire.md.

import {
  createCipheriv,
  createECDH,
  createHash,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from "node:crypto";
import {
  type Answer,
  adminBlock,
  adminRequest,
  cat,
  certificate,
  cprb,
  fieldsOf,
  fromHexText,
  hexOf,
  infoRequest,
  kphCertificate,
  parameterMap,
  payloadOf,
  readAnswer,
  readParameterMap,
  recipientInfo,
  signerInfo,
  spki,
  u32,
} from "./handmade.ts";

const NOTHING = new Uint8Array(0);

/** Command ids (6). */
const Command = {
  AddAdministrator: 0x02,
  SetAttributes: 0x08,
  GenerateImporter: 0x09,
  GenerateRandom: 0x0a,
  Export: 0x0b,
  Import: 0x0c,
  Commit: 0x0d,
  Finalize: 0x0e,
  Zeroize: 0x10,
  QueryAdministrators: 0x10002,
  QueryDeviceCertificate: 0x10003,
  QueryAttributes: 0x1000a,
} as const;

const sha256 = (...parts: readonly Uint8Array[]): Uint8Array =>
  Uint8Array.from(
    createHash("sha256")
      .update(cat(...parts))
      .digest(),
  );

/** The public key 04 || X || Y as node:crypto wants it. */
const publicKeyOf = (point: Uint8Array): KeyObject =>
  createPublicKey({ key: Buffer.from(spki(point)), format: "der", type: "spki" });

const verifies = (point: Uint8Array, message: Uint8Array, raw: Uint8Array): boolean =>
  verify("sha512", message, { key: publicKeyOf(point), dsaEncoding: "ieee-p1363" }, raw);

/** An administrator's key pair, in PEM-less JavaScript. */
export class SpecAdministrator {
  readonly point: Uint8Array;
  /** SHA-256 of 04 || X || Y (7). */
  readonly ski: Uint8Array;
  readonly certificate: Uint8Array;
  readonly #key: KeyObject;

  constructor(name: string) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "secp521r1" });
    this.#key = privateKey;
    this.point = Uint8Array.from(publicKey.export({ format: "der", type: "spki" }).subarray(-133));
    this.ski = sha256(this.point);
    this.certificate = certificate(spki(this.point), this.ski, name);
  }

  /** A SignerInfo (7). */
  sign(message: Uint8Array): Uint8Array {
    return signerInfo(this.ski, sign("sha512", message, { key: this.#key, dsaEncoding: "ieee-p1363" }));
  }
}

/** A unit as GET /hsms lists it (1.3). */
export interface SpecUnit {
  readonly instance: string;
  readonly id: string;
  readonly type: "operational" | "recovery" | "failover";
  readonly serial: string;
  readonly module: number;
  readonly domain: number;
}

interface ListedUnit {
  readonly hsm_id: string;
  readonly location: string;
  readonly serial_number: string;
}

/** What a unit's master key registers hold (5.6). */
export interface SpecRegisters {
  readonly current: string | null;
  readonly next: string | null;
  readonly committed: boolean;
  readonly imprint: boolean;
}

export class SpecClient {
  readonly #url: string;
  readonly #token: string | undefined;
  /** Where certificate chains end: 04 || X || Y. */
  readonly #root: Uint8Array;
  /** Serial number -> OA public key. */
  readonly #oaKeys = new Map<string, Uint8Array>();

  constructor(url: string, root: Uint8Array, token?: string) {
    this.#url = url;
    this.#root = root;
    this.#token = token;
  }

  // --- 1 to 4: HTTP, HTP text, CPRB --------------------------------------------------------------------------------------------

  async list(instance: string): Promise<SpecUnit[]> {
    const body = (await this.#http("GET", `/v1/tke/${instance}/hsms`)) as Record<string, ListedUnit[] | null>;
    const arrays = [
      ["hsms", "operational"],
      ["source_hsms", "recovery"],
      ["failover_hsms", "failover"],
    ] as const;
    return arrays.flatMap(([name, type]) =>
      (body[name] ?? []).map(({ hsm_id: id, location, serial_number: serial }) => {
        const indexes = location.split(".").slice(2);
        const [module, domain] = indexes.map((part) => Number.parseInt(part.slice(1, -1), 10)) as [number, number];
        return { instance, id, type, serial, module, domain };
      }),
    );
  }

  async #http(method: string, path: string, body?: string): Promise<unknown> {
    const headers: Record<string, string> = { accept: "application/json", "content-type": "application/json" };
    if (this.#token !== undefined) headers["authorization"] = this.#token;
    const response = await fetch(this.#url + path, { method, headers, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    if (!response.ok) throw new Error(`${response.status} ${text}`);
    return JSON.parse(text);
  }

  /** The CPRB that a unit answers to a payload. */
  async #exchange(unit: SpecUnit, payload: Uint8Array): Promise<Uint8Array> {
    const rest = `;PCI request;XPNUM   ;${unit.module};        ;${hexOf(cprb(unit.domain, payload)).toUpperCase()}`;
    const members = await this.#http(
      "POST",
      `/v1/tke/${unit.instance}/hsms/${unit.id}`,
      `{"request":"${rest.length}${rest}"}`,
    );
    const { response } = members as Record<string, string>;
    const [, info, hex] = response!.split(";");
    if (info === undefined || info.length < 156) throw new Error("no error information");
    if (info.slice(0, 2) !== "00") throw new Error(`catcher: ${info}`);
    return fromHexText(hex!);
  }

  // --- 5: queries and commands -------------------------------------------------------------------------------------------------

  /** A verified answer whose return code is 0. */
  #accept(unit: SpecUnit, answer: Answer, oaKey: Uint8Array): Answer {
    if (!verifies(oaKey, answer.block, answer.signature)) throw new Error("OA signature");
    if (Buffer.from(answer.moduleId).toString("latin1", 0, 8) !== unit.serial) throw new Error("serial number");
    if (answer.code !== "0") throw new Error(`unit: ${answer.code}`);
    return answer;
  }

  async #query(unit: SpecUnit, command: number, input: Uint8Array, adminDomain: Uint8Array): Promise<Answer> {
    const block = adminBlock({ command, adminDomain, moduleId: NOTHING, counter: NOTHING, input });
    return readAnswer(await this.#exchange(unit, adminRequest(unit.domain, block, NOTHING)));
  }

  async query(unit: SpecUnit, command: number, input: Uint8Array = NOTHING): Promise<Answer> {
    return this.#accept(unit, await this.#query(unit, command, input, u32(unit.domain, 0)), await this.#oaKey(unit));
  }

  /** Reads the unit's values, signs, sends (5.5). In: blocks' inputs; with parts, each is a signed request of its own (10.13). */
  async command(
    unit: SpecUnit,
    command: number,
    input: Uint8Array,
    signers: readonly SpecAdministrator[] = [],
    parts: readonly Uint8Array[] = [],
  ): Promise<Uint8Array> {
    const { adminDomain, moduleId, counter } = await this.query(unit, Command.QueryAttributes);
    const next = (BigInt(`0x${hexOf(counter)}`) + 1n).toString(16).padStart(32, "0");
    const values = { command, adminDomain, moduleId, counter: fromHexText(next) };
    const signed = (bytes: Uint8Array) => {
      const block = adminBlock({ ...values, input: bytes });
      return adminRequest(unit.domain, block, cat(...signers.map((signer) => signer.sign(block))));
    };
    const request =
      parts.length === 0
        ? signed(input)
        : adminRequest(unit.domain, adminBlock({ ...values, input: cat(...parts.map(signed)) }), NOTHING);
    const answer = readAnswer(await this.#exchange(unit, request));
    return this.#accept(unit, answer, await this.#oaKey(unit)).output;
  }

  async registers(unit: SpecUnit): Promise<SpecRegisters> {
    const response = fieldsOf(payloadOf(await this.#exchange(unit, infoRequest(unit.domain, 3))));
    const info = Buffer.from(response[3]!);
    const flags = info[71]!;
    return {
      current: flags & 2 ? info.toString("hex", 4, 36) : null,
      next: flags & 4 ? info.toString("hex", 36, 68) : null,
      committed: (flags & 8) !== 0,
      imprint: (flags & 16) === 0,
    };
  }

  // --- 9: the module's key -----------------------------------------------------------------------------------------------------

  /** The OA key of the unit's module, its chain verified up to the root. */
  async #oaKey(unit: SpecUnit): Promise<Uint8Array> {
    const known = this.#oaKeys.get(unit.serial);
    if (known) return known;
    const ask = (input: Uint8Array) => this.#query(unit, Command.QueryDeviceCertificate, input, new Uint8Array(8));
    const count = Buffer.from((await ask(NOTHING)).output).readUInt32BE(0);
    const answers = await Promise.all(Array.from({ length: count }, (_, index) => ask(u32(index))));
    const chain = answers.map(({ output }) => readOaCertificate(output));
    const beyond = await ask(u32(count));
    if (beyond.code !== "96/60") throw new Error(`past the last certificate: ${beyond.code}`);
    for (const [at, { signed, signature, signerSki }] of chain.entries()) {
      const parent = chain[at + 1];
      const point = parent?.point ?? this.#root;
      if (signerSki !== (parent?.ski ?? oaSki(this.#root))) throw new Error(`signer of certificate ${at}`);
      if (!verifies(point, signed, signature)) throw new Error(`signature of certificate ${at}`);
    }
    const { point } = chain[0]!;
    for (const answer of answers) this.#accept(unit, answer, point);
    this.#oaKeys.set(unit.serial, point);
    return point;
  }

  // --- what an operator does ---------------------------------------------------------------------------------------------------

  /** Administrators and thresholds; permissions as unit-behaviour.md 10 has them. */
  async initialise(unit: SpecUnit, administrators: readonly SpecAdministrator[], threshold: number): Promise<void> {
    await this.command(unit, Command.Zeroize, NOTHING);
    for (const { certificate } of administrators) await this.command(unit, Command.AddAdministrator, certificate);
    const { output } = await this.query(unit, Command.QueryAttributes);
    const read = new Map(
      Array.from({ length: output.length / 8 }, (_, at) => {
        const view = Buffer.from(output);
        return [view.readUInt32BE(8 * at), view.readUInt32BE(8 * at + 4)] as const;
      }),
    );
    if (read.get(3) !== 0x81ff0011) throw new Error(`permissions: ${read.get(3)?.toString(16)}`);
    const permissions = unit.type === "recovery" ? 0x01ff205f : 0x01ff2055;
    const attributes = u32(1, threshold, 2, threshold, 3, permissions, 4, read.get(4)!);
    await this.command(unit, Command.SetAttributes, attributes, administrators.slice(0, threshold));
    const skis = (await this.query(unit, Command.QueryAdministrators)).output;
    if (hexOf(skis) !== administrators.map(({ ski }) => hexOf(ski)).join("")) throw new Error("administrators");
  }

  /** A new key in the current register; its verification pattern. */
  async generate(unit: SpecUnit, signers: readonly SpecAdministrator[]): Promise<string> {
    return hexOf(await this.command(unit, Command.GenerateRandom, NOTHING, signers.slice(0, 1)));
  }

  /** The master key of one unit into another: importer key, export, import, commit, finalize. */
  async transfer(source: SpecUnit, target: SpecUnit, signers: readonly SpecAdministrator[]): Promise<void> {
    const importer = (await this.#importer(target, signers)).point;
    const map = parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(importer)], [0x1f, 0x0c]);
    const exported = readParameterMap(await this.command(source, Command.Export, map, signers));
    const part = exported.find(([tag, index]) => tag === 0x19 && index === 0)?.[2];
    if (part?.length !== 313) throw new Error("key part 0");
    await this.#install(target, signers, [part]);
  }

  /** A master key of the operator's own, in parts (11); its verification pattern. */
  async load(unit: SpecUnit, parts: readonly Uint8Array[], signers: readonly SpecAdministrator[]): Promise<string> {
    const importer = await this.#importer(unit, signers);
    await this.#install(
      unit,
      signers,
      parts.map((part) => wrapped(part, importer.point)),
    );
    const key = parts.reduce((sum, part) => sum.map((byte, at) => byte ^ part[at]!));
    return patternOf(key);
  }

  async zeroize(unit: SpecUnit, signers: readonly SpecAdministrator[]): Promise<void> {
    await this.command(unit, Command.Zeroize, NOTHING, signers.slice(0, 1));
  }

  async #importer(unit: SpecUnit, signers: readonly SpecAdministrator[]): Promise<{ readonly point: Uint8Array }> {
    const key = await this.command(unit, Command.GenerateImporter, u32(3), signers.slice(0, 1));
    if (key.length !== 158 || hexOf(spki(key.slice(-133))) !== hexOf(key)) throw new Error("importer key");
    return { point: key.slice(-133) };
  }

  async #install(unit: SpecUnit, signers: readonly SpecAdministrator[], parts: readonly Uint8Array[]): Promise<void> {
    await this.command(unit, Command.Import, NOTHING, signers.slice(0, 1), parts);
    const { next, committed } = await this.registers(unit);
    if (next === null || committed) throw new Error("want Full Uncommitted");
    await this.command(unit, Command.Commit, fromHexText(next), signers);
    await this.command(unit, Command.Finalize, fromHexText(next), signers.slice(0, 1));
  }
}

/** The first 32 bytes of SHA-512 of 04 || X || Y (9.3). */
const oaSki = (point: Uint8Array): string => createHash("sha512").update(point).digest("hex").slice(0, 64);

/** A certificate by the offsets of 9.2. */
function readOaCertificate(bytes: Uint8Array) {
  const view = Buffer.from(bytes);
  if (view[0] !== 0x45 || view.readUInt32BE(4) !== bytes.length) throw new Error("OA certificate header");
  const [info, metadata, auxiliary, key] = [8, 12, 16, 20].map((at) => view.readUInt32BE(at)) as [
    number,
    number,
    number,
    number,
  ];
  const metadataAt = 32 + info + 4;
  const keyAt = metadataAt + metadata + 3 + (auxiliary > 0 ? auxiliary + 5 : 0);
  const signerAt = keyAt + key + 2;
  const point = bytes.slice(keyAt + 25, keyAt + 158);
  const ski = view.toString("hex", metadataAt + 87, metadataAt + 119);
  if (ski !== oaSki(point)) throw new Error("subject SKI");
  return {
    point,
    ski,
    signerSki: view.toString("hex", metadataAt + 121, metadataAt + 153),
    signed: bytes.slice(0, signerAt),
    signature: cat(bytes.slice(signerAt + 73, signerAt + 139), bytes.slice(signerAt + 141, signerAt + 207)),
  };
}

/** SHA-256 of 01 || key, its last 4 bytes 0 (unit-behaviour.md 6.2). */
export function patternOf(key: Uint8Array): string {
  return `${hexOf(sha256(Uint8Array.of(1), key)).slice(0, 56)}00000000`;
}

/** A key part for an importer key (11.1, 11.2): ECDH, X9.63 with SHA-256, AES key wrap. */
function wrapped(part: Uint8Array, importer: Uint8Array): Uint8Array {
  const ephemeral = createECDH("secp521r1");
  const originator = Uint8Array.from(ephemeral.generateKeys());
  const z = diffieHellman({
    privateKey: privateKeyOf(ephemeral.getPrivateKey(), originator),
    publicKey: publicKeyOf(importer),
  });
  const ukm = Uint8Array.from(randomBytes(40));
  const sharedInfo = cat(
    fromHexText("3043 300d060960864801650304012d0500 a02a0428"),
    ukm,
    fromHexText("a206040400000100"),
  );
  const kek = sha256(cat(new Uint8Array(66), Uint8Array.from(z)).slice(-66), u32(1), sharedInfo);
  const cipher = createCipheriv("id-aes256-wrap", kek, Buffer.alloc(8, 0xa6));
  // The importer's identifier as workstations write it: of X || Y (11.3).
  const ski = sha256(importer.slice(1));
  return recipientInfo({ originator, ukm, ski, wrapped: Uint8Array.from(cipher.update(part)) });
}

function privateKeyOf(scalar: Buffer, point: Uint8Array): KeyObject {
  const part = (bytes: Uint8Array) => Buffer.from(bytes).toString("base64url");
  const d = Buffer.concat([Buffer.alloc(66), scalar]).subarray(-66);
  const [x, y] = [part(point.slice(1, 67)), part(point.slice(67))];
  return createPrivateKey({ key: { kty: "EC", crv: "P-521", d: part(d), x, y }, format: "jwk" });
}
