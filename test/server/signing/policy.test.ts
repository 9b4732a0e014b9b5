// What a signing service signs, as it is typed.

import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/errors.ts";
import { parsePolicy, refusalOf } from "../../../src/server/signing/policy.ts";
import { KINDS, type Kind, type Subject } from "../../../src/server/signing/subject.ts";

const command = (kind: Kind, serial = "93AABD1X", domain = 22): Subject => ({
  kind,
  unit: { serial, moduleId: "", domain, domainInstance: 0 },
  counter: "1",
  details: {},
});
const bare = (kind: Kind): Subject => ({ kind, details: {} });

describe("without options", () => {
  const policy = parsePolicy(undefined, undefined);

  it("everything that is understood is signed, for any unit", () => {
    for (const kind of KINDS) {
      const subject = ["certificate", "test", "other"].includes(kind) ? bare(kind) : command(kind);
      expect(refusalOf(policy, subject), kind).toBe(kind === "other" ? "what is not understood is not signed" : null);
    }
  });
});

describe("--allow", () => {
  it("signs what it names and nothing else, the test of a key included", () => {
    const policy = parsePolicy("commit-pending-wk, export-wk  certificate", undefined);
    const signed = KINDS.filter((kind) => refusalOf(policy, bare(kind)) === null);
    expect(signed.sort()).toEqual(["certificate", "commit-pending-wk", "export-wk"]);
    expect(refusalOf(policy, bare("test"))).toBe("test is not allowed");
    expect(refusalOf(policy, command("zeroize-domain"))).toBe("zeroize-domain is not allowed");
  });

  it("can allow what is not understood", () => {
    expect(refusalOf(parsePolicy("other", undefined), bare("other"))).toBeNull();
  });

  it.each(["", " , ", "commit", "query-domain-attributes", "EXPORT-WK"])("'%s' is incorrect usage", (text) => {
    expect(() => parsePolicy(text, undefined)).toThrow(UsageError);
    expect(() => parsePolicy(text, undefined)).toThrow(/^--allow: want /);
  });
});

describe("--allow-unit", () => {
  const policy = parsePolicy(undefined, "93AABD1X.22,93AABD1X.7 93AABD2X");

  it.each([
    ["93AABD1X", 22, null],
    ["93AABD1X", 7, null],
    ["93AABD1X", 2, "crypto unit 93AABD1X domain 2 is not allowed"],
    ["93AABD2X", 2, null],
    ["93AABD3X", 22, "crypto unit 93AABD3X domain 22 is not allowed"],
  ])("%s domain %i: %s", (serial, domain, refusal) => {
    expect(refusalOf(policy, command("commit-pending-wk", serial, domain))).toBe(refusal);
  });

  it("does not concern what is for no unit", () => {
    expect(refusalOf(policy, bare("certificate"))).toBeNull();
    expect(refusalOf(policy, bare("test"))).toBeNull();
  });

  it.each(["", "93AABD1", "93AABD1XX", "93AABD1X.", "93AABD1X.a", "93AABD1X.1.2", "9 3AABD1X"])(
    "'%s' is incorrect usage",
    (text) => {
      expect(() => parsePolicy(undefined, text)).toThrow(UsageError);
      expect(() => parsePolicy(undefined, text)).toThrow(/^--allow-unit: want /);
    },
  );
});
