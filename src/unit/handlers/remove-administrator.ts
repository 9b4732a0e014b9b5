// Remove domain administrator (unit-behaviour.md 4.3). The one who goes may sign.

import { EMPTY, equal } from "../../bytes.ts";
import { removeDomainAdministrator } from "../../commands/remove-domain-administrator.ts";
import { Done, each, type Handler, reads } from "../handler.ts";
import { Refused } from "../refusal.ts";

export const removeAdministrator: Handler<Uint8Array> = {
  ...reads(removeDomainAdministrator),
  imprint: true,
  readOnly: false,
  secrets: false,
  required: ({ attributes }) => attributes.revocationThreshold,
  execute: each(({ state, input }) => {
    const { signatureThreshold, revocationThreshold } = state.attributes;
    const administrators = state.administrators.filter(({ ski }) => !equal(ski, input));
    if (administrators.length === state.administrators.length) return Refused.skiNotFound;
    if (administrators.length < Math.max(signatureThreshold, revocationThreshold)) return Refused.tooFewAdministrators;
    return new Done(EMPTY, { ...state, administrators });
  }),
};
