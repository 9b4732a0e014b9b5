// IBM's two routes (ep11-wire.md 1 to 3): list the crypto units of an instance, send one of them an HTPRequest.
//
// 400: the body is no request, or one to another module or domain. 401: the token. 404: the instance or the unit. 500: the units
// could not do it, and nothing has changed. What the catcher, the CPRB or the unit refuses is answered with 200. A client of
// ours says in X-OpenTKE-Job what a command belongs to, for the audit log.

import type { IncomingMessage } from "node:http";
import { WireError } from "../errors.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { Unit } from "../fleet/topology.ts";
import { UnknownUnitError, WrongDomainError } from "../fleet/units.ts";
import { decodeHtpRequest, encodeHtpResponse, type HtpRequest, HtpRequestError, htpError } from "../wire/htp.ts";
import { htpErrorMeaning } from "../wire/htp-codes.ts";
import { decodeRequestBody, encodeResponseBody } from "../wire/http-body.ts";
import type { Batcher } from "./batcher.ts";
import { readBody } from "./body.ts";
import type { Directory } from "./directory.ts";
import { type FaultSource, NO_FAULTS } from "./faults.ts";
import type { Observation } from "./observation.ts";
import { observe } from "./observation.ts";
import { HttpError, jsonText, type Reply } from "./reply.ts";
import type { Exchange, Route } from "./routes.ts";

export interface TkeOptions {
  readonly fleet: Fleet;
  readonly directory: Directory;
  readonly batcher: Batcher;
  readonly bodyBytes: number;
  readonly faults?: FaultSource;
  /** Told of every request that a unit answered. */
  readonly observe?: (unit: string, observation: Observation, seconds: number) => void;
}

const HSMS = "/v1/tke/:instance/hsms";
const HSM = "/v1/tke/:instance/hsms/:hsm";

export function tkeRoutes(options: TkeOptions): Route[] {
  const faults = options.faults ?? NO_FAULTS;
  return [
    {
      method: "GET",
      pattern: HSMS,
      handle: ({ params, note }) => {
        const instance = params["instance"]!;
        note({ instance: short(instance) });
        return faults.around(instance, async () => list(options, instance));
      },
    },
    {
      method: "POST",
      pattern: HSM,
      handle: (exchange) => {
        const [instance, hsm] = [exchange.params["instance"]!, exchange.params["hsm"]!];
        exchange.note({ instance: short(instance), unit: short(hsm) });
        const unit = options.directory.unit(instance, hsm);
        if (!unit) throw new HttpError(404, "no such instance or crypto unit");
        return faults.around(hsm, (corrupt) => send(options, unit, exchange, corrupt));
      },
    },
  ];
}

/** Enough of a path segment for a log. */
function short(text: string): string {
  return text.slice(0, 64);
}

function list({ fleet, directory }: TkeOptions, instance: string): Reply {
  if (!directory.units(instance)) throw new HttpError(404, "no such instance");
  return jsonText(fleet.listHsms(instance));
}

async function send(
  { batcher, bodyBytes, observe: tell }: TkeOptions,
  unit: Unit,
  { request, note }: Exchange,
  corrupt: (answer: Uint8Array) => Uint8Array,
): Promise<Reply> {
  const text = htpTextOf(await readBody(request, bodyBytes));
  const htp = readHtp(text);
  if ("reply" in htp) {
    note({ catcher: htp.codes });
    return htp.reply;
  }
  if (htp.moduleIndex !== unit.bay.module)
    throw new HttpError(
      400,
      `the crypto unit is on module ${unit.bay.module}, the HTPRequest is for ${htp.moduleIndex}`,
    );
  const started = performance.now();
  const answer = await batcher.submit({ unit: unit.id, cprb: htp.cprb, ...jobOf(request) });
  if (answer instanceof Error) throw refusalOf(answer);
  const observation = observe(htp.cprb, answer);
  tell?.(unit.id, observation, (performance.now() - started) / 1000);
  note({ command: observation.command, returnCode: observation.returnCode });
  return respond(encodeHtpResponse({ success: true, cprb: corrupt(answer) }));
}

const JOB = /^[\x21-\x7e]{1,128}$/;

/** What the client says the request belongs to, if it is fit for the audit log. */
function jobOf({ headers }: IncomingMessage): { readonly job?: string } {
  const job = headers["x-opentke-job"];
  return typeof job === "string" && JOB.test(job) ? { job } : {};
}

function htpTextOf(body: string): string {
  try {
    return decodeRequestBody(body);
  } catch (cause) {
    if (cause instanceof WireError)
      throw new HttpError(400, 'want a JSON object with an HTPRequest as its "request"', {}, { cause });
    throw cause;
  }
}

/** The request, or what the catcher answers to it. */
function readHtp(text: string): HtpRequest | { readonly reply: Reply; readonly codes: string } {
  try {
    return decodeHtpRequest(text);
  } catch (error) {
    if (!(error instanceof HtpRequestError)) throw error;
    const { errorType, returnCode } = error;
    // A text of our own: the error's would repeat what the client sent.
    const text = htpErrorMeaning(`${errorType}`, `${returnCode}`, "0") ?? "";
    const response = { success: false, error: htpError(errorType, returnCode, 0, text) } as const;
    return { reply: respond(encodeHtpResponse(response)), codes: `${errorType}-${returnCode}` };
  }
}

function respond(htpResponse: string): Reply {
  return jsonText(encodeResponseBody(htpResponse));
}

/** Why a request reached no unit, or what failed in the fleet. */
function refusalOf(error: Error): HttpError {
  if (error instanceof WrongDomainError)
    return new HttpError(400, "the CPRB is for another domain", {}, { cause: error });
  if (error instanceof UnknownUnitError) return new HttpError(404, "no such crypto unit", {}, { cause: error });
  return new HttpError(500, "", {}, { cause: error });
}
