// An endpoint: ours, IBM's, or another that speaks the protocol. Nothing is believed of it but what chains to a root that was named.

import { Client } from "../../client/client.ts";
import { httpTransport } from "../../client/http.ts";
import { httpKeyStorage } from "../../client/http-key-storage.ts";
import { HTTP_DEFAULTS, HttpLine, type HttpOptions } from "../../client/http-line.ts";
import { type PinnedRoot, rootsNamed } from "../../client/roots.ts";
import type { Core } from "../../core/api.ts";
import { UsageError } from "../../errors.ts";
import { breathing } from "../../scenario/breathing.ts";
import { isLoopback } from "../../server/host.ts";
import type { Arguments } from "../command.ts";
import type { Io } from "../io.ts";
import { observedBy } from "../verbose.ts";
import { addFailoverThrough } from "./control.ts";
import type { TargetAccess } from "./embedded-target.ts";
import { listInstances } from "./endpoint.ts";
import { readOptionFile } from "./option-file.ts";
import { readRoot } from "./root-file.ts";
import type { Target } from "./target.ts";
import type { ResolvedTarget } from "./target-settings.ts";
import { TokenFile } from "./token-file.ts";

export async function remoteTarget(
  url: string,
  resolved: ResolvedTarget,
  argv: Arguments,
  io: Io,
  { core, known, observer }: TargetAccess,
): Promise<Target> {
  const roots = rootsOf(url, resolved, core);
  const token = resolved.tokenFile.value === undefined ? undefined : new TokenFile(resolved.tokenFile.value);
  const access = { ...httpOptions(url, resolved), observer };
  const line = new HttpLine({ ...access, ...(token ? { token } : {}) });
  if (token && isClear(url)) io.err(CLEAR);
  const { value: group } = resolved.resourceGroup;
  return {
    name: url,
    resourceGroup: group,
    client: new Client({
      transport: breathing(observedBy(observer, httpTransport(line)), io.signal),
      core,
      roots,
      known,
    }),
    keyStorage: httpKeyStorage(line),
    instances: async () => resolved.instances.value ?? listInstances(line, url, group),
    addFailover: (instance, count) => addFailoverThrough(argv, access, instance, count),
    close: async () => {
      token?.wipe();
      await line.close();
    },
  };
}

const CLEAR = "WARNING: the access token goes over the network in the clear; use an endpoint whose URL says https.\n";

/** Whether others may read what goes to an endpoint. */
function isClear(url: string): boolean {
  return URL.canParse(url) && new URL(url).protocol === "http:" && !isLoopback(new URL(url).hostname);
}

/** How requests are sent, without the token. @throws UsageError */
function httpOptions(url: string, { caFile, timeout, retries }: ResolvedTarget): HttpOptions {
  const ca = caFile.value === undefined ? {} : { ca: readOptionFile("ca-file", caFile.value).toString("utf8") };
  const answerTimeout = 1000 * timeout.value;
  const connectTimeout = Math.min(HTTP_DEFAULTS.connectTimeout, answerTimeout);
  return { url, answerTimeout, connectTimeout, retries: retries.value, ...ca };
}

/** @throws UsageError if no root is named */
function rootsOf(url: string, { roots, rootFile }: ResolvedTarget, core: Core): PinnedRoot[] {
  const named = rootsNamed(roots.value);
  const own = rootFile.value === undefined ? [] : [readRoot(rootFile.value, core)];
  if (named.length + own.length > 0) return [...named, ...own];
  throw new UsageError(
    `No root is pinned for ${url}: name IBM's with --root ibm, or the file with another root's key with --root-file ('opentke root' prints that of a fleet); 'opentke target' keeps it.`,
  );
}
