// Failover units of an endpoint: its control interface provides them, at an address and with a token of its own. IBM's TKE API can't:
// there it is another service that does.

import { z } from "zod";
import { HttpLine, type HttpOptions } from "../../client/http-line.ts";
import { TransportError, UsageError } from "../../errors.ts";
import type { Arguments } from "../command.ts";
import { TokenFile } from "./token-file.ts";

const added = z.object({ units: z.array(z.string()) });
const UNIX = /^unix:(?=.)/;

/**
 * Adds failover units through the control interface that options name. In: how requests to the endpoint are sent.
 * @throws UsageError if they name none; TransportError
 */
export async function addFailoverThrough(
  argv: Arguments,
  access: HttpOptions,
  instance: string,
  count: number,
): Promise<readonly string[]> {
  const [url, tokenFile] = [argv["control"], argv["control-token-file"]];
  if (url === undefined || tokenFile === undefined)
    throw new UsageError(
      `${access.url}: crypto units can't be added through the TKE API. For an endpoint of 'opentke serve', name its control interface with --control and --control-token-file; in IBM Cloud, run 'ibmcloud tke failover-enable'.`,
    );
  const token = new TokenFile(`${tokenFile}`);
  const line = new HttpLine({ ...access, ...addressOf(`${url}`), token });
  try {
    return readAdded(
      `${url}`,
      await line.request({
        method: "POST",
        path: `/v1/control/instances/${encodeURIComponent(instance)}/failover`,
        body: JSON.stringify({ count }),
        repeatable: false,
      }),
    );
  } finally {
    token.wipe();
    await line.close();
  }
}

/** A URL, or `unix:` and the path of a socket, as 'opentke serve' writes it to its --control-port-file. */
function addressOf(address: string): Pick<HttpOptions, "url" | "socketPath"> {
  if (!UNIX.test(address)) return { url: address };
  return { url: "http://localhost", socketPath: address.replace(UNIX, "") };
}

function readAdded(url: string, text: string): readonly string[] {
  try {
    return added.parse(JSON.parse(text)).units;
  } catch (cause) {
    throw new TransportError(
      `${url}: want the new crypto units in JSON, got something else; check that --control names a control interface, and list the crypto units again`,
      { retryable: false },
      { cause },
    );
  }
}
