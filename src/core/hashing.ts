// SHA-2 of data of any length: in one call where it fits into the exchange region, else in pieces.

import { SIZE } from "./abi.ts";
import type { Card } from "./card.ts";

/** The card's functions of one hash. */
interface HashFunctions {
  readonly size: number;
  once(card: Card, out: number, data: number, n: number): void;
  init(card: Card, context: number): void;
  update(card: Card, context: number, data: number, n: number): void;
  final(card: Card, out: number, context: number): void;
}

const SHA256: HashFunctions = {
  size: SIZE.sha256,
  once: (card, out, data, n) => card.run.sha256(out, data, n),
  init: (card, context) => card.run.sha256Init(context),
  update: (card, context, data, n) => card.run.sha256Update(context, data, n),
  final: (card, out, context) => card.run.sha256Final(out, context),
};

const SHA512: HashFunctions = {
  size: SIZE.sha512,
  once: (card, out, data, n) => card.run.sha512(out, data, n),
  init: (card, context) => card.run.sha512Init(context),
  update: (card, context, data, n) => card.run.sha512Update(context, data, n),
  final: (card, out, context) => card.run.sha512Final(out, context),
};

/** 32 bytes. */
export const sha256 = (card: Card, data: Uint8Array): Uint8Array => hash(card, SHA256, data);

/** 64 bytes. */
export const sha512 = (card: Card, data: Uint8Array): Uint8Array => hash(card, SHA512, data);

function hash(card: Card, functions: HashFunctions, data: Uint8Array): Uint8Array {
  const mark = card.mark();
  try {
    const out = card.reserve(functions.size);
    if (data.length <= card.room) functions.once(card, out, card.put(data), data.length);
    else inPieces(card, functions, out, data);
    return card.take(out, functions.size);
  } finally {
    card.release(mark);
  }
}

function inPieces(card: Card, functions: HashFunctions, out: number, data: Uint8Array): void {
  const context = card.reserve(SIZE.hashContext);
  const most = card.room;
  const piece = card.reserve(most);
  functions.init(card, context);
  for (let from = 0; from < data.length; from += most) {
    const part = data.subarray(from, from + most);
    card.write(piece, part);
    functions.update(card, context, piece, part.length);
  }
  functions.final(card, out, context);
}
