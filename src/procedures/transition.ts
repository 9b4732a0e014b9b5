// Whether the units of a service instance can get a configuration from where they are (workstation.md 5.2). All problems are
// collected; nothing is changed.

import { equal } from "../bytes.ts";
import { inImprintMode } from "../client/attributes.ts";
import { RegisterStatus, samePattern } from "../client/registers.ts";
import { UnitType } from "../client/units.ts";
import type { Problem } from "../errors.ts";
import type { Configuration } from "./configuration.ts";
import { splitAdministrators, updateOrder } from "./update-steps.ts";
import type { NamedView } from "./view.ts";

/** What keeps the units of one service instance from getting the configuration. */
export function transitionProblems(views: readonly NamedView[], configuration: Configuration): Problem[] {
  const [first] = views;
  const problems = views.flatMap((view) => [
    ...keyCountProblems(view, configuration),
    ...renamings(view, configuration),
  ]);
  if (first && !views.some(({ unit }) => unit.type === UnitType.Recovery)) {
    const nextStep = "initialize it by hand: 'cryptounit-admin-add', 'cryptounit-thrhld-set', 'cryptounit-mk-load'";
    problems.push({ unit: `service instance ${first.unit.instance}`, problem: "has no recovery unit", nextStep });
  }
  return [...problems, ...masterKeyProblems(views)];
}

function keyCountProblems(view: NamedView, configuration: Configuration): Problem[] {
  const { signatureThreshold } = view.attributes;
  const { keep } = splitAdministrators(view, configuration.administrators);
  const unit = view.unit.location;
  const nextStep = "add the keys of administrators who are installed, or zeroize the unit";
  if (keep.length < signatureThreshold) {
    const problem = `its signature threshold is ${signatureThreshold}, and only ${keep.length} of its administrators are configured`;
    return [{ unit, problem, nextStep }];
  }
  if (updateOrder(view, configuration) !== null) return [];
  return [{ unit, problem: "too few of its administrators are configured for its revocation threshold", nextStep }];
}

/** Administrators that stay under another name. */
function renamings(view: NamedView, { administrators }: Configuration): Problem[] {
  if (inImprintMode(view.attributes)) return [];
  return splitAdministrators(view, administrators).keep.flatMap((administrator) => {
    const installed = view.named.find(({ ski }) => equal(ski, administrator.ski))?.name;
    if (installed?.trim() === administrator.name.trim()) return [];
    const problem = `knows administrator '${administrator.name}' as ${installed === undefined ? "one without a readable name" : `'${installed}'`}`;
    return [
      { unit: view.unit.location, problem, nextStep: "use the installed name, or remove the administrator first" },
    ];
  });
}

/** All master keys that are set must be the one of a recovery unit, from which the others will get it. */
function masterKeyProblems(views: readonly NamedView[]): Problem[] {
  const set = views.filter(({ registers }) => registers.current.status !== RegisterStatus.Empty);
  const [first] = set;
  if (!first) return [];
  const source = set.find(({ unit }) => unit.type === UnitType.Recovery);
  if (!source) {
    const problem = "has a master key, and no recovery unit of the service instance has it";
    return [
      { unit: first.unit.location, problem, nextStep: "load the key parts into a recovery unit: 'cryptounit-mk-load'" },
    ];
  }
  const { pattern } = source.registers.current;
  return set.flatMap(({ unit, registers }) => {
    if (samePattern(registers.current.pattern, pattern)) return [];
    const problem = `has another master key than recovery unit ${source.unit.location}`;
    return [
      { unit: unit.location, problem, nextStep: "compare with 'cryptounit-compare' and decide which key is to stay" },
    ];
  });
}
