import { describeDrops } from "../support/drop.ts";
import { initScene } from "../support/interruption.ts";

describeDrops(initScene());
