// All TKE commands by topic, in the order in which help lists them.

import type { Command } from "../command.ts";
import { cryptounitAdminAdd, cryptounitAdminRm, cryptounitAdmins } from "./commands/admins.ts";
import { autoInit } from "./commands/auto-init.ts";
import { autoMkRecoverCommand } from "./commands/auto-recover.ts";
import { cryptounitCompare } from "./commands/compare.ts";
import { cryptounitCp, cryptounitCpBtc, cryptounitCpEddsa, cryptounitCpSigOther } from "./commands/control-points.ts";
import { failoverEnable } from "./commands/failover.ts";
import { mkAdd, mkRm, mks } from "./commands/key-parts.ts";
import { cryptounitMkLoad } from "./commands/mk-load.ts";
import {
  cryptounitMk,
  cryptounitMkClrcur,
  cryptounitMkClrnew,
  cryptounitMkCommit,
  cryptounitMkSetimm,
} from "./commands/registers.ts";
import { autoMkRotateCommand, cryptounitMkRotate } from "./commands/rotate.ts";
import { sigkeyAdd, sigkeyRm, sigkeySel, sigkeys } from "./commands/sigkeys.ts";
import { target } from "./commands/target.ts";
import { cryptounitThrhldSet, cryptounitThrhlds } from "./commands/thresholds.ts";
import { cryptounitAdd, cryptounitRm, cryptounits } from "./commands/units.ts";
import { cryptounitZeroize } from "./commands/zeroize.ts";

export const TKE_TOPICS: readonly { readonly title: string; readonly commands: readonly Command[] }[] = [
  {
    title: "Signature keys of administrators",
    commands: [sigkeys, sigkeyAdd, sigkeySel, sigkeyRm],
  },
  {
    title: "Crypto units to work on",
    commands: [cryptounits, cryptounitAdd, cryptounitRm, target],
  },
  {
    title: "A whole service instance",
    commands: [
      ...[autoInit, autoMkRecoverCommand, autoMkRotateCommand, cryptounitMkRotate],
      ...[failoverEnable, cryptounitCompare, cryptounitZeroize],
    ],
  },
  {
    title: "Administrators and thresholds",
    commands: [cryptounitAdmins, cryptounitAdminAdd, cryptounitAdminRm, cryptounitThrhlds, cryptounitThrhldSet],
  },
  {
    title: "Master keys by hand",
    commands: [
      ...[mks, mkAdd, mkRm, cryptounitMk, cryptounitMkLoad, cryptounitMkCommit, cryptounitMkSetimm],
      ...[cryptounitMkClrnew, cryptounitMkClrcur],
    ],
  },
  {
    title: "Control points",
    commands: [cryptounitCp, cryptounitCpBtc, cryptounitCpEddsa, cryptounitCpSigOther],
  },
];

export const TKE_COMMANDS: readonly Command[] = TKE_TOPICS.flatMap(({ commands }) => commands);
