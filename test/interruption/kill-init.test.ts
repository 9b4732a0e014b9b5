import { initScene } from "../support/interruption.ts";
import { describeKills } from "../support/kill.ts";

describeKills(initScene());
