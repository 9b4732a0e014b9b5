// Transports that watch, change and withhold what passes between a client and units.

import type { Envelope, Transport } from "../../src/client/transport.ts";
import { decodeAdminBlock, decodeEnvelope, fieldU32 } from "../../src/wire/admin.ts";
import { decodeCprbRequest } from "../../src/wire/cprb.ts";
import { CommandId, FunctionId } from "../../src/wire/ids.ts";
import { countSignerInfos } from "../../src/wire/signer-info.ts";

/** A request as an observer on the line reads it. */
export interface Sighting {
  readonly unit: string;
  /** Name of the command id; "info" for get_xcp_info. */
  readonly command: keyof typeof CommandId | "info";
  /** SignerInfos on the request. */
  readonly signatures: number;
  /** 16 bytes; none in queries. */
  readonly counter: Uint8Array;
  readonly input: Uint8Array;
}

const NAMES = new Map(Object.entries(CommandId).map(([name, id]) => [id as number, name as keyof typeof CommandId]));

export function sight({ unit, cprb }: Envelope): Sighting {
  const { functionId, third, fourth } = decodeEnvelope(decodeCprbRequest(cprb).payload);
  if (fieldU32(functionId) === FunctionId.GetXcpInfo) {
    return { unit, command: "info", signatures: 0, counter: new Uint8Array(0), input: third };
  }
  const { commandId, counter, input } = decodeAdminBlock(third);
  return { unit, command: NAMES.get(commandId)!, signatures: countSignerInfos(fourth)!, counter, input };
}

type Answer = Uint8Array | Error;

/** What a tap does to a request's answer; it may return anything in its place. */
export type Meddle = (answer: Answer, request: Sighting, place: number, answers: readonly Answer[]) => Answer;

export interface Tap extends Transport {
  /** All requests, batch by batch. */
  readonly batches: Sighting[][];
  /** All requests in order. */
  readonly requests: Sighting[];
}

/** A tap on a transport. In: what it does to each answer; nothing by default. */
export function tap(transport: Transport, meddle: Meddle = (answer) => answer): Tap {
  const batches: Sighting[][] = [];
  return {
    batches,
    get requests() {
      return batches.flat();
    },
    async send(batch) {
      const requests = batch.map(sight);
      batches.push(requests);
      const answers = await transport.send(batch);
      return answers.map((answer, place) => meddle(answer, requests[place]!, place, answers));
    },
    hsms: (instance) => transport.hsms(instance),
  };
}
