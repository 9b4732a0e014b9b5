// What a command's input says, for the eyes of whoever's key is to sign it: names of values, in the order in which they are told. An
// input that cannot be told whole and without ambiguity is malformed.

import { createHash } from "node:crypto";
import { toHex } from "../../bytes.ts";
import { addDomainAdministrator } from "../../commands/add-domain-administrator.ts";
import { generateImporterKey, ImporterType } from "../../commands/generate-importer-key.ts";
import { COMMANDS, type CommandName } from "../../commands/registry.ts";
import { setDomainAttributes } from "../../commands/set-domain-attributes.ts";
import { WireError } from "../../errors.ts";
import { adminKeyOf, adminNameOf, decodeAdminCertificate } from "../../wire/admin-certificate.ts";
import { AttributeIndex } from "../../wire/attributes.ts";
import { checkControlPoints, controlPointName, controlPointsIn } from "../../wire/control-points.ts";
import { isQuery } from "../../wire/ids.ts";
import { decodeKphCertificate } from "../../wire/kph-certificate.ts";
import { decodeParameterMap, ParameterTag } from "../../wire/parameter-map.ts";
import { decodeRecipientInfo } from "../../wire/recipient-info.ts";

export type Details = Readonly<Record<string, string | number>>;

/** The details of an input. @throws WireError if the input is none of the command's. */
export type Describe = (input: Uint8Array) => Details;

type SignedCommand = Exclude<CommandName, `query-${string}`>;

const none =
  (command: SignedCommand): Describe =>
  (input) => {
    COMMANDS[command].decodeInput(input);
    return {};
  };
const pattern =
  (command: "commit-pending-wk" | "finalize-wk"): Describe =>
  (input) => ({ pattern: toHex(COMMANDS[command].decodeInput(input)) });

/** For every command that is signed. */
const DESCRIBE: Readonly<Record<SignedCommand, Describe>> = {
  "add-domain-administrator": administrator,
  "add-domain-control-points": controlPoints,
  "clear-current-wk": none("clear-current-wk"),
  "clear-pending-wk": none("clear-pending-wk"),
  "commit-pending-wk": pattern("commit-pending-wk"),
  "delete-domain-control-points": controlPoints,
  "export-next-wk": exported,
  "export-wk": exported,
  "finalize-wk": pattern("finalize-wk"),
  "generate-importer-key": importerKey,
  "generate-random-wk": none("generate-random-wk"),
  "import-wk": keyPart,
  "remove-domain-administrator": (input) => ({
    ski: toHex(COMMANDS["remove-domain-administrator"].decodeInput(input)),
  }),
  "set-domain-attributes": attributes,
  "set-domain-control-points": controlPoints,
  "zeroize-domain": none("zeroize-domain"),
};

/** Names of the commands that administrators sign. */
export const SIGNED_COMMANDS = Object.keys(DESCRIBE) as readonly SignedCommand[];

/** A command that administrators sign, by its id; undefined for queries and unknown ids. */
export function signedCommand(
  commandId: number,
): { readonly name: SignedCommand; readonly describe: Describe } | undefined {
  const name = isQuery(commandId) ? undefined : SIGNED_COMMANDS.find((one) => COMMANDS[one].id === commandId);
  return name && { name, describe: DESCRIBE[name] };
}

function administrator(input: Uint8Array): Details {
  const certificate = decodeAdminCertificate(addDomainAdministrator.decodeInput(input));
  const key = adminKeyOf(certificate);
  if (!key) throw new WireError("administrator's key", 0, "P-521 or RSA-2048", "another");
  const ski = sha256(key.publicKey);
  if (ski !== toHex(certificate.tbs.ski)) throw new WireError("ski", 0, "that of the key", "another");
  return { name: adminNameOf(certificate), ski, keyType: key.keyType };
}

const ATTRIBUTES: Readonly<Record<number, string>> = {
  [AttributeIndex.SignatureThreshold]: "signatureThreshold",
  [AttributeIndex.RevocationThreshold]: "revocationThreshold",
  [AttributeIndex.Permissions]: "permissions",
  [AttributeIndex.OperationalMode]: "operationalMode",
};

/** Thresholds are numbers, everything else is bits. */
function attributes(input: Uint8Array): Details {
  const pairs = setDomainAttributes.decodeInput(input);
  if (new Set(pairs.map(({ index }) => index)).size < pairs.length)
    throw new WireError("attributes", 0, "each once", "one twice");
  return Object.fromEntries(
    pairs.map(({ index, value }) => {
      const isThreshold = index === AttributeIndex.SignatureThreshold || index === AttributeIndex.RevocationThreshold;
      return [ATTRIBUTES[index] ?? `attribute${index}`, isThreshold ? value : hex32(value)];
    }),
  );
}

function importerKey(input: Uint8Array): Details {
  const type = generateImporterKey.decodeInput(input);
  const [name] = Object.entries(ImporterType).find(([, value]) => value === type) ?? [`type ${type}`];
  return { importerKey: name };
}

const EXPORT_TAGS: readonly number[] = [ParameterTag.PolicyM, ParameterTag.KphCertificate, ParameterTag.Scope];

/** To whom the master key goes: SHA-256 of each recipient's 04 || X || Y. */
function exported(input: Uint8Array): Details {
  const parameters = decodeParameterMap(input);
  const unknown = parameters.find(({ tag }) => !EXPORT_TAGS.includes(tag));
  if (unknown) throw new WireError("parameters", 0, "those of an export", `tag ${unknown.tag}`);
  const policies = parameters.filter(({ tag }) => tag === ParameterTag.PolicyM);
  if (policies.length !== 1) throw new WireError("parameters", 0, "one policy", `${policies.length}`);
  const recipients = parameters.filter(({ tag }) => tag === ParameterTag.KphCertificate);
  const keys = recipients.map(({ data }) => sha256(decodeKphCertificate(data).publicKey));
  return { recipients: keys.join(" "), partsNeeded: policies[0]!.index };
}

/** What is signed for an import is one key part: its RecipientInfo. */
function keyPart(input: Uint8Array): Details {
  return { keyPartFor: toHex(decodeRecipientInfo(input).recipientSki) };
}

function controlPoints(input: Uint8Array): Details {
  const bits = controlPointsIn(checkControlPoints(input));
  return { controlPoints: bits.map((bit) => controlPointName(bit) ?? bit).join(" ") };
}

function hex32(value: number): string {
  return value.toString(16).padStart(8, "0");
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
