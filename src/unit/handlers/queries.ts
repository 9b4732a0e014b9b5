// Queries: no signature, no effect (ep11-wire.md 10.1, 10.5, 10.6, 10.8). Where two formats share an id, an input, or none,
// decides.

import { equal } from "../../bytes.ts";
import { queryDeviceCertificate, queryDeviceCertificateCount } from "../../commands/query-device-certificate.ts";
import { queryDomainAdministrator, queryDomainAdministrators } from "../../commands/query-domain-administrators.ts";
import { queryDomainAttributes } from "../../commands/query-domain-attributes.ts";
import { queryDomainControlPoints } from "../../commands/query-domain-control-points.ts";
import { type Query, reader } from "../handler.ts";
import { Refusal, Refused } from "../refusal.ts";

const readNothing = reader(queryDomainAttributes);
const readSki = reader(queryDomainAdministrator);
const readIndex = reader(queryDeviceCertificate);

export const attributes: Query = {
  id: queryDomainAttributes.id,
  ownDomain: true,
  answer: (input, state) => readNothing(input) ?? queryDomainAttributes.encodeOutput(state.attributes),
};

export const controlPoints: Query = {
  id: queryDomainControlPoints.id,
  ownDomain: true,
  answer: (input, state) => readNothing(input) ?? state.controlPoints,
};

/** All SKIs; or the certificate of one administrator as it was sent. */
export const administrators: Query = {
  id: queryDomainAdministrators.id,
  ownDomain: true,
  answer(input, state) {
    if (input.length === 0) return queryDomainAdministrators.encodeOutput(state.administrators.map(({ ski }) => ski));
    const wanted = readSki(input);
    if (wanted instanceof Refusal) return wanted;
    return state.administrators.find(({ ski }) => equal(ski, wanted))?.certificate ?? Refused.skiNotFound;
  },
};

/** The number of certificates in the OA chain; or one of them. A question to the module, in whatever domain. */
export const deviceCertificates: Query = {
  id: queryDeviceCertificate.id,
  ownDomain: false,
  answer(input, _state, { certificates }) {
    if (input.length === 0) return queryDeviceCertificateCount.encodeOutput(certificates.length);
    const index = readIndex(input);
    return index instanceof Refusal ? index : (certificates[index] ?? Refused.certificateIndex);
  },
};
