// The end of a card.

import { ENTROPY, P521 } from "../layout";
import { entropyDrop } from "../lib/entropy";

/** Clears the pool, the exchange region, every slot and all scratch. What is left are tables of public points. */
export function wipeSecrets(): void {
  entropyDrop();
  memory.fill(ENTROPY, 0, P521 - ENTROPY); // all blocks between; p521 wipes its own scratch in each call
}
