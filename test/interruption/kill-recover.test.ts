import { recoverScene } from "../support/interruption.ts";
import { describeKills } from "../support/kill.ts";

describeKills(recoverScene());
