// --verbose: what goes over the wire, a line for each exchange, on standard error.

import { type Answered, type Exchange, type Observer, observed, type WireEvent } from "../client/observed.ts";
import type { Transport } from "../client/transport.ts";
import { describeCodes } from "../wire/codes.ts";
import type { Arguments } from "./command.ts";
import type { Io } from "./io.ts";

/** Hexadecimal digits of a subject key identifier that are shown. */
const SKI_SHOWN = 16;

/** What is to be told of the wire; undefined unless --verbose is given. */
export function observerOf(argv: Arguments, io: Pick<Io, "err">): Observer | undefined {
  return argv["verbose"] === true ? (event) => io.err(`* ${lineOf(event)}\n`) : undefined;
}

/** The transport, observed if there is an observer. */
export function observedBy(observer: Observer | undefined, transport: Transport): Transport {
  return observer ? observed(transport, observer) : transport;
}

/** One line without its end. */
export function lineOf(event: WireEvent): string {
  const time = `${event.milliseconds.toFixed(1)} ms`;
  switch (event.kind) {
    case "list":
      return `list of service instance ${event.instance}: ${listText(event.answer)}, ${time}`;
    case "http":
      return `${event.method} ${event.url}: ${httpText(event.answer)}, ${time}`;
    case "exchange":
      return `${unitText(event)}: ${commandText(event)}: ${answerText(event.answer)}, ${time}${besideText(event)}`;
  }
}

function listText(answer: Extract<WireEvent, { kind: "list" }>["answer"]): string {
  return "units" in answer ? `${answer.units} crypto units` : answer.problem;
}

function httpText(answer: Extract<WireEvent, { kind: "http" }>["answer"]): string {
  return "status" in answer ? `status ${answer.status}` : `no answer (${answer.problem})`;
}

function unitText({ id, unit }: Exchange): string {
  return unit ? `${unit.serial}.${unit.domainIndex} ${unit.location}` : `crypto unit ${id}`;
}

function commandText({ command, counter, signers }: Exchange): string {
  if (counter === null) return command;
  const who = signers.map((ski) => `${ski.slice(0, SKI_SHOWN)}...`).join(" ");
  return `${command}, counter ${counter}, ${who === "" ? "not signed" : `signed by ${who}`}`;
}

function answerText(answer: Answered): string {
  if ("problem" in answer) return answer.problem;
  if (!("symbol" in answer)) return "return code 0 OK";
  const { returnCode, reasonCode, symbol } = answer;
  const reason = reasonCode === undefined ? "" : `, reason ${reasonCode}`;
  const known = reasonCode === undefined ? undefined : describeCodes(returnCode, reasonCode).reason;
  return `return code ${returnCode} ${symbol}${reason}${known === undefined ? "" : ` (${known})`}`;
}

function besideText({ batch }: Exchange): string {
  return batch > 1 ? ` in a batch of ${batch}` : "";
}
