import { describeDrops } from "../support/drop.ts";
import { recoverScene } from "../support/interruption.ts";

describeDrops(recoverScene());
