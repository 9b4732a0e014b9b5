// What went wrong between here and an endpoint, and what to do about it. Messages name the endpoint, never the token.

import { AuthenticationError, TransportError } from "../errors.ts";
import type { TokenSource } from "./token.ts";

/** An attempt that came to nothing. */
export interface Failed {
  readonly error: TransportError;
  /** Whether the request was certainly not seen. */
  readonly unsent: boolean;
}

/** Characters of an error's body that are shown. */
const MAX_SHOWN = 200;

const REFUSED = "the connection was refused; check that the endpoint is served there, and its port";
const UNKNOWN_HOST = "there is no host of that name; check the URL, and the network";
const TOO_SLOW = "no answer in time; try again later, or give it longer with --timeout";
const CUT =
  "the connection was closed before the answer came; try again, and check that the URL says http or https as it should";
const UNKNOWN_CA =
  "the certificate of the server is not signed by a certificate authority that is known; name the right one with --ca-file";
const NOT_TLS = "the server does not speak TLS; check whether the URL should say http, and its port";

interface Reason {
  readonly what: string;
  /** Whether it can heal by itself. */
  readonly retryable: boolean;
  /** Failures to connect: the request was not written. */
  readonly unsent: boolean;
}

const connecting = (what: string, retryable = true): Reason => ({ what, retryable, unsent: true });
const underWay = (what: string, retryable = true): Reason => ({ what, retryable, unsent: false });
const distrusted = (what: string): Reason => connecting(what, false);

/** By the codes of Node, OpenSSL and undici. */
const REASONS: Readonly<Record<string, Reason>> = {
  ECONNREFUSED: connecting(REFUSED),
  ENOTFOUND: connecting(UNKNOWN_HOST, false),
  EAI_AGAIN: connecting("the name of the host can't be looked up now; check the network"),
  EHOSTUNREACH: connecting("the host can't be reached; check the network"),
  ENETUNREACH: connecting("the network of the host can't be reached; check the network"),
  UND_ERR_CONNECT_TIMEOUT: connecting("no connection in time; check the URL and the network"),
  UND_ERR_HEADERS_TIMEOUT: underWay(TOO_SLOW),
  UND_ERR_BODY_TIMEOUT: underWay(TOO_SLOW),
  UND_ERR_SOCKET: underWay(CUT),
  ECONNRESET: underWay(CUT),
  HTTPParserError: underWay("what answered does not speak HTTP; check the URL and its port", false),
  UND_ERR_RES_EXCEEDED_MAX_SIZE: underWay("the answer is larger than any should be; check the URL", false),
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: distrusted(UNKNOWN_CA),
  UNABLE_TO_GET_ISSUER_CERT: distrusted(UNKNOWN_CA),
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: distrusted(UNKNOWN_CA),
  SELF_SIGNED_CERT_IN_CHAIN: distrusted(UNKNOWN_CA),
  DEPTH_ZERO_SELF_SIGNED_CERT: distrusted(UNKNOWN_CA),
  CERT_SIGNATURE_FAILURE: distrusted(UNKNOWN_CA),
  CERT_HAS_EXPIRED: distrusted(
    "the certificate of the server has expired; who runs it must renew it (or check the clock here)",
  ),
  CERT_NOT_YET_VALID: distrusted("the certificate of the server is not valid yet; check the clocks here and there"),
  ERR_TLS_CERT_ALTNAME_INVALID: distrusted(
    "the certificate of the server is for another name; use the name that it was made for in the URL",
  ),
  ERR_SSL_WRONG_VERSION_NUMBER: distrusted(NOT_TLS),
  ERR_SSL_PACKET_LENGTH_TOO_LONG: distrusted(NOT_TLS),
};

/** For whatever kept an answer from coming. In: the endpoint's name, and what was thrown. */
export function connectionFailure(endpoint: string, cause: unknown): Failed {
  const { code: given, name, syscall } = cause as NodeJS.ErrnoException;
  // What undici's parser throws has a code or none, by the kind of nonsense that came.
  const code = name in REASONS ? name : (given ?? name);
  const reason = REASONS[code] ?? underWay("check the URL and the network, and try again");
  const error = new TransportError(
    `${endpoint}: no answer from the endpoint (${code}): ${reason.what}`,
    { retryable: reason.retryable },
    { cause },
  );
  return { error, unsent: reason.unsent || syscall === "connect" };
}

const TOKEN_LIFE = "tokens of IBM Cloud live for 1 hour";

function tokenStep(token: TokenSource | undefined): string {
  if (token === undefined) return "no token was sent: name the file with one with --token-file";
  const place = token.place === null ? "" : `: put a new one into ${token.place}, and run the command again`;
  return `want a token that is valid now (${TOKEN_LIFE})${place}`;
}

/** What to do about a status; `token` is what was sent. */
function nextStep(status: number, token: TokenSource | undefined): string {
  if (status === 401) return tokenStep(token);
  if (status === 403)
    return "the token does not permit this: ask for the role Manager, or Crypto unit administrator, in the service instance";
  if (status === 404)
    return "the endpoint does not know this service instance or crypto unit: check --instance-id, list the crypto units again";
  if (status === 408 || status === 429) return "the endpoint is busy: try again later";
  if (status >= 500)
    return "the service is not available now: try again later, and tell who runs the endpoint if it stays so";
  if (status >= 300 && status < 400) return "the endpoint is elsewhere: check the URL";
  return "";
}

/** For a status outside 200..299. In: the body, and the token that was sent. */
export function statusFailure(status: number, body: string, token: TokenSource | undefined): Failed {
  const said = body
    .replace(/[^\x20-\x7e]+/g, " ")
    .slice(0, MAX_SHOWN)
    .trim();
  const step = nextStep(status, token);
  const message = `the endpoint answered ${status}${said && `: ${said}`}${step && `; ${step}`}`;
  const retryable = status >= 500 || status === 429 || status === 408;
  const Kind = status === 401 ? AuthenticationError : TransportError;
  return { error: new Kind(message, { retryable, status, said }), unsent: false };
}
