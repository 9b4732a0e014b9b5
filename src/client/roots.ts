// Roots at which certificate chains of modules may end: by identifier and key, never by identifier alone. A chain does not carry its
// root's certificate, so the key must be known beforehand.
//
// IBM's are those of IBM's own client (IBM/ibm-hpcs-tke-sdk, ep11cmds/verifyOA2Certificate.go, at commit e023c2e). Each is proved by
// its published identifier, which is a hash of it (ep11-wire.md 9.3, 9.4).

import { concat, equal, fromHex } from "../bytes.ts";
import { UsageError } from "../errors.ts";

/** A root that is trusted, by identifier and key. */
export interface PinnedRoot {
  readonly name: string;
  /** 32 bytes: the first half of SHA-512 of the key (ep11-wire.md 9.3). */
  readonly ski: Uint8Array;
  /** 133 bytes, 04 || X || Y. */
  readonly publicKey: Uint8Array;
}

const UNCOMPRESSED = Uint8Array.of(4);

function root(name: string, ski: string, x: readonly string[], y: readonly string[]): PinnedRoot {
  return { name, ski: fromHex(ski), publicKey: concat(UNCOMPRESSED, fromHex(x.join("")), fromHex(y.join(""))) };
}

/** Of the adapters whose certificates are in the OA2 format: CEX6 (4768) and CEX7 (4769). */
export const IBM_ROOTS: readonly PinnedRoot[] = [
  root(
    "ibm-cex6",
    "5f4717480b75b8bcbc224c62dfbd7a3b8987e54193d40a1a664fa221e5387123",
    [
      "018bd55521ae1d52a07630d04cd1adeb82f22fea54da7ccf5d4e33e0c5ff075519",
      "f4d9d902a6800d47dc2c0e5fd4f6ebe63096f37fadf9717b8a679d0fb1d5957cdc",
    ],
    [
      "0116f34a637240bf0abcef0528cb8eb4cdde17154010d10692c753fdadebcfb452",
      "130fa664bc8546c1bd72211297ad0038836a4e55182530d6ccb10ffa2004f7f9cd",
    ],
  ),
  root(
    "ibm-cex7",
    "b23884d4dea35eaabab109e0a6c400b2f5bea652f14ab23d2a47220696eb0e6b",
    [
      "0112ec7b6c304f2ded0dcbc0d8ec3c43ee2fb377052a46517747bfe5ad35e68f50",
      "016644a438cc6c20c4d1b25085eea9c83a99514d9b39b6e3d60f472237ac894d81",
    ],
    [
      "002b53cdf6a39ca67e258a0e714d6609d7ea3f687aa0b3bf8b69f92e7dcf539792",
      "abb8b063be8f9393124c10271d4c569626cb6e8ea79f502670c201848e328041a7",
    ],
  ),
];

/** All of IBM's. */
const IBM = "ibm";
/** What {@link rootsNamed} knows. */
export const ROOT_NAMES: readonly string[] = [...IBM_ROOTS.map(({ name }) => name), IBM];

/** Known roots by their names, each once. @throws UsageError for a name that is none. */
export function rootsNamed(names: readonly string[]): PinnedRoot[] {
  const unknown = names.find((name) => !ROOT_NAMES.includes(name));
  if (unknown !== undefined) throw new UsageError(`--root: want ${ROOT_NAMES.join(", ")}, got '${unknown}'.`);
  return IBM_ROOTS.filter(({ name }) => names.includes(name) || names.includes(IBM));
}

/** The known root with this identifier, trusted or not. */
export function knownRoot(ski: Uint8Array): PinnedRoot | undefined {
  return IBM_ROOTS.find((candidate) => equal(candidate.ski, ski));
}
