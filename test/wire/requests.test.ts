// Requests as IBM's client sends them, both directions, layer by layer.
import { describe, expect, it } from "vitest";
import { concat, toHex } from "../../src/bytes.ts";
import type { Command } from "../../src/commands/command.ts";
import { decodeImportParts } from "../../src/commands/import-parts.ts";
import { encodeImportBlock } from "../../src/commands/import-wk.ts";
import { commandFor } from "../../src/commands/registry.ts";
import {
  decodeAdminBlock,
  decodeAdminRequest,
  decodeEnvelope,
  encodeAdminBlock,
  encodeAdminRequest,
  encodeEnvelope,
  encodeXcpInfoRequest,
  xcpInfoRequestOf,
} from "../../src/wire/admin.ts";
import { incrementCounter } from "../../src/wire/counter.ts";
import { decodeCprbRequest, encodeCprbRequest } from "../../src/wire/cprb.ts";
import { encodeEcdsaSignature } from "../../src/wire/ecdsa-signature.ts";
import { decodeHtpRequest, encodeHtpRequest } from "../../src/wire/htp.ts";
import { decodeSignerInfos, encodeSignerInfo, encodeSignerInfos, type SignerInfo } from "../../src/wire/signer-info.ts";
import { p521Verify } from "../support/p521-verify.ts";
import { x931Verify } from "../support/rsa-x931.ts";
import { hex, readVectors } from "../support/vectors.ts";

interface Signer {
  readonly type: "p521ec" | "rsa2048";
  readonly ski: string;
  readonly privateKey: { readonly x: string; readonly y: string; readonly n: string };
  readonly r: string;
  readonly s: string;
  readonly signature: string;
  readonly signerInfoDer: string;
}

interface Signed {
  readonly adminBlkDer: string;
  readonly signedBytes: string;
  readonly signers: readonly Signer[];
  readonly signerInfoDer: string;
  readonly requestDer: string;
  readonly commandInput: string;
}

interface Message extends Signed {
  readonly kind: string;
  readonly name: string;
  readonly moduleIndex: number;
  readonly domainIndex: number;
  readonly functionId: string;
  readonly commandId?: string;
  readonly adminDomain: string;
  readonly moduleId: string;
  readonly transactionCounterBefore: string;
  readonly transactionCounter: string;
  readonly subtype: string;
  readonly unused: string;
  readonly cprb: string;
  readonly htpRequest: string;
  readonly parts: readonly Signed[];
}

interface Increment {
  readonly kind: "counter-increment";
  readonly before: string;
  readonly after: string;
}

const { cases } = readVectors<Message | Increment>("htp-requests.json");
const isIncrement = (c: Message | Increment): c is Increment => c.kind === "counter-increment";
const increments = cases.filter(isIncrement);
const messages = cases.filter((c): c is Message => !isIncrement(c));
const commands = messages.filter((c) => c.commandId !== undefined);
const infos = messages.filter((c) => c.commandId === undefined);
const title = (c: Message): string => `${c.name}, module ${c.moduleIndex}, domain ${c.domainIndex}`;

it("covers every case", () => {
  expect(cases.length).toBe(79);
  expect([increments.length, commands.length, infos.length]).toEqual([12, 59, 8]);
  const parts = commands.flatMap((c) => c.parts ?? []);
  expect(parts.length).toBe(3);
  expect(commands.flatMap((c) => c.signers ?? []).length).toBe(40);
  expect(parts.flatMap((part) => part.signers).length).toBe(3);
});

describe("transaction counters", () => {
  it.each(increments)("$before + 1", ({ before, after }) => {
    expect(toHex(incrementCounter(hex(before)))).toBe(after);
  });
});

describe.each(messages)("$name", (c) => {
  it(`${title(c)}: HTP text and CPRB`, () => {
    const cprb = hex(c.cprb);
    const request = decodeHtpRequest(c.htpRequest);
    expect(request.moduleIndex).toBe(c.moduleIndex);
    expect(toHex(request.cprb)).toBe(c.cprb);
    expect(encodeHtpRequest({ moduleIndex: c.moduleIndex, cprb })).toBe(c.htpRequest);
    const { header, domain, payload } = decodeCprbRequest(cprb);
    expect(domain).toBe(c.domainIndex);
    expect(toHex(payload)).toBe(c.requestDer);
    expect(toHex(concat(header, payload))).toBe(c.cprb);
    expect(toHex(encodeCprbRequest(domain, payload))).toBe(c.cprb);
    const envelope = decodeEnvelope(payload);
    expect(toHex(envelope.functionId)).toBe(c.functionId);
    expect(toHex(encodeEnvelope(envelope))).toBe(c.requestDer);
  });
});

