// A transport over HTTP (ep11-wire.md 1 to 3): to our endpoint, or to anything else that speaks the cloud's protocol.
//
// Requests to different units go out side by side. Those to one unit keep their order: queries between two commands may overtake
// each other, a command waits for everything before it.

import { OpenTkeError, TransportError } from "../errors.ts";
import { decodeAdminBlock, decodeEnvelope, fieldU32 } from "../wire/admin.ts";
import { cprbOfHtp } from "../wire/answer.ts";
import { decodeCprbRequest } from "../wire/cprb.ts";
import { encodeHtpRequest } from "../wire/htp.ts";
import { decodeResponseBody, encodeRequestBody } from "../wire/http-body.ts";
import { FunctionId, isQuery } from "../wire/ids.ts";
import { HttpLine, type HttpOptions } from "./http-line.ts";
import type { Envelope, Transport } from "./transport.ts";
import { readUnitList } from "./units.ts";

export type { HttpOptions };

export interface HttpTransport extends Transport {
  /** Closes the connections. */
  close(): Promise<void>;
}

/** Where a unit is: learned from the list of its instance. */
interface Place {
  readonly instance: string;
  readonly moduleIndex: number;
}

/** In: a line to share, or what one is made of. @throws UsageError if the URL, the token or the job is none. */
export function httpTransport(line: HttpLine | HttpOptions): HttpTransport {
  return new OverHttp(line instanceof HttpLine ? line : new HttpLine(line));
}

class OverHttp implements HttpTransport {
  readonly #line: HttpLine;
  readonly #places = new Map<string, Place>();

  constructor(line: HttpLine) {
    this.#line = line;
  }

  async hsms(instance: string): Promise<string> {
    const path = `/v1/tke/${encodeURIComponent(instance)}/hsms`;
    const text = await this.#line.request({ method: "GET", path, repeatable: true });
    for (const { id, moduleIndex } of readUnitList(instance, text)) this.#places.set(id, { instance, moduleIndex });
    return text;
  }

  async send(batch: readonly Envelope[]): Promise<readonly (Uint8Array | Error)[]> {
    const answers = new Array<Uint8Array | Error>(batch.length);
    const lanes = new Map<string, number[]>();
    for (const [at, { unit }] of batch.entries()) lanes.set(unit, [...(lanes.get(unit) ?? []), at]);
    const one = async (at: number): Promise<void> => {
      answers[at] = await this.#deliver(batch[at]!);
    };
    await Promise.all([...lanes.values()].map((places) => inOrder(places, (at) => isRepeatable(batch[at]!.cprb), one)));
    return answers;
  }

  async close(): Promise<void> {
    await this.#line.close();
  }

  /** The answer of one unit, or why there is none. */
  async #deliver({ unit, cprb }: Envelope): Promise<Uint8Array | Error> {
    const place = this.#places.get(unit);
    if (!place) return new TransportError(`crypto unit ${unit}: in no list of units read so far`, { retryable: false });
    const path = `/v1/tke/${encodeURIComponent(place.instance)}/hsms/${encodeURIComponent(unit)}`;
    const body = encodeRequestBody(encodeHtpRequest({ moduleIndex: place.moduleIndex, cprb }));
    try {
      const repeatable = isRepeatable(cprb);
      return cprbOfHtp(decodeResponseBody(await this.#line.request({ method: "POST", path, body, repeatable })));
    } catch (error) {
      // A malformed answer is a WireError: the client, which knows the unit, says so.
      return error instanceof OpenTkeError
        ? error
        : new TransportError("the request failed", { retryable: false }, { cause: error });
    }
  }
}

/** What may overtake goes out with its like; the rest waits for all before it, and all after it waits. */
async function inOrder(
  places: readonly number[],
  mayOvertake: (at: number) => boolean,
  one: (at: number) => Promise<void>,
): Promise<void> {
  let together: Promise<void>[] = [];
  for (const at of places) {
    if (mayOvertake(at)) {
      together.push(one(at));
      continue;
    }
    await Promise.all(together);
    together = [];
    await one(at);
  }
  await Promise.all(together);
}

/** Whether a request changes nothing, so that sending it twice is sending it once. */
function isRepeatable(cprb: Uint8Array): boolean {
  try {
    const envelope = decodeEnvelope(decodeCprbRequest(cprb).payload);
    if (fieldU32(envelope.functionId) === FunctionId.GetXcpInfo) return true;
    return isQuery(decodeAdminBlock(envelope.third).commandId);
  } catch {
    return false;
  }
}
