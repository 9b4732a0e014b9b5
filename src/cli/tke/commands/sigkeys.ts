// sigkeys, sigkey-add, sigkey-rm, sigkey-sel: the administrators' signature keys on this workstation.

import { toHex } from "../../../bytes.ts";
import { UsageError } from "../../../errors.ts";
import type { Numbered } from "../../../workstation/key-files.ts";
import { SealFormat } from "../../../workstation/password-seal.ts";
import { readSelectedKeys, writeSelectedKeys } from "../../../workstation/selected-keys.ts";
import { createSignatureKey, type SignatureKeyFile } from "../../../workstation/signature-key-file.ts";
import { oneOf } from "../../command.ts";
import { choiceOption, DRY_RUN_OPTION } from "../../options.ts";
import { checkedName, NAME_QUESTION } from "../administrator-name.ts";
import { dryRunOf } from "../dry-run.ts";
import { listKeys, openKey, requireSomeToChoose } from "../key-files-source.ts";
import type { Result, Session } from "../session.ts";
import { flagOption, PASSWORD_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";

export const FORMAT_OPTION = {
  format: choiceOption(
    "Format of the file: sdk, which IBM's clients read, or opentke, which is harder to guess passwords of",
    Object.values(SealFormat),
    SealFormat.Sdk,
  ),
} as const;

export function formatOf({ argv }: Session): SealFormat {
  return oneOf(argv, "format", Object.values(SealFormat));
}

/** Does the work unless a signing service has the keys: then these commands do nothing (workstation.md 1). */
function withKeyFiles(run: (session: Session) => Promise<Result>): (session: Session) => Promise<Result> {
  return async (session) => (session.signingService === null ? run(session) : NOTHING_TO_DO);
}

const NOTHING_TO_DO: Result = {
  text: "TKE_SIGNSERV_URL names a signing service, so signature key files are not used. Nothing was done.\n",
  json: { signingService: true },
};

export const sigkeys = tkeCommand({
  name: "sigkeys",
  summary: "List the signature keys on this workstation",
  examples: [
    ["opentke sigkeys", "numbers, names and key identifiers"],
    ["opentke sigkeys --output json", "the same, whole identifiers, for programs"],
  ],
  run: withKeyFiles(async (session) => listKeys(session)),
});

export const sigkeyAdd = tkeCommand({
  name: "sigkey-add",
  summary: "Create a signature key (P-521) in a file on this workstation",
  examples: [
    ["opentke sigkey-add", "asks for the administrator's name and a password"],
    ["opentke sigkey-add --name 'John Smith' --password-file pw", "asks nothing"],
    ["opentke sigkey-add --format opentke", "a file whose password is harder to guess, for OpenTKE alone"],
  ],
  options: {
    name: textOption("Administrator's name, at most 30 bytes"),
    ...FORMAT_OPTION,
    ...PASSWORD_OPTIONS,
    ...DRY_RUN_OPTION,
  },
  run: withKeyFiles(async (session) => {
    const format = formatOf(session);
    const { prompts, signatureKeys } = session;
    const name = checkedName(await prompts.text(NAME_QUESTION, "name"));
    if (session.dryRun) return dryRunOf(`create a signature key for '${name}' in a new file`, { name, format });
    const password = await prompts.newPassword("Enter a password to protect the signature key:");
    const { file } = await createSignatureKey(await session.core(), name, password, format);
    const keynum = signatureKeys.add(file);
    const { text } = listKeys(session);
    const intro = `${session.ok}A signature key was created.\nThe available signature keys on this workstation are:\n`;
    const next = `\nTo select the keys that sign, use the ${session.hint("sigkey-sel")} command.\n`;
    return { text: `${intro}${text}${next}`, json: { keynum, name, ski: toHex(file.ski) } };
  }),
});

export const sigkeyRm = tkeCommand({
  name: "sigkey-rm",
  summary: "Remove signature key files from this workstation",
  examples: [["opentke sigkey-rm --keynum 2 --force", "removes 2.sigkey; the key is gone, unless there is a copy"]],
  options: {
    keynum: textOption("KEYNUM values of the files to remove"),
    force: { alias: "f", ...flagOption("Answer y to every question") },
    ...DRY_RUN_OPTION,
  },
  run: withKeyFiles(async (session) => {
    const { prompts, signatureKeys, folder } = session;
    requireSomeToChoose(session);
    session.showChoices("keynum", () => listKeys(session).text);
    const question = "\nEnter the KEYNUM values of the signature key files to remove, separated by spaces:";
    const keys = chosen(session, await prompts.numbers(question, "keynum"));
    if (session.dryRun) return dryRunOf(`remove ${keynumsText(keys)}`, { keynums: keys.map(({ keynum }) => keynum) });
    const warning = "\nA signature key that is removed cannot sign any more, unless there is a copy of its file.";
    if (!(await prompts.confirm(`${warning}\nDo you want to continue?\nAnswer [y/N]:`))) return nothingRemoved();
    for (const { keynum } of keys) signatureKeys.remove(keynum);
    const gone = keys.map(({ file }) => toHex(file.ski));
    writeSelectedKeys(
      folder,
      readSelectedKeys(folder).filter((ski) => !gone.includes(ski)),
    );
    const names = keys.map(({ keynum }) => keynum).join(" ");
    return { text: `${session.ok}KEYNUM ${names} removed.\n`, json: { removed: keys.map(({ keynum }) => keynum) } };
  }),
});

function nothingRemoved() {
  return { text: "Nothing was removed.\n", json: { removed: [] } };
}

export const sigkeySel = tkeCommand({
  name: "sigkey-sel",
  summary: "Select the signature keys that sign from now on",
  examples: [
    ["opentke sigkey-sel", "asks for KEYNUM values and passwords"],
    ["opentke sigkey-sel --keynum '1 2' --password-file pw", "asks nothing"],
  ],
  options: {
    keynum: textOption("KEYNUM values to select, separated by spaces"),
    ...PASSWORD_OPTIONS,
    ...DRY_RUN_OPTION,
  },
  run: withKeyFiles(async (session) => {
    const { prompts, folder } = session;
    requireSomeToChoose(session);
    session.showChoices("keynum", () => listKeys(session).text);
    const question = "\nEnter the KEYNUM values to select as current signature keys, separated by spaces:";
    const keys = chosen(session, await prompts.numbers(question, "keynum"));
    if (session.dryRun)
      return dryRunOf(`make ${keynumsText(keys)} the current signature keys`, {
        keynums: keys.map(({ keynum }) => keynum),
      });
    for (const key of keys) await openKey(session, key, `Enter the password for KEYNUM ${key.keynum}:`);
    writeSelectedKeys(
      folder,
      keys.map(({ file }) => toHex(file.ski)),
    );
    const lines = keys.map(({ keynum }) => `KEYNUM ${keynum} has been made the current signature key.\n`).join("");
    const next = session.next("select the crypto units that commands go to", "cryptounit-add");
    return { text: `${session.ok}${lines}${next}`, json: { selected: keys.map(({ keynum }) => keynum) } };
  }),
});

function keynumsText(keys: readonly Numbered<SignatureKeyFile>[]): string {
  return `KEYNUM ${keys.map(({ keynum }) => keynum).join(" ")}`;
}

/** @throws UsageError if none is named, WorkstationError if there is no such file. */
function chosen({ signatureKeys }: Session, keynums: readonly number[]): Numbered<SignatureKeyFile>[] {
  if (keynums.length === 0) throw new UsageError("Want at least one KEYNUM, got none.");
  return keynums.map((keynum) => signatureKeys.get(keynum));
}
