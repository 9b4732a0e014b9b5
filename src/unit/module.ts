// New hardware: the simulator's root, modules with their OA keys and certificate chains, and pristine units (ep11-wire.md 9;
// unit-behaviour.md 1, 2). Certificate signing keys exist in the card alone, and only while they sign.

import { concat, EMPTY } from "../bytes.ts";
import type { Core, KeyPair, KeySlot } from "../core/api.ts";
import { COUNTER_SIZE } from "../wire/counter.ts";
import { attachOaSignature, encodeOaBody, type OaAuxiliary } from "../wire/oa-certificate.ts";
import { OLD_ATTRIBUTES } from "./attributes.ts";
import { MAX_UNIT_ID, oaKeyContext, oaRootContext } from "./contexts.ts";
import { OLD_CONTROL_POINTS } from "./control-points.ts";
import { timestamp } from "./info.ts";
import { oaSki } from "./oa-keys.ts";
import { PRISTINE } from "./pristine.ts";
import type { ModuleState, UnitState } from "./state.ts";

const text = new TextEncoder();

// --- root --------------------------------------------------------------------------------------------------------------------

/** The key that the chains of all modules end in; clients pin it. */
export interface OaRoot {
  readonly key: KeySlot;
  /** 133 bytes. */
  readonly publicKey: Uint8Array;
  /** 32 bytes. */
  readonly ski: Uint8Array;
}

/** A root with a fresh key. Free it with `core.keyFree(root.key)` when no more modules are to be made. */
export function createRoot(core: Core): OaRoot {
  return rootOf(core, core.keyGenerate(1)[0]!);
}

/** The root's key sealed by the card, for {@link openRoot}. */
export function sealRoot(core: Core, root: OaRoot): Uint8Array {
  return core.keySeal(root.key, oaRootContext());
}

/** A sealed root; null if the seal does not open. */
export function openRoot(core: Core, sealed: Uint8Array): OaRoot | null {
  const key = core.keyUnseal(sealed, oaRootContext());
  return key && rootOf(core, key);
}

/** Named where modules have their serial numbers. */
const ROOT_NAME = "OPENTKE ROOT";

/** The root's certificate, signed with its own key: for clients that pin one. No module sends it. */
export function rootCertificate(core: Core, root: OaRoot): Uint8Array {
  return certify(core, { serial: ROOT_NAME, time: SIGNING_TIME, subject: root, issuer: root, oaInfo: EMPTY });
}

function rootOf(core: Core, { slot, publicKey }: KeyPair): OaRoot {
  return { key: slot, publicKey, ski: oaSki(core, publicKey) };
}

// --- modules -----------------------------------------------------------------------------------------------------------------

export interface ModuleOptions {
  /** 8 printable ASCII characters. */
  readonly serial: string;
  /** 8 bytes; another one if a module is made anew under its serial number. */
  readonly instance: Uint8Array;
  /** Certificates in the OA chain: 2 has the epoch key signed by a module key and that by the root; 1 leaves the module key out. */
  readonly depth?: 1 | 2;
  /** When the certificates are signed; by default the beginning of 2026, so that a module depends on nothing but its keys. */
  readonly time?: Date;
}

const SIGNING_TIME = new Date("2026-01-01T00:00:00Z");

/** Bytes of OA info in certificates made by segment 3. */
const EPOCH_INFO_SIZE = 80;

