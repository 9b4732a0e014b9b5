// The commands that bring one unit from the administrators it has to those it shall have (workstation.md 5.3), never leaving it
// without the signers that the next command needs. S and R are the thresholds as they are, S' and R' as they shall be; in
// brackets the number of signatures.
//
//   A  S >= R:                  remove [R], add [S], set S' R' [S, or S' in imprint mode]
//   B  R' <= kept:              set S R' [S], remove [R'], add [S], set S' R' [S]
//   C  all have room at once:   add [S], remove [R], set S' R' [S]

import { ChangeControl, type DomainAttributes, Permission } from "../client/attributes.ts";
import { adjustment, type CommandJob, commandJob } from "../client/job.ts";
import { type CryptoUnit, UnitType } from "../client/units.ts";
import { addDomainAdministrator } from "../commands/add-domain-administrator.ts";
import { removeDomainAdministrator } from "../commands/remove-domain-administrator.ts";
import { setDomainAttributes, settableAttributes } from "../commands/set-domain-attributes.ts";
import type { Administrator, Signer } from "../workstation/signer.ts";
import type { Configuration } from "./configuration.ts";
import { includesSki, installedSigners } from "./signers.ts";
import type { UnitView } from "./view.ts";

/** Room for administrators in a unit. */
const ROOM = 8;

/** A unit's administrators against the configured ones. */
export interface Split {
  /** Installed and configured. */
  readonly keep: readonly Administrator[];
  /** Configured, not installed. */
  readonly add: readonly Administrator[];
  /** SKIs of those installed, not configured. */
  readonly remove: readonly Uint8Array[];
}

export function splitAdministrators(view: UnitView, administrators: readonly Administrator[]): Split {
  const keep = installedSigners(view, administrators);
  const configured = administrators.map(({ ski }) => ski);
  return {
    keep,
    add: administrators.filter((administrator) => !keep.includes(administrator)),
    remove: view.administrators.filter((ski) => !includesSki(configured, ski)),
  };
}

export type Order = "A" | "B" | "C";

/** The order in which a unit is to be changed; null if none is possible with the keys of the configuration. */
export function updateOrder(view: UnitView, configuration: Configuration): Order | null {
  const { signatureThreshold: s, revocationThreshold: r } = view.attributes;
  const { keep, add, remove } = splitAdministrators(view, configuration.administrators);
  if (keep.length < s) return null;
  if (s >= r) return "A";
  if (configuration.revocationThreshold <= keep.length) return "B";
  const signed = remove.length === 0 || keep.length + add.length >= r;
  return signed && keep.length + add.length + remove.length <= ROOM ? "C" : null;
}

export type Step =
  | { readonly kind: "add"; readonly administrator: Administrator; readonly signers: readonly Signer[] }
  | { readonly kind: "remove"; readonly ski: Uint8Array; readonly signers: readonly Signer[] }
  | {
      readonly kind: "set";
      readonly signatureThreshold: number;
      readonly revocationThreshold: number;
      readonly signers: readonly Signer[];
    };

/** The commands for a unit for which {@link updateOrder} finds an order. */
export function updateSteps(view: UnitView, configuration: Configuration, order: Order): Step[] {
  const { signatureThreshold: s, revocationThreshold: r } = view.attributes;
  const { signatureThreshold, revocationThreshold } = configuration;
  const { keep, add, remove } = splitAdministrators(view, configuration.administrators);
  const present = [...keep];
  const adding = (): Step[] =>
    add.map((administrator) => {
      const signers = present.slice(0, s);
      present.push(administrator);
      return { kind: "add", administrator, signers };
    });
  const removing = (count: number): Step[] =>
    remove.map((ski) => ({ kind: "remove", ski, signers: present.slice(0, count) }));
  const setting = (sNew: number, rNew: number, count: number): Step => {
    return { kind: "set", signatureThreshold: sNew, revocationThreshold: rNew, signers: present.slice(0, count) };
  };
  const final = (): Step => setting(signatureThreshold, revocationThreshold, s === 0 ? signatureThreshold : s);
  if (order === "A") return [...removing(r), ...adding(), final()];
  if (order === "C") return [...adding(), ...removing(r), final()];
  return [setting(s, revocationThreshold, s), ...removing(revocationThreshold), ...adding(), final()];
}

/** The command of a step. */
export function stepJob(unit: CryptoUnit, step: Step): CommandJob<undefined> {
  if (step.kind === "add")
    return commandJob(unit, addDomainAdministrator, step.administrator.certificate, step.signers);
  if (step.kind === "remove") return commandJob(unit, removeDomainAdministrator, step.ski, step.signers);
  const { signatureThreshold, revocationThreshold, signers } = step;
  const changed = (now: DomainAttributes) => {
    const permissions = permissionsFor(unit.type, now.permissions);
    return settableAttributes({ ...now, signatureThreshold, revocationThreshold, permissions });
  };
  return adjustment(unit, setDomainAttributes, changed, signers);
}

/** The permissions of a unit of this type, made of those it has (unit-behaviour.md 10). */
export function permissionsFor(type: UnitType, now: number): number {
  const common = now | Permission.ZeroOneSign | Permission.WkImport | Permission.Wk1Part;
  if (type === UnitType.Recovery) return doNotDisturb(common | Permission.WkRandom | Permission.WkExport);
  const inward = common & ~Permission.WkExport;
  return (now & ChangeControl.DoNotDisturb) !== 0 ? doNotDisturb(inward) : inward >>> 0;
}

/** With the module's own administrators kept out, for good. */
function doNotDisturb(permissions: number): number {
  return ((permissions | Permission.DoNotDisturb) & ~ChangeControl.DoNotDisturb) >>> 0;
}
