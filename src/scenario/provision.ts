// Sets up the service instances of a fleet from the inside, as an operator would over the wire: administrators, thresholds, and a
// master key for each instance.

import { Client } from "../client/client.ts";
import { loopback } from "../client/loopback.ts";
import type { Core } from "../core/api.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { ServiceInstance } from "../fleet/topology.ts";
import { autoInit } from "../procedures/auto-init.ts";
import { administratorsOf, type CardSigner } from "../workstation/signer.ts";
import { breathing } from "./breathing.ts";
import { requireDone } from "./failures.ts";
import type { StageHooks } from "./stage.ts";

/** Instances set up side by side: enough for full batches, few enough for any number of instances. */
const TOGETHER = 64;

/**
 * In: instances whose units are pristine; signers with keys in `core`, all of whom become administrators.
 * @throws ScenarioError if a unit could not be set up, InterruptedError
 */
export async function provision(
  fleet: Fleet,
  instances: readonly ServiceInstance[],
  {
    core,
    signers,
    threshold,
  }: { readonly core: Core; readonly signers: readonly CardSigner[]; readonly threshold: number },
  { progress = () => {}, signal = new AbortController().signal, wrap = (transport) => transport }: StageHooks = {},
): Promise<void> {
  const transport = breathing(wrap(loopback(fleet.handleMany, fleet.listHsms)), signal);
  const client = new Client({ transport, core, roots: [{ name: "OpenTKE", ...fleet.root }] });
  const administrators = administratorsOf(core, signers);
  const configuration = { signatureThreshold: threshold, revocationThreshold: threshold, administrators };
  for (let at = 0; at < instances.length; at += TOGETHER) {
    progress(`Initializing service instance ${at + 1} of ${instances.length}....`);
    const chosen = instances.slice(at, at + TOGETHER);
    const units = (await Promise.all(chosen.map(({ id }) => client.units(id)))).flat();
    requireDone("auto-init", await autoInit(client, units, configuration));
  }
}
