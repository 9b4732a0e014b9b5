// What a unit answers instead of doing what it is told (unit-behaviour.md 3 to 9, 11). Codes for inputs that do not decode are
// with the formats, in commands/.

import { ReturnCode } from "../wire/codes.ts";

/** Return code and, where there is one, reason code. */
export class Refusal {
  readonly returnCode: number;
  readonly reasonCode: number | null;

  constructor(returnCode: number, reasonCode: number | null = null) {
    this.returnCode = returnCode;
    this.reasonCode = reasonCode;
  }
}

const refuse = (returnCode: number, reasonCode: number | null = null): Refusal => new Refusal(returnCode, reasonCode);

/** Return code and reason code, written as in the specification. */
export const Refused = {
  /** Something of the unit's own is broken, for example a seal that does not open. */
  internalError: refuse(ReturnCode.IBM_INTERNAL_ERROR),

  // Section 8: the block.
  unknownCommand: refuse(84),
  domainIndex: refuse(3, 12),
  domainFormat: refuse(3, 13),
  domainInstance: refuse(3, 14),
  moduleFormat: refuse(7, 15),
  moduleInstance: refuse(7, 16),
  serialNumber: refuse(7, 17),
  counterFormat: refuse(163, 18),
  counterPassed: refuse(163, 19),
  imprintMode: refuse(179, 34),

  // Section 4.2: signatures.
  signatureRejected: refuse(192, 22),
  signatureMalformed: refuse(193, 22),
  tooManySigners: refuse(193, 87),
  tooFewSignatures: refuse(208, 21),
  unknownSigner: refuse(257, 22),

  // Section 4.3: administrators.
  skiNotFound: refuse(32, 33),
  certificate: refuse(32, 40),
  keyNotSupported: refuse(32, 138),
  administratorPresent: refuse(256, 38),
  administratorsFull: refuse(261, 39),
  tooFewAdministrators: refuse(209, 66),

  // Section 3.2: domain attributes.
  attributeIndex: refuse(32, 42),
  attributeRepeated: refuse(32, 43),
  leavingImprint: refuse(209, 36),
  leavingWithoutRevocation: refuse(209, 56),
  thresholdAboveAdministrators: refuse(209, 57),
  revocationAboveAdministrators: refuse(209, 58),
  controlBitRaised: refuse(209, 69),
  permissionProtected: refuse(209, 70),
  thresholdProtected: refuse(209, 71),
  attributeReadOnly: refuse(209, 72),
  singleSignInUse: refuse(209, 74),
  thresholdToZero: refuse(209, 76),
  revocationToZero: refuse(209, 77),
  thresholdOfOne: refuse(209, 78),
  revocationOfOne: refuse(209, 79),

  // Section 6: registers and key transport.
  patternMismatch: refuse(101, 48),
  currentEmpty: refuse(102, 49),
  nextEmpty: refuse(102, 50),
  nextNotCommitted: refuse(102, 64),
  randomForbidden: refuse(80, 52),
  bothOccupied: refuse(80, 53),
  importerType: refuse(32, 55),
  importForbidden: refuse(80, 80),
  singlePartForbidden: refuse(80, 81),
  importerMissing: refuse(102, 1),
  sameKey: refuse(209),
  exportForbidden: refuse(80, 131),
  sharedExportForbidden: refuse(80, 110),
  holderCertificate: refuse(3, 102),
  holderIndex: refuse(32, 101),
  holderCount: refuse(32, 96),

  // Section 6.4: key parts; the faults of their envelopes are told by commands/import-parts.ts.
  tooManyParts: refuse(32, 75),
  recipientInfo: refuse(32, 23),
  wrappedLength: refuse(32, 24),
  originatorPoint: refuse(32, 25),
  unwrap: refuse(32, 28),

  // Section 9: control points, and device certificates (ep11-wire.md 10.6).
  controlPointUndefined: refuse(209, 45),
  controlPointEnabling: refuse(80, 46),
  controlPointDisabling: refuse(80, 47),
  certificateIndex: refuse(96, 60),
} as const;
