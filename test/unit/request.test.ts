// The outer layer: CPRB, payload, function ids, domains (unit-behaviour.md 8, steps 1 to 5; ep11-wire.md 4, 5.3, 5.6).

import { beforeAll, describe, expect, it } from "vitest";
import { UnknownUnitError, WrongDomainError } from "../../src/unit/errors.ts";
import {
  ADMIN,
  adminRequest,
  cat,
  cprb,
  der,
  fieldsOf,
  fromHexText,
  GET_XCP_INFO,
  hexOf,
  infoRequest,
  octets,
  payloadOf,
  seq,
  shortCode,
  u32,
} from "../support/handmade.ts";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

const DOMAIN = 22;
let lab: Lab;
let id: string;

beforeAll(async () => {
  lab = await Lab.open();
  id = lab.pristine({ domain: DOMAIN });
});

const send = (request: Uint8Array): Uint8Array => lab.host.handle(id, request);
const block = (...fields: Uint8Array[]) => seq(...fields.map((field) => octets(field)));
const goodBlock = block(u32(Id.QueryAttributes), u32(DOMAIN, 0), NOTHING, NOTHING, NOTHING);
const payload = (...fields: Uint8Array[]) => cprb(DOMAIN, seq(...fields.map((field) => octets(field))));

describe("section 8, step 1: CPRB header", () => {
  const good = cprb(DOMAIN, adminRequest(DOMAIN, goodBlock, NOTHING));
  const changed = (at: number, value: number) => good.with(at, value);

  it.each([
    ["another header length", changed(1, 0x21)],
    ["another version", changed(2, 3)],
    ["another sub-type", changed(7, 0x35)],
    ["a payload length that is too small", changed(31, good[31]! - 1)],
    ["a payload length that is too large", changed(31, good[31]! + 1)],
    ["bytes after the payload", cat(good, u32(0))],
    ["a header cut short", good.subarray(0, 31)],
    ["nothing at all", NOTHING],
  ])("answers CPRB codes 12/1 and no payload to %s", (_name, request) => {
    const response = send(request);
    expect(response.length).toBe(32);
    expect(hexOf(response.subarray(16, 20))).toBe("000c0001");
    expect(hexOf(response.subarray(20))).toBe("00".repeat(12));
  });

  it("repeats the request's header, with codes and reserved bytes zero and the payload's length", () => {
    const request = cat(good);
    request.set(fromHexText("0102030405060708"), 20);
    const response = send(request);
    expect(hexOf(response.subarray(0, 16))).toBe(hexOf(good.subarray(0, 16)));
    expect(hexOf(response.subarray(16, 28))).toBe("00".repeat(12));
    expect(Buffer.from(response).readUInt32BE(28)).toBe(response.length - 32);
  });
});

describe("requests that reach no unit", () => {
  it("throws for an unknown unit (HTTP 404) and for another domain (HTTP 400)", () => {
    expect(() => lab.host.handle("no such unit", NOTHING)).toThrow(UnknownUnitError);
    expect(() => send(cprb(DOMAIN + 1, adminRequest(DOMAIN, goodBlock, NOTHING)))).toThrow(WrongDomainError);
  });

  it("has the error in the place of the answer, and serves the others", () => {
    const good = lab.query(id, Id.QueryAttributes);
    const answers = lab.host.handleMany([
      { unit: id, cprb: good },
      { unit: "no such unit", cprb: good },
      { unit: id, cprb: cprb(3, NOTHING) },
      { unit: id, cprb: good },
    ]);
    expect(answers[1]).toBeInstanceOf(UnknownUnitError);
    expect(answers[2]).toBeInstanceOf(WrongDomainError);
    expect(lab.read(id, answers[0] as Uint8Array).code).toBe("0");
    expect(lab.read(id, answers[3] as Uint8Array).code).toBe("0");
  });

  it("takes a unit whose module is gone for one that is not there", () => {
    const orphan = lab.pristine({ serial: "NOMODULE" });
    expect(() => lab.host.handle(orphan, NOTHING)).toThrow(UnknownUnitError);
  });
});

