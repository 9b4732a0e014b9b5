// mks, mk-add, mk-rm: master key parts on this workstation.

import { toHex, unmoved } from "../../../bytes.ts";
import { PreconditionError, UsageError } from "../../../errors.ts";
import { createKeyPart } from "../../../workstation/key-part-file.ts";
import { readTypedPart } from "../../../workstation/typed-part.ts";
import { DRY_RUN_OPTION } from "../../options.ts";
import { dryRunOf } from "../dry-run.ts";
import { keyPartJson, keyPartTable } from "../key-tables.ts";
import { readSecret } from "../passwords.ts";
import type { Session } from "../session.ts";
import { flagOption, PASSWORD_OPTIONS, textOption, tkeCommand } from "../tke-command.ts";
import { FORMAT_OPTION, formatOf } from "./sigkeys.ts";

/** Key parts that a master key is made of, at least. */
export const FEWEST_PARTS = 2;

const NONE_FOUND =
  "\nNo files containing an EP11 master key part were found.\n\nTo create one, use the 'opentke mk-add --random' command.\n";

/** The key parts as they are now, for people and programs. */
export function listParts({ keyParts }: Session): { text: string; json: { keyParts: unknown } } {
  const parts = keyParts.list();
  const text = parts.length > 0 ? keyPartTable(parts) : NONE_FOUND;
  return { text, json: { keyParts: keyPartJson(parts) } };
}

/** @throws PreconditionError if the question for a key part has no answer */
export function requireSomeToChoose({ argv, keyParts }: Session): void {
  if (argv["keynum"] !== undefined || keyParts.list().length > 0) return;
  const problem = "there are no files with master key parts in CLOUDTKEFILES";
  throw new PreconditionError([{ unit: "key parts", problem, nextStep: "create one with 'opentke mk-add --random'" }]);
}

export const mks = tkeCommand({
  name: "mks",
  summary: "List the master key parts on this workstation",
  examples: [["opentke mks", "numbers, descriptions and verification patterns"]],
  run: async (session) => listParts(session),
});

export const mkAdd = tkeCommand({
  name: "mk-add",
  summary: "Create a master key part in a file on this workstation",
  examples: [
    ["opentke mk-add --random", "a random value; asks for a description and a password"],
    ["opentke mk-add --value", "asks for the value as 64 hexadecimal digits"],
    ["opentke mk-add --random --description 'First key' --password-file pw", "asks nothing"],
  ],
  options: {
    random: flagOption("A random value"),
    value: flagOption("A value that is typed, or comes from --value-file or --value-fd: 64 hexadecimal digits"),
    "value-file": textOption("File with the value; - is not a file"),
    "value-fd": textOption("Open descriptor to read the value from"),
    description: textOption("What the key part is called"),
    ...FORMAT_OPTION,
    ...PASSWORD_OPTIONS,
    ...DRY_RUN_OPTION,
  },
  run: async (session) => {
    const { argv, prompts, keyParts } = session;
    const random = argv["random"] === true;
    const fromFile = argv["value-file"] !== undefined || argv["value-fd"] !== undefined;
    if (random === (argv["value"] === true || fromFile)) throw new UsageError("Want either --random or --value.");
    const format = formatOf(session);
    const digits = random ? null : await valueDigits(session);
    // A value that cannot be one is refused before more is asked.
    if (digits) readTypedPart(digits, prompts.keep(unmoved(32)));
    const description = await prompts.text(`${random ? "\n" : ""}Enter a description for the key part:`, "description");
    if (description === "") throw new UsageError("description: want at least one character, got none.");
    if (session.dryRun)
      return dryRunOf(`create a ${random ? "random " : ""}key part '${description}' in a new file`, {
        description,
        random,
        format,
      });
    const password = await prompts.newPassword("Enter a password to protect the key part:");
    const fill = (part: Uint8Array): void => {
      if (digits) readTypedPart(digits, part);
      else crypto.getRandomValues(part as Uint8Array<ArrayBuffer>);
    };
    const file = await createKeyPart(await session.core(), fill, description, password, format);
    const keynum = keyParts.add(file);
    const intro = `${session.ok}A key part was created.\nThe available EP11 master key parts on this workstation are:\n`;
    const json = { keynum, description, verificationPattern: toHex(file.pattern) };
    const enough = keyParts.list().length >= FEWEST_PARTS;
    const next = enough
      ? session.next("load key parts", "cryptounit-mk-load")
      : session.next("make another one", "mk-add");
    return { text: `${intro}${listParts(session).text}${next}`, json };
  },
});

/** The digits as they were typed or read, without white space at their ends. */
async function valueDigits({ argv, prompts }: Session): Promise<Uint8Array> {
  const read = readSecret(argv, "value");
  const line = read ? prompts.keep(read) : await prompts.secret("\nEnter the key part value:", "--value-file");
  const isSpace = (byte: number | undefined): boolean =>
    byte === 0x20 || (byte !== undefined && byte >= 9 && byte <= 13);
  let [from, to] = [0, line.length];
  while (from < to && isSpace(line[from])) from++;
  while (to > from && isSpace(line[to - 1])) to--;
  return line.subarray(from, to);
}

export const mkRm = tkeCommand({
  name: "mk-rm",
  summary: "Remove master key part files from this workstation",
  examples: [["opentke mk-rm --keynum 2 --force", "removes 2.mkpart; the key part is gone, unless there is a copy"]],
  options: {
    keynum: textOption("KEYNUM values of the files to remove"),
    force: { alias: "f", ...flagOption("Answer y to every question") },
    ...DRY_RUN_OPTION,
  },
  run: async (session) => {
    const { prompts, keyParts } = session;
    requireSomeToChoose(session);
    session.showChoices("keynum", () => listParts(session).text);
    const question = "\nEnter the KEYNUM values of the key part files to remove, separated by spaces:";
    const keynums = await prompts.numbers(question, "keynum");
    if (keynums.length === 0) throw new UsageError("Want at least one KEYNUM, got none.");
    for (const keynum of keynums) keyParts.get(keynum);
    if (session.dryRun) return dryRunOf(`remove KEYNUM ${keynums.join(" ")}`, { keynums });
    const warning = "\nA key part that is removed cannot be loaded any more, unless there is a copy of its file.";
    if (!(await prompts.confirm(`${warning}\nDo you want to continue?\nAnswer [y/N]:`)))
      return { text: "Nothing was removed.\n", json: { removed: [] } };
    for (const keynum of keynums) keyParts.remove(keynum);
    return { text: `${session.ok}KEYNUM ${keynums.join(" ")} removed.\n`, json: { removed: keynums } };
  },
});
