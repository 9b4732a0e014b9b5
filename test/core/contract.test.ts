// The card keeps the contract that every core keeps.

import { loadCore } from "../../src/core/load.ts";
import { coreContract } from "../support/core-contract.ts";

coreContract("wasm", loadCore);