describe("section 8, steps 2 to 5: short answers without a reason", () => {
  const four = [octets(ADMIN), octets(u32(DOMAIN)), octets(goodBlock), octets(NOTHING)];

  it.each([
    ["an empty payload", cprb(DOMAIN, NOTHING)],
    ["three fields", cprb(DOMAIN, seq(...four.slice(0, 3)))],
    ["five fields", cprb(DOMAIN, seq(...four, octets(NOTHING)))],
    ["a field that is no OCTET STRING", cprb(DOMAIN, seq(...four.slice(0, 3), der(0x02, u32(1))))],
    ["bytes after the SEQUENCE", cprb(DOMAIN, cat(seq(...four), fromHexText("00")))],
    ["a length that is not minimal", cprb(DOMAIN, cat(fromHexText("3081"), seq(...four).subarray(1)))],
    ["another tag than SEQUENCE", cprb(DOMAIN, der(0x31, ...four))],
  ])("step 2: 7 for %s", (_name, request) => {
    expect(shortCode(send(request))).toBe(7);
  });

  it.each([
    ["another function", fromHexText("0001002a")],
    ["another API ordinal", fromHexText("00020029")],
    ["three bytes", fromHexText("010029")],
    ["no function id", NOTHING],
  ])("step 3: 2147549203 for %s", (_name, functionId) => {
    expect(shortCode(send(payload(functionId, u32(DOMAIN), goodBlock, NOTHING)))).toBe(2147549203);
  });

  it.each([
    ["another domain", u32(DOMAIN + 1)],
    ["a domain of five bytes", cat(u32(DOMAIN), fromHexText("00"))],
    ["no domain", NOTHING],
  ])("step 4: 3 for %s, whatever the function", (_name, domain) => {
    expect(shortCode(send(payload(ADMIN, domain, goodBlock, NOTHING)))).toBe(3);
    expect(shortCode(send(payload(GET_XCP_INFO, domain, u32(3), u32(0))))).toBe(3);
  });

  it.each([
    ["no block", NOTHING],
    ["four fields", block(u32(Id.QueryAttributes), u32(DOMAIN, 0), NOTHING, NOTHING)],
    ["six fields", block(u32(Id.QueryAttributes), u32(DOMAIN, 0), NOTHING, NOTHING, NOTHING, NOTHING)],
    ["a command id of three bytes", block(fromHexText("01000a"), u32(DOMAIN, 0), NOTHING, NOTHING, NOTHING)],
    ["bytes after the block", cat(goodBlock, fromHexText("0500"))],
    ["a block that is no SEQUENCE", cat(fromHexText("31"), goodBlock.subarray(1))],
  ])("step 5: 7 for %s", (_name, wrong) => {
    expect(shortCode(send(payload(ADMIN, u32(DOMAIN), wrong, NOTHING)))).toBe(7);
  });

  it("takes them in this order", () => {
    const bad = block();
    expect(shortCode(send(payload(u32(1), u32(9), bad, NOTHING)))).toBe(2147549203);
    expect(shortCode(send(payload(ADMIN, u32(9), bad, NOTHING)))).toBe(3);
    expect(shortCode(send(payload(ADMIN, u32(DOMAIN), bad, NOTHING)))).toBe(7);
  });

  it("names function and domain in a short answer", () => {
    const fields = fieldsOf(payloadOf(send(cprb(DOMAIN, NOTHING))));
    expect(fields.map(hexOf)).toEqual(["00010029", "00000016", "00000007"]);
  });
});

describe("step 5: get_xcp_info", () => {
  const answer = (request: Uint8Array) => fieldsOf(payloadOf(send(request))).map(hexOf);

  it.each([0, 2, 4, 5, 6, 10, 0xffffffff])("answers 7 and no payload to sub-type %i", (subType) => {
    expect(answer(cprb(DOMAIN, infoRequest(DOMAIN, subType)))).toEqual(["00010026", "00000016", "00000007", ""]);
  });

  it.each([
    ["sub-type", fromHexText("0003"), u32(0)],
    ["sub-query", u32(3), NOTHING],
  ])("answers 7 and no payload to a %s that is not 4 bytes", (_name, subType, subQuery) => {
    const wrong = payload(GET_XCP_INFO, u32(DOMAIN), subType, subQuery);
    expect(answer(wrong)).toEqual(["00010026", "00000016", "00000007", ""]);
  });

  it("changes nothing and signs nothing", () => {
    const before = lab.state(id);
    lab.watched.reset();
    answer(cprb(DOMAIN, infoRequest(DOMAIN, 3)));
    expect(lab.state(id)).toBe(before);
    expect(lab.watched.calls.get("sign")).toBeUndefined();
  });
});
