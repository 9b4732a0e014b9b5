// What an endpoint of OpenTKE tells beyond IBM's API: the list of its service instances.

import { z } from "zod";
import type { HttpLine } from "../../client/http-line.ts";
import { TransportError, UsageError } from "../../errors.ts";

const instanceList = z.object({ instances: z.array(z.object({ id: z.string(), resourceGroup: z.string() })) });

/**
 * Ids of the service instances of a resource group.
 * @throws TransportError; UsageError if the endpoint has no such list, as IBM's has none.
 */
export async function listInstances(line: HttpLine, url: string, resourceGroup: string): Promise<string[]> {
  const text = await ask(line, url);
  const parsed = instanceList.safeParse(jsonOrNull(text));
  if (!parsed.success)
    throw new TransportError(
      `${url}: want the list of service instances in JSON, got something else; check that it is the URL of an endpoint`,
      { retryable: false },
    );
  return parsed.data.instances.flatMap((one) => (one.resourceGroup === resourceGroup ? [one.id] : []));
}

async function ask(line: HttpLine, url: string): Promise<string> {
  try {
    return await line.request({ method: "GET", path: "/v1/opentke/instances", repeatable: true });
  } catch (cause) {
    if (!(cause instanceof TransportError) || cause.status !== 404) throw cause;
    throw new UsageError(
      `${url} has no list of service instances: name yours with --instance-id or 'opentke target'.`,
      { cause },
    );
  }
}

function jsonOrNull(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
