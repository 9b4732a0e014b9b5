// What a unit answers, and whether it is to the question. Nothing in an answer is believed before its OA signature has been
// verified; then everything it echoes is compared with what was asked.

import { equal, readU32 } from "../bytes.ts";
import { type Check, CheckError } from "../errors.ts";
import { type AdminResponseBlock, decodeAdminResponseBlock } from "../wire/admin-response.ts";
import { adminBlockOf, payloadOfCprb } from "../wire/answer.ts";
import { CommandId } from "../wire/ids.ts";
import { serialNumberOf } from "../wire/module-info.ts";
import { decodeOaSignature } from "../wire/signer-info.ts";
import type { Question, Sent } from "./question.ts";
import type { CryptoUnit } from "./units.ts";

const SERIAL_SIZE = 8;

/** An answer taken apart, not yet verified. */
export interface SignedAnswer extends AdminResponseBlock {
  /** The bytes that the OA key signed. */
  readonly signed: Uint8Array;
  /** r || s, 132 bytes. */
  readonly signature: Uint8Array;
}

/**
 * Takes an answer to an admin request apart. Views on `bytes`.
 * @throws WireError if it is malformed or unsigned, UnitError if it carries nothing but an (unsigned) return code.
 */
export function openAnswer(bytes: Uint8Array): SignedAnswer {
  const response = adminBlockOf(payloadOfCprb(bytes));
  const { signature } = decodeOaSignature(response.signatures);
  return { ...decodeAdminResponseBlock(response.block), signed: response.block, signature };
}

/**
 * Compares what a verified answer echoes with the question.
 * @throws CheckError naming the unit and the first mismatch.
 */
export function checkEcho(question: Question, answer: SignedAnswer): void {
  const { unit, commandId, sent } = question;
  if (answer.commandId !== commandId)
    throw mismatch(unit, "answer", "command", idText(commandId), idText(answer.commandId));
  if (!isSerial(answer.moduleId, unit.serial))
    throw mismatch(unit, "serial-number", "serial number", unit.serial, serialNumberOf(answer.moduleId));
  checkDomain(question, readU32(answer.adminDomain));
  if (sent === null) return;
  if (!equal(answer.moduleId, sent.moduleId)) throw otherThanSent(unit, "module instance");
  if (answer.returnCode === 0) checkCommandEcho(unit, sent, answer);
}

/** Whether a module identifier begins with this serial number. */
function isSerial(moduleId: Uint8Array, serial: string): boolean {
  for (let i = 0; i < SERIAL_SIZE; i++) if (moduleId[i] !== serial.charCodeAt(i)) return false;
  return true;
}

/** A module answers questions about itself with the domain that was asked, or with none. */
function checkDomain(question: Question, domain: number): void {
  const { domainIndex } = question.unit;
  if (domain === domainIndex) return;
  if (question.commandId === CommandId.QueryDeviceCertificate && domain === 0) return;
  throw mismatch(question.unit, "answer", "domain", `${domainIndex}`, `${domain}`);
}

/** What only a command's success must echo: a failed command's answer carries the unit's own values (ep11-wire.md 5.4). */
function checkCommandEcho(unit: CryptoUnit, sent: Sent, answer: SignedAnswer): void {
  if (!equal(answer.counter, sent.counter)) throw otherThanSent(unit, "transaction counter");
  const renewed = answer.commandId === CommandId.ZeroizeDomain;
  if (!renewed && !equal(answer.adminDomain, sent.adminDomain)) throw otherThanSent(unit, "domain instance");
}

function otherThanSent(unit: CryptoUnit, what: string): CheckError {
  return new CheckError("answer", `${unit.location}: ${what} of the answer: want the command's, got another`);
}

/** An answer that says something else than it must. */
export function mismatch(unit: CryptoUnit, check: Check, what: string, want: string, got: string): CheckError {
  return new CheckError(check, `${unit.location}: ${what} of the answer: want ${want}, got ${got}`);
}

function idText(commandId: number): string {
  return commandId.toString(16).padStart(8, "0");
}
