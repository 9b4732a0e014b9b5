// Progress in the words of the TKE plug-in (workstation.md 7.1).

import type { UpdateProgress } from "../procedures/participants.ts";
import type { RecoveryProgress } from "../recovery/waves.ts";

export type ProgressLine = (line: string) => void;

export function initProgress(show: ProgressLine): (progress: UpdateProgress) => void {
  return ({ phase, at, of }) => {
    const text = {
      zeroize: "Zeroizing crypto units in imprint mode",
      administrators: `Installing ${at} of ${of} administrators`,
      thresholds: "Setting signature thresholds",
      generate: "Generating random master key values",
      transfer: `Transferring the master key value to ${at} of ${of} crypto units`,
    } as const;
    show(`${text[phase]}....`);
  };
}

export function recoveryProgress(show: ProgressLine): (progress: RecoveryProgress) => void {
  return ({ done, failed, total }) => {
    const failures = failed > 0 ? ` (${failed} failed)` : "";
    show(`Recovering the master key of ${done} of ${total} crypto units${failures}....`);
  };
}
