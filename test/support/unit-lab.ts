// A module with units to try things on. Requests are made by hand (handmade.ts); states are set directly where a test is not about
// how to get there.

import type { Core, KeySlot } from "../../src/core/api.ts";
import { unitContext } from "../../src/unit/contexts.ts";
import { UnitHost, type UnitHostOptions } from "../../src/unit/host.ts";
import { createModule, createRoot, createUnit, type OaRoot } from "../../src/unit/module.ts";
import type { Administrator, Attributes, Change, ModuleState, UnitState, UnitStore } from "../../src/unit/state.ts";
import { testCore } from "./core.ts";
import {
  type Answer,
  adminBlock,
  adminRequest,
  ascii,
  cat,
  certificate,
  cprb,
  fieldsOf,
  infoRequest,
  payloadOf,
  readAnswer,
  recipientInfo,
  signerInfo,
  spki,
  u32,
} from "./handmade.ts";
import { type WatchedCore, watchCore } from "./watched-core.ts";

/** Command ids (ep11-wire.md 6). */
export const Id = {
  AddAdministrator: 0x02,
  RemoveAdministrator: 0x04,
  SetAttributes: 0x08,
  GenerateImporter: 0x09,
  GenerateRandom: 0x0a,
  Export: 0x0b,
  Import: 0x0c,
  Commit: 0x0d,
  Finalize: 0x0e,
  Zeroize: 0x10,
  SetControlPoints: 0x11,
  AddControlPoints: 0x12,
  DeleteControlPoints: 0x13,
  ClearCurrent: 0x1b,
  ClearPending: 0x1c,
  ExportNext: 0x26,
  QueryAdministrators: 0x10002,
  QueryDeviceCertificate: 0x10003,
  QueryControlPoints: 0x10006,
  QueryAttributes: 0x1000a,
} as const;

/** An administrator and the key to sign with. */
export interface Admin extends Administrator {
  readonly key: KeySlot;
}

/** A store of plain maps, which can be made to fail. */
export class TestStore implements UnitStore {
  readonly units = new Map<string, UnitState>();
  readonly modules = new Map<string, ModuleState>();
  /** Everything committed, one entry for each commit. */
  readonly commits: (readonly Change[])[] = [];
  /** What the next commits throw. */
  failure: Error | null = null;

  unit(id: string): UnitState | undefined {
    return this.units.get(id);
  }

  module(serial: string): ModuleState | undefined {
    return this.modules.get(serial);
  }

  commit(changes: readonly Change[]): void {
    if (this.failure !== null) throw this.failure;
    for (const { previous } of changes) {
      if (this.units.get(previous.id) !== previous) throw new Error(`stale change of ${previous.id}`);
    }
    if (new Set(changes.map(({ next }) => next.id)).size < changes.length) throw new Error("a unit changes twice");
    for (const { next } of changes) this.units.set(next.id, next);
    this.commits.push(changes);
  }
}

/** What a request has instead of what would be right. */
export interface Wrong {
  /** Signers of the block. */
  readonly signers?: readonly Admin[];
  /** The signatures field. */
  readonly signatures?: Uint8Array;
  readonly adminDomain?: Uint8Array;
  readonly moduleId?: Uint8Array;
  readonly counter?: Uint8Array;
  /** The counter is the unit's and so much, 1 unless told otherwise. */
  readonly ahead?: number;
}

/** What a unit is to have. */
export interface Secrets {
  readonly current?: boolean;
  readonly next?: "uncommitted" | "committed";
  readonly importer?: boolean;
}

export class Lab {
  readonly watched: WatchedCore;
  readonly core: Core;
  readonly store = new TestStore();
  readonly root: OaRoot;
  readonly module: ModuleState;
  readonly admins: readonly Admin[];
  readonly #options: UnitHostOptions;
  host: UnitHost;
  #units = 0;

  constructor(core: Core, options: UnitHostOptions = {}) {
    this.watched = watchCore(core);
    this.core = this.watched.core;
    this.core.setStorageKey((view) => view.fill(0x5a));
    this.root = createRoot(this.core);
    this.module = this.addModule("93AABD1X");
    this.admins = this.core.keyGenerate(10).map(({ slot, publicKey }, i) => {
      const ski = this.core.sha256(publicKey);
      return { key: slot, publicKey, ski, certificate: certificate(spki(publicKey), ski, `administrator ${i}`) };
    });
    this.#options = options;
    this.host = new UnitHost(this.core, this.store, options);
  }

