import { describeDrops } from "../support/drop.ts";
import { rotateScene } from "../support/interruption.ts";

describeDrops(rotateScene());
