// Add domain administrator (ep11-wire.md 12; unit-behaviour.md 4.3). The certificate's own signature is not checked, since
// clients make wrong ones (12.3).

import { EMPTY, equal } from "../../bytes.ts";
import { addDomainAdministrator } from "../../commands/add-domain-administrator.ts";
import type { Core } from "../../core/api.ts";
import { Status } from "../../core/status.ts";
import { WireError } from "../../errors.ts";
import { type AdminCertificate, adminKeyOf, decodeAdminCertificate } from "../../wire/admin-certificate.ts";
import { KeyType } from "../../wire/ids.ts";
import { keyTypeOf } from "../../wire/spki.ts";
import { Done, type Handler, type Job, reads, signatureThreshold } from "../handler.ts";
import { Refusal, Refused } from "../refusal.ts";
import { hasRsa } from "../rsa.ts";
import type { Administrator } from "../state.ts";

/** Administrators of a domain. */
const MAX_ADMINISTRATORS = 8;

export const addAdministrator: Handler<Uint8Array> = {
  ...reads(addDomainAdministrator),
  imprint: true,
  readOnly: false,
  secrets: false,
  required: signatureThreshold,
  execute(jobs, { core }) {
    const added = jobs.map((job) => admissible(core, job));
    const invalid = offCurve(core, added.filter(isAdministrator));
    return jobs.map(({ state }, i) => {
      const administrator = added[i]!;
      if (administrator instanceof Refusal) return administrator;
      if (invalid.has(administrator)) return Refused.certificate;
      return new Done(EMPTY, { ...state, administrators: [...state.administrators, administrator] });
    });
  },
};

function isAdministrator(added: Administrator | Refusal): added is Administrator {
  return !(added instanceof Refusal);
}

function admissible(core: Core, { state, input }: Job<Uint8Array>): Administrator | Refusal {
  const added = administratorOf(core, input);
  if (added instanceof Refusal) return added;
  if (state.administrators.some(({ ski }) => equal(ski, added.ski))) return Refused.administratorPresent;
  return state.administrators.length >= MAX_ADMINISTRATORS ? Refused.administratorsFull : added;
}

function administratorOf(core: Core, bytes: Uint8Array): Administrator | Refusal {
  const certificate = decode(bytes);
  if (certificate === null) return Refused.certificate;
  const key = adminKeyOf(certificate);
  if (key === undefined || (key.keyType === KeyType.Rsa2048 && !hasRsa())) return Refused.keyNotSupported;
  const ski = core.sha256(key.publicKey);
  if (!equal(ski, certificate.tbs.ski)) return Refused.certificate;
  return { ski, publicKey: key.publicKey.slice(), certificate: bytes.slice() };
}

function decode(bytes: Uint8Array): AdminCertificate | null {
  try {
    return decodeAdminCertificate(bytes);
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

/** r = s = 1: in range, and nobody's signature of the empty message. It makes the card look at a point. */
const NO_SIGNATURE = new Uint8Array(132);
NO_SIGNATURE[65] = 1;
NO_SIGNATURE[131] = 1;

/** Those whose P-521 key is no point of the curve, and could never sign. */
function offCurve(core: Core, administrators: readonly Administrator[]): ReadonlySet<Administrator> {
  const elliptic = administrators.filter(({ publicKey }) => keyTypeOf(publicKey) === KeyType.P521);
  if (elliptic.length === 0) return new Set();
  const jobs = elliptic.map(({ ski, publicKey }) => ({
    message: EMPTY,
    required: 0,
    signers: [{ ski, publicKey, signature: NO_SIGNATURE }],
  }));
  const verdicts = core.verifyQuorum(jobs);
  return new Set(elliptic.filter((_, i) => verdicts[i]!.statuses[0] === Status.BadPoint));
}
