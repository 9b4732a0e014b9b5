// Damaged requests: whatever the bytes, there is an answer and no exception, and nothing changes that nobody signed for.

import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { WrongDomainError } from "../../src/unit/errors.ts";
import { cprb, infoRequest, kphCertificate, parameterMap, u32 } from "../support/handmade.ts";
import { FUZZ_RUNS, mutationsOf } from "../support/mutations.ts";
import { RSA_NUMBERS, type RsaNumbers } from "../support/rsa-keys.ts";
import { rsaAdmin, rsaSigned } from "../support/rsa-lab.ts";
import { ALL_PERMISSIONS, attributePairs, Id, Lab, NOTHING } from "../support/unit-lab.ts";

const [RSA] = RSA_NUMBERS as [RsaNumbers];
let lab: Lab;
let id: string;
let imprint: string;

beforeAll(async () => {
  lab = await Lab.open();
  id = lab.operational({ permissions: ALL_PERMISSIONS });
  lab.fill(id, { current: true, next: "committed", importer: true });
  lab.set(id, { administrators: [...lab.state(id).administrators, rsaAdmin(lab, RSA)] });
  imprint = lab.pristine({ domain: lab.state(id).domain });
});

/** The answer to any bytes: a CPRB, or the refusal to take a request for another domain. */
function answered(unit: string, bytes: Uint8Array): void {
  const [answer] = lab.host.handleMany([{ unit, cprb: bytes }]);
  if (answer instanceof Uint8Array) expect(answer.length).toBeGreaterThanOrEqual(32);
  else expect(answer).toBeInstanceOf(WrongDomainError);
}

const holder = () => parameterMap([0x1c, 1], [0x1d, 0, kphCertificate(lab.admins[0]!.publicKey)]);

/** A valid request for every command, and queries. Their signatures are of zeros: nobody signed. */
function seeds(): Uint8Array[] {
  const { domain, registers, importer } = lab.state(id);
  const pattern = registers.next!.pattern;
  const nobody = lab.sign(u32(0), lab.signers(2));
  const unsigned = (command: number, input: Uint8Array) =>
    lab.command(id, command, input, { ahead: 1, signatures: nobody });
  expect(importer).not.toBeNull();
  const inner = lab.import(id, [{ info: lab.parts(id).infos[0]!, signers: [] }]);
  return [
    lab.query(id, Id.QueryAttributes),
    lab.query(id, Id.QueryAdministrators, lab.admins[0]!.ski),
    lab.query(id, Id.QueryDeviceCertificate, u32(1)),
    lab.query(id, Id.QueryControlPoints),
    cprb(domain, infoRequest(domain, 1)),
    cprb(domain, infoRequest(domain, 3)),
    unsigned(Id.AddAdministrator, lab.admins[7]!.certificate),
    unsigned(Id.RemoveAdministrator, lab.admins[2]!.ski),
    unsigned(Id.SetAttributes, attributePairs([1, 1], [2, 2], [3, ALL_PERMISSIONS], [4, 1])),
    lab.command(id, Id.SetAttributes, attributePairs([4, 1]), { signatures: rsaSigned(lab, RSA, u32(0)) }),
    unsigned(Id.GenerateImporter, u32(3)),
    unsigned(Id.GenerateImporter, u32(0)),
    unsigned(Id.GenerateRandom, NOTHING),
    unsigned(Id.Export, holder()),
    unsigned(Id.ExportNext, holder()),
    unsigned(Id.Commit, pattern),
    unsigned(Id.Finalize, pattern),
    unsigned(Id.Zeroize, NOTHING),
    unsigned(Id.ClearCurrent, NOTHING),
    unsigned(Id.AddControlPoints, new Uint8Array(16)),
    inner,
  ];
}

describe("damaged requests", () => {
  it("to an operational unit: an answer to each, and the unit as it was", () => {
    const before = lab.state(id);
    fc.assert(
      fc.property(mutationsOf(seeds()), (bytes) => {
        answered(id, bytes);
        expect(lab.state(id)).toBe(before);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it("to a unit in imprint mode: what gets through is whole", () => {
    const requests = [
      lab.command(imprint, Id.AddAdministrator, lab.admins[7]!.certificate, { ahead: 1000 }),
      lab.command(imprint, Id.AddAdministrator, rsaAdmin(lab, RSA).certificate, { ahead: 1000 }),
      lab.command(imprint, Id.RemoveAdministrator, lab.admins[0]!.ski, { ahead: 1000 }),
      lab.command(imprint, Id.SetAttributes, attributePairs([1, 0], [2, 0]), { ahead: 1000 }),
      lab.command(imprint, Id.Zeroize, NOTHING, { ahead: 1000 }),
    ];
    const begin = lab.state(imprint);
    fc.assert(
      fc.property(mutationsOf(requests), (bytes) => {
        lab.store.units.set(imprint, begin);
        answered(imprint, bytes);
        const { attributes, registers, administrators } = lab.state(imprint);
        expect(attributes).toMatchObject({ signatureThreshold: 0, revocationThreshold: 0 });
        expect(registers).toEqual({ current: null, next: null });
        expect(administrators.length).toBeLessThanOrEqual(1);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it("random bytes, with and without a CPRB's header around them", () => {
    const before = lab.state(id);
    const { domain } = before;
    const bytes = fc.uint8Array({ maxLength: 300 });
    fc.assert(
      fc.property(bytes, (payload) => {
        answered(id, payload);
        answered(id, cprb(domain, payload));
        expect(lab.state(id)).toBe(before);
      }),
      { numRuns: FUZZ_RUNS },
    );
  });

  it("validly signed inputs that are damaged: an answer to each, and never half a change", () => {
    const inputs = [
      holder(),
      attributePairs([1, 1], [2, 2], [3, ALL_PERMISSIONS]),
      lab.admins[7]!.certificate,
      lab.parts(id).infos[0]!,
    ];
    const commands = fc.constantFrom(
      Id.Export,
      Id.SetAttributes,
      Id.AddAdministrator,
      Id.Import,
      Id.GenerateImporter,
      Id.AddControlPoints,
    );
    const begin = lab.state(id);
    fc.assert(
      fc.property(commands, mutationsOf(inputs), (command, input) => {
        lab.store.units.set(id, begin);
        const whole = command === Id.Import ? lab.import(id, [{ info: input, signers: lab.signers(1) }]) : null;
        const { code, counter } = lab.send(id, whole ?? lab.command(id, command, input, { signers: lab.signers(2) }));
        const now = lab.state(id);
        if (code !== "0") expect({ ...now, counter: begin.counter }).toEqual(begin);
        else expect(now.counter).toEqual(counter);
      }),
      { numRuns: Math.ceil(FUZZ_RUNS / 4) },
    );
    lab.store.units.set(id, begin);
  });

  it("leaks no slot", () => {
    lab.host.close();
    expect(lab.watched.units.size).toBe(0);
    expect(lab.watched.keys.size).toBe(lab.admins.length + 1);
  });
});
