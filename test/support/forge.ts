// Answers that a hostile line makes up: domain info is not signed, so it can say anything.

import { decodeXcpInfoResponse, encodeXcpInfoResponse } from "../../src/wire/admin-response.ts";
import { CPRB_HEADER_SIZE, decodeCprbResponse, encodeCprbResponse } from "../../src/wire/cprb.ts";
import { type DomainInfo, decodeDomainInfo, encodeDomainInfo } from "../../src/wire/domain-info.ts";

/** A domain info answer with other contents. */
export function reinformed(answer: Uint8Array | Error, change: (info: DomainInfo) => Partial<DomainInfo>): Uint8Array {
  if (answer instanceof Error) throw answer;
  const response = decodeXcpInfoResponse(decodeCprbResponse(answer).payload);
  const info = decodeDomainInfo(response.payload);
  const payload = encodeDomainInfo({ ...info, ...change(info) });
  return encodeCprbResponse(answer.subarray(0, CPRB_HEADER_SIZE), encodeXcpInfoResponse({ ...response, payload }));
}
