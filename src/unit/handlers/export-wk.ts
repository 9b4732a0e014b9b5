// Export WK and export next WK (ep11-wire.md 10.12; unit-behaviour.md 6.4): one call of the card for all exports of a stage.

import { EMPTY } from "../../bytes.ts";
import type { Command } from "../../commands/command.ts";
import { exportNextWk } from "../../commands/export-next-wk.ts";
import { exportWk } from "../../commands/export-wk.ts";
import { MAX_IMPORT_PARTS } from "../../commands/import-parts.ts";
import type { Core, ExportJob, ExportResult } from "../../core/api.ts";
import { Status } from "../../core/status.ts";
import { WireError } from "../../errors.ts";
import { Permission } from "../../wire/attributes.ts";
import { KeyType } from "../../wire/ids.ts";
import { decodeKphCertificate } from "../../wire/kph-certificate.ts";
import { type Parameter, ParameterTag } from "../../wire/parameter-map.ts";
import { encodeRecipientInfo } from "../../wire/recipient-info.ts";
import { permits } from "../attributes.ts";
import { Done, type Handler, type Job, type Outcome, reads, refusalOf, signatureThreshold } from "../handler.ts";
import { Refusal, Refused } from "../refusal.ts";

type Parameters = readonly Parameter[];

export const exportCurrent = exporting(exportWk, "current");
export const exportNext = exporting(exportNextWk, "next");

function exporting(format: Command<Parameters, Parameters>, register: ExportJob["register"]): Handler<Parameters> {
  return {
    ...reads(format),
    imprint: false,
    readOnly: true,
    secrets: true,
    required: signatureThreshold,
    permit(state, parameters) {
      if (!permits(state, Permission.WkExport)) return Refused.exportForbidden;
      const shared = partsNeeded(parameters) === 1 && !permits(state, Permission.Wk1Part);
      return shared ? Refused.sharedExportForbidden : null;
    },
    execute(jobs, { core }) {
      const holders = jobs.map(({ input }) => holdersOf(input));
      const exports = jobs.flatMap((job, i) => {
        const recipients = holders[i]!;
        const { slot, input } = job;
        return recipients instanceof Refusal
          ? []
          : [{ job, slot, register, recipients, split: partsNeeded(input) !== 1 }];
      });
      const results = core.wkExport(exports);
      const outcomes = new Map<Job<Parameters>, Outcome>();
      exports.forEach(({ job, recipients }, i) => {
        outcomes.set(job, outcome(core, format, partsNeeded(job.input), recipients, results[i]!));
      });
      return jobs.map((job, i) => outcomes.get(job) ?? (holders[i] as Refusal));
    },
  };
}

/** M of the policy; 0 if it is missing or there are several. */
function partsNeeded(parameters: Parameters): number {
  const policies = parameters.filter(({ tag }) => tag === ParameterTag.PolicyM);
  return policies.length === 1 ? policies[0]!.index : 0;
}

/** The holders' public keys in the order of their indexes, 0 to N - 1. */
function holdersOf(parameters: Parameters): Uint8Array[] | Refusal {
  const certificates = parameters.filter(({ tag }) => tag === ParameterTag.KphCertificate);
  const keys = certificates.map(({ data }) => holderKey(data));
  if (keys.length === 0 || keys.includes(null)) return Refused.holderCertificate;
  const byIndex = new Map(certificates.map(({ index }, i) => [index, keys[i]!]));
  if (byIndex.size < keys.length || certificates.some(({ index }) => index >= keys.length)) return Refused.holderIndex;
  const m = partsNeeded(parameters);
  if (m !== 1 && m !== keys.length) return Refused.holderCount;
  return keys.length > MAX_IMPORT_PARTS ? Refused.tooManyParts : keys.map((_, index) => byIndex.get(index)!);
}

function holderKey(certificate: Uint8Array): Uint8Array | null {
  try {
    return decodeKphCertificate(certificate).publicKey;
  } catch (error) {
    if (error instanceof WireError) return null;
    throw error;
  }
}

function outcome(
  core: Core,
  format: Command<Parameters, Parameters>,
  needed: number,
  recipients: readonly Uint8Array[],
  result: ExportResult,
): Outcome {
  if (result.status === Status.BadPoint) return Refused.holderCertificate;
  if (result.status !== Status.Ok) return refusalOf(result.status);
  const parts = result.parts.map(({ originator, ukm, wrapped }, index) => ({
    tag: ParameterTag.EncryptedKeyPart,
    index,
    data: encodeRecipientInfo({
      keyType: KeyType.P521,
      originator,
      ukm,
      recipientSki: core.sha256(recipients[index]!),
      encryptedKey: wrapped,
    }),
  }));
  return new Done(
    format.encodeOutput([
      { tag: ParameterTag.KeyPartCount, index: parts.length, data: EMPTY },
      { tag: ParameterTag.PolicyM, index: needed, data: EMPTY },
      ...parts,
    ]),
  );
}
