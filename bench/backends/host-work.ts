// The primitives of a host back end, in the form in which they are timed: keys are parsed beforehand.

import type { HostPrimitives } from "./host-primitives.ts";
import type { EcdhJob, Primitives, WrapJob } from "./primitives.ts";

export function hostWork<Private, Public>(
  crypto: HostPrimitives<Private, Public>,
  fieldMultiply: Primitives["fieldMultiply"] = () => null,
): Primitives {
  return {
    fieldMultiply,
    wrap: (jobs: readonly WrapJob[]) => () => jobs.map(({ kek, key }) => crypto.wrap(kek, key)),
    ecdh(jobs: readonly EcdhJob[]) {
      const pairs = jobs.map(({ scalar, peer }) => {
        const point = crypto.publicKey(peer);
        if (point === null) throw new RangeError(`${crypto.name}: want a point of P-521 for a peer, got another value`);
        return [crypto.privateKey(scalar), point] as const;
      });
      return () => pairs.map(([key, peer]) => crypto.ecdh(key, peer));
    },
  };
}
