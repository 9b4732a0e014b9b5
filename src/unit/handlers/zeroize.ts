// Zeroize domain (unit-behaviour.md 2). The only way back to imprint mode.

import { EMPTY } from "../../bytes.ts";
import { zeroizeDomain } from "../../commands/zeroize-domain.ts";
import { Permission } from "../../wire/attributes.ts";
import { inImprintMode, permits } from "../attributes.ts";
import { Done, each, type Handler, reads } from "../handler.ts";
import { PRISTINE } from "../pristine.ts";

export const zeroize: Handler<undefined> = {
  ...reads(zeroizeDomain),
  imprint: true,
  readOnly: false,
  // None are needed to forget them: a unit whose secrets do not open any more can still be zeroized.
  secrets: false,
  required(state) {
    if (inImprintMode(state.attributes)) return 0;
    return permits(state, Permission.ZeroOneSign) ? 1 : state.attributes.signatureThreshold;
  },
  execute: each(({ state }) => {
    return new Done(EMPTY, { ...state, ...PRISTINE, domainInstance: following(state.domainInstance) });
  }),
};

/** The next domain instance id: a u32, never 0. */
function following(instance: number): number {
  return instance === 0xffffffff ? 1 : instance + 1;
}
