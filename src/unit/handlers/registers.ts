// The register lifecycle: generate random, commit, finalize, clear (unit-behaviour.md 6.1). The card holds the keys and knows
// which step may follow which; here is who may ask for one.

import { clearCurrentWk } from "../../commands/clear-current-wk.ts";
import { clearPendingWk } from "../../commands/clear-pending-wk.ts";
import { commitPendingWk } from "../../commands/commit-pending-wk.ts";
import { finalizeWk } from "../../commands/finalize-wk.ts";
import { generateRandomWk } from "../../commands/generate-random-wk.ts";
import { Status } from "../../core/status.ts";
import { Permission } from "../../wire/attributes.ts";
import { permits } from "../attributes.ts";
import {
  each,
  type Handler,
  oneSignature,
  reads,
  refusalOf,
  registersChanged,
  signatureThreshold,
  transition,
} from "../handler.ts";
import { Refused } from "../refusal.ts";

const onRegisters = { imprint: false, readOnly: false, secrets: true } as const;

/** The key is current at once if there was none, else pending. */
export const generateRandom: Handler<undefined> = {
  ...reads(generateRandomWk),
  ...onRegisters,
  required: oneSignature,
  permit(state) {
    if (!permits(state, Permission.WkRandom)) return Refused.randomForbidden;
    return state.registers.current !== null && state.registers.next !== null ? Refused.bothOccupied : null;
  },
  execute: each(({ state, slot }, card) => {
    const copy = card.copy(slot);
    const status = card.core.wkGenerate(copy);
    if (status !== Status.Ok) return refusalOf(status);
    const { current, next } = card.core.registers(copy);
    const generated = state.registers.current === null ? current! : next!.pattern;
    return registersChanged(state, card, copy, generateRandomWk.encodeOutput(generated));
  }),
};

export const commit: Handler<Uint8Array> = {
  ...reads(commitPendingWk),
  ...onRegisters,
  required: signatureThreshold,
  execute: each((job, card) => transition(job, card, (core, slot) => core.wkCommit(slot, job.input))),
};

export const finalize: Handler<Uint8Array> = {
  ...reads(finalizeWk),
  ...onRegisters,
  required: oneSignature,
  execute: each((job, card) => transition(job, card, (core, slot) => core.wkFinalize(slot, job.input))),
};

export const clearCurrent: Handler<undefined> = {
  ...reads(clearCurrentWk),
  ...onRegisters,
  required: oneSignature,
  execute: each((job, card) =>
    transition(job, card, (core, slot) => {
      core.wkClearCurrent(slot);
      return Status.Ok;
    }),
  ),
};

export const clearPending: Handler<undefined> = {
  ...reads(clearPendingWk),
  ...onRegisters,
  required: oneSignature,
  execute: each((job, card) =>
    transition(job, card, (core, slot) => {
      core.wkClearNew(slot);
      return Status.Ok;
    }),
  ),
};
