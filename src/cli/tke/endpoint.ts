// What an endpoint of OpenTKE tells beyond IBM's API: the list of its service instances.

import { Agent, request } from "undici";
import { z } from "zod";
import { AuthenticationError, TransportError, UsageError } from "../../errors.ts";

export interface EndpointAccess {
  readonly url: string;
  readonly token?: Uint8Array;
  readonly ca?: string;
}

const TIMEOUT_MS = 30_000;
const instanceList = z.object({ instances: z.array(z.object({ id: z.string(), resourceGroup: z.string() })) });

/**
 * Ids of the service instances of a resource group.
 * @throws TransportError; UsageError if the endpoint has no such list, as IBM's has none.
 */
export async function listInstances({ url, token, ca }: EndpointAccess, resourceGroup: string): Promise<string[]> {
  const dispatcher = new Agent({ connect: ca === undefined ? {} : { ca } });
  try {
    const authorization = token && Buffer.from(token.buffer, token.byteOffset, token.length).toString("latin1").trim();
    const { statusCode, body } = await request(`${url.replace(/\/+$/, "")}/v1/opentke/instances`, {
      dispatcher,
      headersTimeout: TIMEOUT_MS,
      bodyTimeout: TIMEOUT_MS,
      headers: { accept: "application/json", ...(authorization ? { authorization } : {}) },
    });
    const text = await body.text();
    if (statusCode === 200) return idsOf(text, resourceGroup);
    throw refused(url, statusCode);
  } catch (cause) {
    if (cause instanceof TransportError || cause instanceof UsageError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? "no answer";
    throw new TransportError(`${url}: no answer from the endpoint (${code})`, { retryable: true }, { cause });
  } finally {
    await dispatcher.close();
  }
}

function idsOf(text: string, resourceGroup: string): string[] {
  let json: unknown = null;
  try {
    json = JSON.parse(text);
  } catch {
    // The schema refuses null.
  }
  const parsed = instanceList.safeParse(json);
  if (!parsed.success) throw new TransportError("the endpoint's list of instances is malformed", { retryable: false });
  return parsed.data.instances.flatMap((one) => (one.resourceGroup === resourceGroup ? [one.id] : []));
}

function refused(url: string, status: number): TransportError | UsageError {
  if (status === 401)
    return new AuthenticationError(`${url}: the endpoint answered 401; want a token that is valid now`, {
      retryable: false,
      status,
    });
  if (status === 404)
    return new UsageError(
      `${url} has no list of service instances: name yours with --instance-id or 'opentke target'.`,
    );
  return new TransportError(`${url}: the endpoint answered ${status}`, { retryable: status >= 500, status });
}
