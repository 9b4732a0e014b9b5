// Request bodies, up to a limit.

import type { IncomingMessage } from "node:http";
import type { z } from "zod";
import { AbortedRequest, HttpError } from "./reply.ts";

/**
 * The whole body as text. What comes after the limit is read and dropped, so that the client gets to see its 413.
 * @throws HttpError 413 if it is too large; AbortedRequest if the client goes away.
 */
export function readBody(request: IncomingMessage, limit: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const gone = () => reject(new AbortedRequest("the client went away"));
    // Before anybody listened: nothing will be heard of it any more.
    if (request.destroyed) return gone();
    let chunks: Buffer[] = [];
    let size = 0;
    request.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= limit) chunks.push(chunk);
      else chunks = [];
    });
    request.on("end", () => {
      if (size <= limit) resolve(Buffer.concat(chunks, size).toString("utf8"));
      else reject(new HttpError(413, `want a body of at most ${limit} bytes`));
    });
    request.on("close", () => {
      if (!request.readableEnded) gone();
    });
    request.on("error", () => {});
  });
}

/** A body that is JSON of this form; an empty one is {}. @throws HttpError 400 naming what is wrong first. */
export function parseBody<T>(schema: z.ZodType<T>, text: string): T {
  let value: unknown;
  try {
    value = JSON.parse(text === "" ? "{}" : text);
  } catch (cause) {
    throw new HttpError(400, "want JSON", {}, { cause });
  }
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  throw new HttpError(400, `${where && `${where}: `}${issue?.message}`);
}
