// The two requests of a signing service (workstation.md 4). Everything that a key is asked to sign is decoded, judged and told before
// it is signed; what is not signed is answered with 403 and the reason, in JSON.

import type { IncomingMessage } from "node:http";
import { WireError } from "../../errors.ts";
import { decodeSignRequest, encodeKeyAnswer, encodeSignAnswer } from "../../wire/signing-service.ts";
import { readBody } from "../body.ts";
import { AbortedRequest, HttpError, json, jsonText, type Reply } from "../reply.ts";
import type { Exchange, Route } from "../routes.ts";
import type { ServedKey, ServedKeys } from "./keys.ts";
import { refusalOf, type SigningPolicy } from "./policy.ts";
import { type Subject, subjectOf } from "./subject.ts";

/** What was asked of a key, and what became of it. */
export interface SigningEvent {
  readonly requestId: string;
  /** Id of the key. */
  readonly key: string;
  /** The administrator's name. */
  readonly name: string;
  /** Address of the client. */
  readonly from: string;
  readonly subject: Subject;
  /** null: it is signed. */
  readonly refused: string | null;
}

export interface SigningRoutesOptions {
  readonly keys: ServedKeys;
  readonly policy: SigningPolicy;
  readonly bodyBytes: number;
  /** Told of every request that is well formed, before it is answered. */
  readonly tell: (event: SigningEvent) => void;
  /** Whether somebody agrees to what the policy allows; asked about one request at a time. Left out: nobody is asked. */
  readonly ask?: (event: SigningEvent) => Promise<boolean>;
}

export function signingRoutes(options: SigningRoutesOptions): Route[] {
  const { keys } = options;
  const asked = new OneAtATime();
  return [
    {
      method: "GET",
      pattern: "/keys/:id",
      handle: (exchange) => jsonText(encodeKeyAnswer(keyOf(keys, exchange).publicKey)),
    },
    { method: "POST", pattern: "/sign/:id", handle: (exchange) => sign(options, asked, exchange) },
  ];
}

/** @throws HttpError 401 unless there is a token for the key; 404, to whom has a token for some key, if there is no such key */
function keyOf(keys: ServedKeys, { params, request, note }: Exchange): ServedKey {
  const id = params["id"]!;
  const key = keys.get(id);
  const { authorization } = request.headers;
  if (key && keys.admits(id, authorization)) {
    note({ key: id });
    return key;
  }
  if (!key && keys.admitsSome(authorization)) throw new HttpError(404, "no such key");
  throw new HttpError(401, "", { "www-authenticate": "Bearer" });
}

async function sign(options: SigningRoutesOptions, asked: OneAtATime, exchange: Exchange): Promise<Reply> {
  const { keys, policy, bodyBytes, tell } = options;
  const key = keyOf(keys, exchange);
  const { request, id: requestId, note } = exchange;
  const input = inputOf(await readBody(request, bodyBytes));
  const subject = subjectOf(input);
  const from = request.socket.remoteAddress ?? "";
  const event = { requestId, key: key.id, name: key.name, from, subject, refused: refusalOf(policy, subject) };
  const refused = event.refused ?? (await asked.run(() => objection(options, event, request)));
  tell({ ...event, refused });
  note({ subject: subject.kind, refused: refused ?? undefined });
  if (refused !== null) return json({ error: "Forbidden", reason: refused, subject }, 403);
  return jsonText(encodeSignAnswer(keys.sign(key, input)));
}

/** @throws HttpError 400 */
function inputOf(body: string): Uint8Array {
  try {
    return decodeSignRequest(body);
  } catch (cause) {
    if (cause instanceof WireError) throw new HttpError(400, cause.message, {}, { cause });
    throw cause;
  }
}

/** What somebody who is asked has against it. @throws AbortedRequest if the client did not wait for its turn */
async function objection(
  { ask }: SigningRoutesOptions,
  event: SigningEvent,
  request: IncomingMessage,
): Promise<string | null> {
  if (!ask) return null;
  if (request.socket.destroyed) throw new AbortedRequest("the client went away");
  return (await ask(event)) ? null : "the operator refused";
}

/** Work that waits for the work before it. */
class OneAtATime {
  #last: Promise<unknown> = Promise.resolve();

  run<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => {});
    return mine;
  }
}
