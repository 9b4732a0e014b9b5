import { describe, expect, it } from "vitest";
import { checkEcho, type SignedAnswer } from "../../src/client/answer.ts";
import { type Question, query } from "../../src/client/question.ts";
import type { CryptoUnit } from "../../src/client/units.ts";
import { CheckError } from "../../src/errors.ts";
import { CommandId } from "../../src/wire/ids.ts";

const bytes = (...values: number[]): Uint8Array => Uint8Array.from(values);
const moduleId = new TextEncoder().encode("93AABD1Xinstance");
const unit: CryptoUnit = {
  id: "u",
  instance: "i",
  type: "operational",
  location: "[us-south].[AZ1-CS1].[03].[05]",
  moduleIndex: 3,
  domainIndex: 5,
  serial: "93AABD1X",
};
const sent = { adminDomain: bytes(0, 0, 0, 5, 0, 0, 0, 9), moduleId, counter: new Uint8Array(16).fill(7) };
const command = (commandId: number = CommandId.ClearCurrentWk): Question => ({ unit, commandId, cprb: bytes(), sent });
const answer: SignedAnswer = {
  commandId: CommandId.ClearCurrentWk,
  adminDomain: sent.adminDomain,
  moduleId,
  counter: sent.counter,
  returnCode: 0,
  output: bytes(),
  signed: bytes(),
  signature: bytes(),
};

const expectMismatch = (question: Question, given: SignedAnswer, what: RegExp): void => {
  expect(() => checkEcho(question, given)).toThrow(CheckError);
  expect(() => checkEcho(question, given)).toThrow(what);
  expect(() => checkEcho(question, given)).toThrow(unit.location);
};

describe("the answer to a command", () => {
  it("echoes command, module, domain and counter", () => {
    expect(() => checkEcho(command(), answer)).not.toThrow();
  });

  it.each([
    [/command of the answer: want 0000001b, got 0000001c/, { commandId: CommandId.ClearPendingWk }],
    [
      /serial number of the answer: want 93AABD1X, got 93AABD2X/,
      { moduleId: new TextEncoder().encode("93AABD2Xinstance") },
    ],
    [/module instance of the answer/, { moduleId: new TextEncoder().encode("93AABD1XInstance") }],
    [/domain of the answer: want 5, got 6/, { adminDomain: bytes(0, 0, 0, 6, 0, 0, 0, 9) }],
    [/domain instance of the answer/, { adminDomain: bytes(0, 0, 0, 5, 0, 0, 0, 8) }],
    [/transaction counter of the answer/, { counter: new Uint8Array(16).fill(8) }],
  ])("is refused: %s", (what, change) => {
    expectMismatch(command(), { ...answer, ...change }, what);
  });

  it("that failed carries the unit's own domain instance and counter, and no other module's", () => {
    const refusal = {
      ...answer,
      returnCode: 3,
      counter: new Uint8Array(16),
      adminDomain: bytes(0, 0, 0, 5, 0, 0, 0, 8),
    };
    expect(() => checkEcho(command(), refusal)).not.toThrow();
    expectMismatch(
      command(),
      { ...refusal, moduleId: new TextEncoder().encode("93AABD1XInstance") },
      /module instance/,
    );
    expectMismatch(command(), { ...refusal, adminDomain: bytes(0, 0, 0, 4, 0, 0, 0, 9) }, /domain of the answer/);
  });

  it("that zeroized the domain has its next instance", () => {
    const next = { ...answer, commandId: CommandId.ZeroizeDomain, adminDomain: bytes(0, 0, 0, 5, 0, 0, 0, 10) };
    expect(() => checkEcho(command(CommandId.ZeroizeDomain), next)).not.toThrow();
    expectMismatch(command(CommandId.ZeroizeDomain), { ...next, counter: new Uint8Array(16) }, /transaction counter/);
  });
});

describe("the answer to a query", () => {
  it("carries the unit's own counter and domain instance", () => {
    const given = { ...answer, commandId: CommandId.QueryDomainAttributes, counter: new Uint8Array(16).fill(9) };
    expect(() => checkEcho(query(unit, CommandId.QueryDomainAttributes), given)).not.toThrow();
    expectMismatch(query(unit, CommandId.QueryDomainAdministrators), given, /command of the answer/);
  });

  it("of the module may name no domain, but no other one", () => {
    const of = (domain: number) => ({
      ...answer,
      commandId: CommandId.QueryDeviceCertificate,
      adminDomain: bytes(0, 0, 0, domain, 0, 0, 0, 0),
    });
    const question = query(unit, CommandId.QueryDeviceCertificate);
    expect(() => checkEcho(question, of(0))).not.toThrow();
    expect(() => checkEcho(question, of(5))).not.toThrow();
    expectMismatch(question, of(4), /domain of the answer: want 5, got 4/);
    const attributes = { ...of(0), commandId: CommandId.QueryDomainAttributes };
    expectMismatch(query(unit, CommandId.QueryDomainAttributes), attributes, /domain of the answer/);
  });
});
