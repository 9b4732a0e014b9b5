// Ecdsa-Sig-Value (RFC 3279, 2.2.3) in strict DER: SEQUENCE { r INTEGER, s INTEGER }.

const NUMBER_BYTES = 66;

/** r || s, 66 bytes each, or null if `der` is not the one encoding of two numbers that are not negative and fit. */
export function derSignature(der: Uint8Array): Uint8Array | null {
  const outer = element(der, 0x30);
  if (outer === null || outer.rest.length > 0) return null;
  const r = element(outer.content, 0x02);
  const s = r && element(r.rest, 0x02);
  if (r === null || s === null || s.rest.length > 0) return null;
  const numbers = [unsigned(r.content), unsigned(s.content)];
  if (numbers.includes(null)) return null;
  const signature = new Uint8Array(2 * NUMBER_BYTES);
  numbers.forEach((number, i) => {
    signature.set(number!, (i + 1) * NUMBER_BYTES - number!.length);
  });
  return signature;
}

function element(bytes: Uint8Array, tag: number): { readonly content: Uint8Array; readonly rest: Uint8Array } | null {
  if (bytes[0] !== tag || bytes.length < 2) return null;
  const short = bytes[1]! < 0x80;
  const length = short ? bytes[1]! : bytes[2]!;
  if (!short && (bytes[1] !== 0x81 || length === undefined || length < 0x80)) return null;
  const from = short ? 2 : 3;
  if (bytes.length < from + length) return null;
  return { content: bytes.subarray(from, from + length), rest: bytes.subarray(from + length) };
}

/** Without the zero that keeps a number positive; null if negative, empty, padded or too long. */
function unsigned(content: Uint8Array): Uint8Array | null {
  const [first, second] = content;
  if (first === undefined || first >= 0x80) return null;
  if (first === 0 && content.length > 1 && second! < 0x80) return null;
  const number = first === 0 ? content.subarray(1) : content;
  return number.length > NUMBER_BYTES ? null : number;
}