/** A module with a fresh OA key and its certificates. @throws RangeError for a malformed serial number or instance. */
export function createModule(core: Core, root: OaRoot, options: ModuleOptions): ModuleState {
  const { serial, instance, depth = 2, time = SIGNING_TIME } = options;
  if (!/^[\x21-\x7e]{8}$/.test(serial)) throw new RangeError(`serial number: want 8 ASCII characters, got '${serial}'`);
  if (instance.length !== 8) throw new RangeError(`module instance: want 8 bytes, got ${instance.length}`);
  const keys = core.keyGenerate(depth);
  try {
    const [oa, module] = keys.map((key) => rootOf(core, key));
    const issuer = module ?? root;
    const epoch = certify(core, { serial, time, subject: oa!, issuer, oaInfo: new Uint8Array(EPOCH_INFO_SIZE) });
    const chain = module
      ? [epoch, certify(core, { serial, time, subject: module, issuer: root, oaInfo: EMPTY })]
      : [epoch];
    return {
      serial,
      instance: instance.slice(),
      sealedOaKey: core.keySeal(oa!.key, oaKeyContext(serial)),
      oaPublicKey: oa!.publicKey,
      certificates: chain,
    };
  } finally {
    for (const { slot } of keys) core.keyFree(slot);
  }
}

interface Certification {
  readonly serial: string;
  readonly time: Date;
  readonly subject: OaRoot;
  readonly issuer: OaRoot;
  readonly oaInfo: Uint8Array;
}

/** Segment that made a certificate, or whose key it is: 1 is the boot loader, 3 the application. */
const Segment = { Boot: 1, Application: 3 } as const;

const AUXILIARY: OaAuxiliary = { version: 1, segmentHash: new Uint8Array(64), owner2: 2, owner3: 6 };

function certify(core: Core, { serial, time, subject, issuer, oaInfo }: Certification): Uint8Array {
  const epoch = oaInfo.length > 0;
  const body = encodeOaBody({
    algorithmId: 1,
    objectVersion: 2,
    rootCa: subject === issuer ? 1 : 0,
    trustBits: 0x80,
    issuingSegment: epoch ? Segment.Application : Segment.Boot,
    subjectSegment: epoch ? Segment.Application : Segment.Boot,
    adapterType: text.encode("4769-001"),
    adapterId: text.encode(serial.padEnd(12)),
    sourceConfiguration: new Uint8Array(32),
    creationBoot: 1,
    keyKind: epoch ? 2 : 1,
    subjectSki: subject.ski,
    signerSki: issuer.ski,
    signingTime: text.encode(`${timestamp(time)}Z `),
    oaInfo,
    auxiliary: epoch ? AUXILIARY : undefined,
    publicKey: subject.publicKey,
  });
  const [signature] = core.sign([{ key: issuer.key, message: body }]);
  return attachOaSignature(body, issuer.ski, signature!);
}

// --- units -------------------------------------------------------------------------------------------------------------------

export interface UnitOptions {
  /** hsm_id; at most 256 bytes of UTF-8. */
  readonly id: string;
  /** Serial number of the module. */
  readonly serial: string;
  /** Domain index, 0..255. */
  readonly domain: number;
  /** Low 64 bits of the first transaction counter, 8 bytes, from a random source. */
  readonly counterSeed: Uint8Array;
  /** A unit of earlier firmware: without the do-not-disturb bits, new features off (unit-behaviour.md 3.1, 9). */
  readonly old?: boolean;
}

/** A unit in imprint mode, as it leaves the factory. @throws RangeError for a malformed option. */
export function createUnit({ id, serial, domain, counterSeed, old = false }: UnitOptions): UnitState {
  const size = text.encode(id).length;
  if (size === 0 || size > MAX_UNIT_ID) throw new RangeError(`unit id: want 1 to ${MAX_UNIT_ID} bytes, got ${size}`);
  if (!Number.isInteger(domain) || domain < 0 || domain > 255)
    throw new RangeError(`domain: want 0 to 255, got ${domain}`);
  if (counterSeed.length !== 8) throw new RangeError(`counter seed: want 8 bytes, got ${counterSeed.length}`);
  return {
    ...PRISTINE,
    ...(old ? { attributes: OLD_ATTRIBUTES, controlPoints: OLD_CONTROL_POINTS } : {}),
    id,
    serial,
    domain,
    domainInstance: 1,
    counter: concat(new Uint8Array(COUNTER_SIZE - counterSeed.length), counterSeed),
  };
}
