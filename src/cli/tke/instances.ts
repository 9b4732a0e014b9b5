// The service instance that an automatic procedure works on.

import { groupBy } from "../../client/groups.ts";
import { UsageError } from "../../errors.ts";
import { table } from "../style.ts";
import type { Session } from "./session.ts";
import type { ListedUnit } from "./units.ts";

/** The units of the only instance there is, or of the one that is chosen. @throws UsageError */
export async function chooseInstance(
  session: Session,
  units: readonly ListedUnit[],
  purpose: "initialize" | "rotate the master key of" | "enable failover for",
): Promise<readonly ListedUnit[]> {
  const groups = Array.from(groupBy(units, ({ unit }) => unit.instance));
  if (groups.length === 1 && session.argv["instance"] === undefined) return groups[0]![1];
  const rows = groups.map(([id], at) => [at + 1, id]);
  session.showChoices("instance", () => `\n${table(["INSTANCE NUM", "INSTANCE ID"], rows)}`);
  const question = `\nEnter the INSTANCE NUM of the service instance you want to ${purpose}.`;
  const number = await session.prompts.number(question, "instance");
  const chosen = groups[number - 1];
  if (!chosen) throw new UsageError(`INSTANCE NUM: want 1 to ${groups.length}, got ${number}.`);
  return chosen[1];
}
