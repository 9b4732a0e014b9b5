// The contract of Core (src/core/api.ts), run over any implementation. What the core makes is checked by node:crypto, what it
// takes is made by node:crypto; the register transitions are one table.

import { afterAll, beforeAll, describe } from "vitest";
import type { Core } from "../../src/core/api.ts";
import { ecdsa, quorum } from "./contract/ecdsa.ts";
import { importingBlocks, sealedHostKeys } from "./contract/host-keys.ts";
import { hashing, sealedKeys, signingKeys } from "./contract/keys.ts";
import { life } from "./contract/life.ts";
import { exporting, importing } from "./contract/transfer.ts";
import { transitions } from "./contract/transitions.ts";
import { rootKeys, units } from "./contract/units.ts";

export { interopContract } from "./contract/life.ts";

/** Describes every method of the interface for the core that `make` gives. */
export function coreContract(name: string, make: () => Promise<Core>): void {
  describe(`core contract: ${name}`, () => {
    let core: Core;
    beforeAll(async () => {
      core = await make();
      core.setStorageKey((view) => view.fill(0x5a));
    });
    afterAll(() => core.dispose());
    const get = () => core;
    describe("hashing", () => hashing(get));
    describe("signing keys", () => signingKeys(get));
    describe("sealed keys", () => sealedKeys(get));
    describe("sealed host keys", () => sealedHostKeys(get));
    describe("ECDSA", () => ecdsa(get));
    describe("quorum", () => quorum(get));
    describe("units", () => units(get));
    describe("register transitions", () => transitions(get));
    describe("export", () => exporting(get));
    describe("import", () => importing(get));
    describe("import of blocks", () => importingBlocks(get));
    describe("root keys", () => rootKeys(get));
    describe("life", () => life(get, make));
  });
}
