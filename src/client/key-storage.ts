// The seam between a rotation and key storage: what re-encrypts a service instance's root keys for the next master key
// (workstation.md 7.2, step 6).

/** How a re-encryption stands. */
export interface RewrapStatus {
  readonly status: "started" | "in-progress" | "complete" | "failed";
  readonly message: string;
  /** Verification pattern of the master key that the root keys are to be under, 32 bytes. */
  readonly pattern: Uint8Array;
}

/** A wrapped root key and its verification pattern. */
export interface StoredKey {
  readonly pattern: Uint8Array;
  readonly blob: Uint8Array;
}

export interface KeyStorage {
  /** The root keys of an instance. */
  list(instance: string): Promise<StoredKey[]>;
  /** Begins to re-encrypt for the units' committed new master key, or goes on with it. Asking twice is asking once. */
  rewrap(instance: string): Promise<RewrapStatus>;
  /** The last re-encryption that was asked for; null if none ever was. */
  status(instance: string): Promise<RewrapStatus | null>;
}

/** How many root keys there are, and how many of them each unit's current master key unwraps to what they were. */
export interface RootKeyCheck {
  readonly keys: number;
  readonly units: readonly { readonly location: string; readonly unwraps: number }[];
}

/** Key storage of simulated units, which also makes root keys and tries them. */
export interface RootKeyStorage extends KeyStorage {
  /** Fresh root keys under the instance's current master key. Out: how many there are now. */
  generate(instance: string, count: number): Promise<number>;
  check(instance: string): Promise<RootKeyCheck>;
}

/** Key storage in the same process. */
export interface LocalKeyStorage {
  rootKeys(instance: string): readonly StoredKey[];
  rewrapRootKeys(instance: string): RewrapStatus;
  rewrapJob(instance: string): RewrapStatus | undefined;
  generateRootKeys(instance: string, count: number): number;
  checkRootKeys(instance: string): RootKeyCheck;
}

export function localKeyStorage(local: LocalKeyStorage): RootKeyStorage {
  return {
    list: async (instance) => [...local.rootKeys(instance)],
    rewrap: async (instance) => local.rewrapRootKeys(instance),
    status: async (instance) => local.rewrapJob(instance) ?? null,
    generate: async (instance, count) => local.generateRootKeys(instance, count),
    check: async (instance) => local.checkRootKeys(instance),
  };
}
