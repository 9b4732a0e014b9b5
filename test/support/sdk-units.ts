// Units that IBM's vectors of requests are for: at their module and domain, their counter and signers set up.

import { createUnit } from "../../src/unit/module.ts";
import type { UnitState } from "../../src/unit/state.ts";
import { certificate, fromHexText, hexOf, rsaPublicKey, rsaSpki, spki } from "./handmade.ts";
import { ALL_PERMISSIONS, type Lab, OPERATIONAL, type Secrets } from "./unit-lab.ts";

interface SignerVector {
  readonly type: string;
  readonly ski: string;
  readonly privateKey: { readonly d?: string; readonly n?: string };
}

export interface SdkRequest {
  readonly kind: string;
  readonly name: string;
  readonly moduleIndex: number;
  readonly domainIndex: number;
  readonly domainInstance?: string;
  readonly moduleId: string;
  readonly transactionCounterBefore?: string;
  readonly transactionCounter: string;
  readonly commandInput: string;
  readonly signers?: readonly SignerVector[];
  readonly parts?: readonly { readonly signers: readonly SignerVector[] }[];
  readonly cprb: string;
  readonly htpRequest: string;
}

const ZERO_1SIGN = 0x40;
const CP_1SIGN = 0x20;

export const signersOf = ({ signers, parts }: SdkRequest): readonly SignerVector[] =>
  signers ?? (parts ?? []).flatMap((part) => part.signers);

/** Whether the command's counter is the one that follows FF..FF: no unit takes it. */
export const wraps = ({ transactionCounter }: SdkRequest): boolean => /^0+$/.test(transactionCounter);

/** A unit of the lab for a request; its id. Its signers are installed, and thresholds are just met. */
export function unitForRequest(lab: Lab, vector: SdkRequest, secrets: Secrets): string {
  const named = fromHexText(vector.moduleId ?? "");
  const serial = named.length === 0 ? lab.module.serial : Buffer.from(named.slice(0, 8)).toString();
  const instance = hexOf(named.slice(8));
  if (instance !== "" && hexOf(lab.store.modules.get(serial)?.instance ?? new Uint8Array(0)) !== instance) {
    lab.addModule(serial, named.slice(8));
  }
  const id = `${vector.name}-${lab.store.units.size}`;
  const unit = createUnit({ id, serial, domain: vector.domainIndex, counterSeed: new Uint8Array(8) });
  lab.store.units.set(id, { ...unit, ...addressed(vector), ...installed(lab, vector) });
  lab.fill(id, secrets);
  return id;
}

const addressed = ({ domainInstance, transactionCounterBefore }: SdkRequest): Partial<UnitState> => ({
  domainInstance: Number.parseInt(domainInstance ?? "1", 16),
  counter: fromHexText(transactionCounterBefore ?? "00".repeat(16)),
});

/** Imprint mode for a request that nobody signed. */
function installed(lab: Lab, vector: SdkRequest): Partial<UnitState> {
  const keys = new Map(signersOf(vector).map((signer) => [signer.ski, signer]));
  const signers = [...keys.values()].map((signer) => {
    const publicKey = publicKeyOf(lab, signer);
    const info = publicKey.length === 133 ? spki(publicKey) : rsaSpki(publicKey);
    if (hexOf(lab.core.sha256(publicKey)) !== signer.ski) throw new Error("the vector's SKI is not its key's");
    return { ski: fromHexText(signer.ski), publicKey, certificate: certificate(info, fromHexText(signer.ski)) };
  });
  const [spare, other] = lab.admins.map(({ key: _, ...administrator }) => administrator);
  const removed =
    vector.name === "remove-domain-administrator" ? [{ ...other!, ski: fromHexText(vector.commandInput) }] : [];
  const administrators = [...signers, spare!, ...removed].slice(0, 8);
  if (signers.length === 0) return { administrators };
  const thresholds = { signatureThreshold: signers.length, revocationThreshold: signers.length };
  const permissions = ALL_PERMISSIONS & ~ZERO_1SIGN & ~CP_1SIGN;
  return { administrators, attributes: { ...OPERATIONAL, permissions, ...thresholds } };
}

function publicKeyOf(lab: Lab, { type, privateKey: { d, n } }: SignerVector): Uint8Array {
  if (type === "rsa2048") return rsaPublicKey(fromHexText(n!));
  const { publicKey, slot } = lab.core.keyImport(fromHexText(d!));
  lab.core.keyFree(slot);
  return publicKey;
}