  static async open(options?: UnitHostOptions): Promise<Lab> {
    return new Lab(await testCore(), options);
  }

  /** A host with nothing open in the card. */
  reopen(): void {
    this.host.close();
    this.host = new UnitHost(this.core, this.store, this.#options);
  }

  addModule(serial: string, instance = ascii("INSTANCE")): ModuleState {
    const module = createModule(this.core, this.root, { serial, instance });
    this.store.modules.set(serial, module);
    return module;
  }

  /** A pristine unit; its id. */
  pristine(options: { readonly serial?: string; readonly old?: boolean; readonly domain?: number } = {}): string {
    const n = this.#units++;
    const { serial = this.module.serial, old = false, domain = n % 256 } = options;
    const id = `unit-${n}`;
    this.store.units.set(id, createUnit({ id, serial, domain, counterSeed: u32(0x01020304, n), old }));
    return id;
  }

  /** A unit out of imprint mode: administrators 0 to 2, thresholds 2 and 1, all WK permissions. */
  operational(attributes: Partial<Attributes> = {}, administrators = 3): string {
    const id = this.pristine();
    this.set(id, {
      administrators: this.admins.slice(0, administrators).map(({ key: _, ...administrator }) => administrator),
      attributes: { ...OPERATIONAL, ...attributes },
    });
    return id;
  }

  state(id: string): UnitState {
    return this.store.units.get(id)!;
  }

  /** Changes public state that no seal is bound to. */
  set(id: string, change: Partial<UnitState>): void {
    this.store.units.set(id, { ...this.state(id), ...change });
  }

  permissions(id: string, permissions: number): void {
    this.set(id, { attributes: { ...this.state(id).attributes, permissions } });
  }

  /** Gives a unit random keys and an importer key, sealed for it. */
  fill(id: string, { current = false, next, importer = false }: Secrets): void {
    const slot = this.core.unitAlloc();
    if (current || next) this.core.wkGenerate(slot);
    if (next) this.core.wkGenerate(slot);
    if (!current) this.core.wkClearCurrent(slot);
    if (next === "committed") this.core.wkCommit(slot, this.core.registers(slot).next!.pattern);
    const [publicKey] = importer ? this.core.importerGenerate([slot]) : [];
    const registers = this.core.registers(slot);
    const state = {
      ...this.state(id),
      registers,
      importer: publicKey ? { type: 3, publicKey, sealedKey: null } : null,
    };
    const [sealed] = this.core.unitSeal([{ slot, context: unitContext(state) }]);
    this.core.unitFree(slot);
    this.store.units.set(id, { ...state, sealed: sealed! });
  }

  /** RecipientInfos for a unit's importer key: the whole of one random key for each, and the key's pattern. */
  parts(id: string, count = 1, split = false): { readonly infos: Uint8Array[]; readonly pattern: Uint8Array } {
    const { publicKey } = this.state(id).importer!;
    const slot = this.core.unitAlloc();
    this.core.wkGenerate(slot);
    const pattern = this.core.registers(slot).current!;
    const recipients = Array.from({ length: count }, () => publicKey);
    const [result] = this.core.wkExport([{ slot, register: "current", recipients, split }]);
    this.core.unitFree(slot);
    if (result?.status !== 0) throw new Error("export failed");
    const ski = this.core.sha256(publicKey);
    return { infos: result.parts.map((part) => recipientInfo({ ...part, ski })), pattern };
  }

  /** Administrators 0 to n - 1. */
  signers(n: number): readonly Admin[] {
    return this.admins.slice(0, n);
  }

  // --- requests ---------------------------------------------------------------------------------------------------------------

  adminDomain(id: string): Uint8Array {
    const { domain, domainInstance } = this.state(id);
    return u32(domain, domainInstance);
  }

  moduleId(id: string): Uint8Array {
    const { serial, instance } = this.store.modules.get(this.state(id).serial)!;
    return cat(ascii(serial), instance);
  }

  /** The unit's counter and `ahead`. */
  counter(id: string, ahead = 1): Uint8Array {
    return counterPlus(this.state(id).counter, ahead);
  }

  /** The block of a command, right but for what is wrong on purpose. */
  block(id: string, command: number, input: Uint8Array, wrong: Wrong = {}): Uint8Array {
    return adminBlock({
      command,
      adminDomain: wrong.adminDomain ?? this.adminDomain(id),
      moduleId: wrong.moduleId ?? this.moduleId(id),
      counter: wrong.counter ?? this.counter(id, wrong.ahead),
      input,
    });
  }

  sign(message: Uint8Array, signers: readonly Admin[]): Uint8Array {
    const signatures = this.core.sign(signers.map(({ key }) => ({ key, message })));
    return cat(...signers.map(({ ski }, i) => signerInfo(ski, signatures[i]!)));
  }

  /** A command's CPRB. */
  command(id: string, command: number, input: Uint8Array, wrong: Wrong = {}): Uint8Array {
    const block = this.block(id, command, input, wrong);
    const { domain } = this.state(id);
    return cprb(domain, adminRequest(domain, block, wrong.signatures ?? this.sign(block, wrong.signers ?? [])));
  }

  /** The CPRB of a query, with the empty fields that clients send. */
  query(id: string, command: number, input: Uint8Array = NOTHING, adminDomain?: Uint8Array): Uint8Array {
    const { domain } = this.state(id);
    const own = adminDomain ?? u32(domain, 0);
    const block = adminBlock({ command, adminDomain: own, moduleId: NOTHING, counter: NOTHING, input });
    return cprb(domain, adminRequest(domain, block, NOTHING));
  }

  /** An import's CPRB: each part signed by its signer. */
  import(
    id: string,
    parts: readonly { readonly info: Uint8Array; readonly signers: readonly Admin[] }[],
    wrong: Wrong = {},
  ): Uint8Array {
    const { domain } = this.state(id);
    const inner = parts.map(({ info, signers }) => {
      const block = this.block(id, Id.Import, info, wrong);
      return adminRequest(domain, block, this.sign(block, signers));
    });
    return this.command(id, Id.Import, cat(...inner), { signatures: NOTHING, ...wrong });
  }

  // --- answers ----------------------------------------------------------------------------------------------------------------

  /** Delivers a request and takes the answer apart, its OA signature verified. */
  send(id: string, request: Uint8Array): Answer {
    return this.read(id, this.host.handle(id, request));
  }

  read(id: string, response: Uint8Array): Answer {
    const answer = readAnswer(response);
    const { oaPublicKey: publicKey } = this.store.modules.get(this.state(id).serial)!;
    const { block: message, signature } = answer;
    if (!this.core.verify([{ publicKey, message, signature }])[0]) throw new Error("OA signature does not verify");
    return answer;
  }

  /** Runs a command signed by these administrators; the answer. */
  run(id: string, command: number, input: Uint8Array, signers: readonly Admin[] = []): Answer {
    return this.send(id, this.command(id, command, input, { signers }));
  }

  /** Asks for something; the answer. */
  ask(id: string, command: number, input: Uint8Array = NOTHING): Answer {
    return this.send(id, this.query(id, command, input));
  }

  /** The payload of a get_xcp_info. */
  info(id: string, subType: number): Uint8Array {
    const { domain } = this.state(id);
    return fieldsOf(payloadOf(this.host.handle(id, cprb(domain, infoRequest(domain, subType)))))[3]!;
  }
}

export const NOTHING = new Uint8Array(0);

/** Every permission and every change-control bit of a domain. */
export const ALL_PERMISSIONS = 0x81ff207f;

export const OPERATIONAL: Attributes = {
  signatureThreshold: 2,
  revocationThreshold: 1,
  permissions: 0x81ff201f,
  operationalMode: 1,
  standardsCompliance: 1,
};

export function counterPlus(counter: Uint8Array, n: number): Uint8Array {
  const value = (BigInt(`0x${Buffer.from(counter).toString("hex")}`) + BigInt(n)) % (1n << 128n);
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(32, "0"), "hex"));
}

/** Pairs of index and value. */
export const attributePairs = (...pairs: readonly (readonly [number, number])[]): Uint8Array =>
  u32(...pairs.flatMap(([index, value]) => [index, value >>> 0]));
