// Set domain attributes (unit-behaviour.md 3). The only way out of imprint mode.

import { EMPTY } from "../../bytes.ts";
import { setDomainAttributes } from "../../commands/set-domain-attributes.ts";
import type { AttributePair } from "../../wire/attributes.ts";
import { inImprintMode } from "../attributes.ts";
import { Done, each, type Handler, reader } from "../handler.ts";
import { Refusal } from "../refusal.ts";
import { applyPairs, brokenRule, misformed } from "../rules.ts";
import type { UnitState } from "../state.ts";

type Pairs = readonly AttributePair[];

const readPairs = reader(setDomainAttributes);

export const setAttributes: Handler<Pairs> = {
  id: setDomainAttributes.id,
  imprint: true,
  readOnly: false,
  secrets: false,
  parse(input) {
    const pairs = readPairs(input);
    return pairs instanceof Refusal ? pairs : (misformed(pairs) ?? pairs);
  },
  rehearse: refusalFor,
  required({ attributes }, pairs) {
    const leaving = inImprintMode(attributes);
    return leaving ? applyPairs(attributes, pairs).signatureThreshold : attributes.signatureThreshold;
  },
  execute: each(({ state, input }) => {
    const refusal = refusalFor(state, input);
    return refusal ?? new Done(EMPTY, { ...state, attributes: applyPairs(state.attributes, input) });
  }),
};

function refusalFor({ attributes, administrators }: UnitState, pairs: Pairs): Refusal | null {
  return brokenRule(attributes, applyPairs(attributes, pairs), administrators.length);
}
