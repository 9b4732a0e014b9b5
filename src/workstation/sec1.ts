// P-521 private keys in DER (SEC 1, C.4; RFC 5915).
//
//   ECPrivateKey ::= SEQUENCE { INTEGER 1, OCTET STRING d (66), [0] { OID secp521r1 }, [1] { BIT STRING 04 || X || Y } }
//
//   3081DC 020101 0442 0185C542.. A007 06052B81040023 A18189 03818600 04..

import { fromHex } from "../bytes.ts";
import { elementSize, Reader, Tag, Writer } from "../wire/der.ts";
import { WorkstationError } from "./errors.ts";

const SCALAR_SIZE = 66;
const POINT_SIZE = 133;
const VERSION_1 = fromHex("020101");
const SECP521R1 = fromHex("06052b81040023");

/** DER of a private key. In: scalar (66), public key (133). The caller wipes it. */
export function encodeSec1(scalar: Uint8Array, publicKey: Uint8Array): Uint8Array {
  const bits = elementSize(1 + POINT_SIZE);
  const size = VERSION_1.length + elementSize(SCALAR_SIZE) + elementSize(SECP521R1.length) + elementSize(bits);
  return new Writer(elementSize(size))
    .header(Tag.Sequence, size)
    .raw(VERSION_1)
    .octets(scalar)
    .element(Tag.Explicit0, SECP521R1)
    .header(Tag.Explicit1, bits)
    .header(Tag.BitString, 1 + POINT_SIZE)
    .byte(0)
    .raw(publicKey)
    .finish();
}

/**
 * The scalar, 66 bytes, of a private key whose curve, if it is named, is P-521. A view on `der`. The public key in it is passed
 * over: the card computes it again.
 * @throws WorkstationError
 */
export function scalarOfSec1(der: Uint8Array): Uint8Array {
  try {
    return readScalar(der);
  } catch {
    // What a decoder says of a private key may tell about it.
    throw new WorkstationError("private key: want a P-521 key as SEC 1 writes it, got something else");
  }
}

function readScalar(der: Uint8Array): Uint8Array {
  const outer = new Reader(der);
  const fields = outer.sequence("ECPrivateKey");
  outer.end("ECPrivateKey");
  fields.literal([VERSION_1], "version");
  const scalar = fields.octets("privateKey", SCALAR_SIZE);
  if (fields.nextIs(Tag.Explicit0)) {
    const parameters = fields.enter(Tag.Explicit0, "parameters");
    parameters.literal([SECP521R1], "parameters");
    parameters.end("parameters");
  }
  if (fields.nextIs(Tag.Explicit1)) fields.raw(Tag.Explicit1, "publicKey");
  fields.end("ECPrivateKey");
  return scalar;
}
