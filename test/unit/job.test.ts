import { expect, it } from "vitest";
import { Id, Lab, NOTHING } from "../support/unit-lab.ts";

it("what a request is said to belong to goes into the audit entry of its command, and nowhere else", async () => {
  const lab = await Lab.open();
  const ids = [lab.operational({}), lab.operational({})];
  const zeroize = (id: string) => lab.command(id, Id.Zeroize, NOTHING, { signers: lab.signers(2) });
  const answers = lab.host.handleMany([
    { unit: ids[0]!, cprb: zeroize(ids[0]!), job: "recovery 12" },
    { unit: ids[1]!, cprb: zeroize(ids[1]!) },
    { unit: ids[1]!, cprb: lab.query(ids[1]!, Id.QueryAttributes), job: "a question" },
  ]);
  expect(answers.some((answer) => answer instanceof Error)).toBe(false);
  const entries = lab.store.commits.flat().flatMap(({ audit }) => audit);
  expect(entries.map(({ unit, job }) => [unit, job])).toEqual([
    [ids[0], "recovery 12"],
    [ids[1], null],
  ]);
});