describe.each(infos)("$name", (c) => {
  it(`${title(c)}: get_xcp_info`, () => {
    const request = xcpInfoRequestOf(decodeEnvelope(hex(c.requestDer)));
    expect(request).toEqual({ domain: c.domainIndex, subType: Number(`0x${c.subtype}`), subQuery: 0 });
    expect(toHex(encodeXcpInfoRequest(request))).toBe(c.requestDer);
  });
});

describe.each(commands)("$name", (c) => {
  it(`${title(c)}: block`, () => {
    const request = decodeAdminRequest(hex(c.requestDer));
    expect(request.domain).toBe(c.domainIndex);
    expect(toHex(request.block)).toBe(c.adminBlkDer);
    expect(toHex(request.signatures)).toBe(c.signerInfoDer);
    expect(toHex(encodeAdminRequest(request))).toBe(c.requestDer);
    const block = decodeAdminBlock(request.block);
    expect(block.commandId).toBe(Number(`0x${c.commandId}`));
    expect(toHex(block.adminDomain)).toBe(c.adminDomain);
    expect(toHex(block.moduleId)).toBe(c.moduleId);
    expect(toHex(block.counter)).toBe(c.transactionCounter);
    expect(toHex(block.input)).toBe(c.commandInput);
    expect(toHex(encodeAdminBlock(block))).toBe(c.adminBlkDer);
    if (c.transactionCounterBefore !== undefined) {
      expect(toHex(incrementCounter(hex(c.transactionCounterBefore)))).toBe(c.transactionCounter);
    }
  });

  it(`${title(c)}: input`, () => {
    const input = hex(c.commandInput);
    const command: Command<unknown, unknown> | undefined = commandFor(Number(`0x${c.commandId}`), input);
    expect(toHex(command!.encodeInput(command!.decodeInput(input)))).toBe(c.commandInput);
  });

  it(`${title(c)}: signatures`, () => checkSignatures(c));
});

describe.each(commands.filter((c) => c.kind === "signed-nested"))("$name", (c) => {
  it("key parts", () => {
    const context = {
      domain: c.domainIndex,
      adminDomain: hex(c.adminDomain),
      moduleId: hex(c.moduleId),
      counter: hex(c.transactionCounter),
    };
    const decoded = decodeImportParts(hex(c.commandInput), context);
    if (!decoded.ok) throw new Error(`want parts, got reason ${decoded.fault.reason}`);
    expect(decoded.parts.length).toBe(c.parts.length);
    decoded.parts.forEach((part, i) => {
      const want = c.parts[i]!;
      expect(toHex(part.block)).toBe(want.adminBlkDer);
      expect(toHex(part.signatures)).toBe(want.signerInfoDer);
      expect(toHex(part.recipientInfo)).toBe(want.commandInput);
      expect(toHex(encodeImportBlock(context, part.recipientInfo))).toBe(want.adminBlkDer);
      expect(toHex(encodeAdminRequest({ ...part, domain: c.domainIndex }))).toBe(want.requestDer);
      checkSignatures(want);
    });
  });
});

function checkSignatures(c: Signed): void {
  const infos = decodeSignerInfos(hex(c.signerInfoDer));
  const signers = c.signers ?? [];
  expect(infos.length).toBe(signers.length);
  expect(toHex(encodeSignerInfos(infos))).toBe(c.signerInfoDer);
  infos.forEach((info, i) => {
    const signer = signers[i]!;
    expect(info.keyType).toBe(signer.type);
    expect(toHex(info.ski)).toBe(signer.ski);
    expect(toHex(encodeSignerInfo(info))).toBe(signer.signerInfoDer);
    expect(verifySignature(info, signer, hex(c.signedBytes))).toBe(true);
  });
}

function verifySignature(info: SignerInfo, { type, privateKey, r, s, signature }: Signer, data: Uint8Array): boolean {
  if (type === "rsa2048") {
    expect(toHex(info.signature)).toBe(signature);
    return x931Verify(hex(privateKey.n), data, info.signature);
  }
  expect(toHex(info.signature)).toBe(r + s);
  expect(toHex(encodeEcdsaSignature(info.signature))).toBe(signature);
  return p521Verify(hex(`04${privateKey.x}${privateKey.y}`), data, info.signature);
}
