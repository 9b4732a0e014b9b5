import { rotateScene } from "../support/interruption.ts";
import { describeKills } from "../support/kill.ts";

describeKills(rotateScene());
