// A core that counts: calls by name, and slots in use.

import type { Core, KeyPair, KeySlot, UnitSlot } from "../../src/core/api.ts";

export interface WatchedCore {
  readonly core: Core;
  /** Calls of each method since the last `reset`. */
  readonly calls: Map<string, number>;
  readonly keys: ReadonlySet<KeySlot>;
  readonly units: ReadonlySet<UnitSlot>;
  reset(): void;
  /** Makes a method throw until the function returned is called. */
  fail(method: string, error: Error): () => void;
}

export function watchCore(target: Core): WatchedCore {
  const calls = new Map<string, number>();
  const keys = new Set<KeySlot>();
  const units = new Set<UnitSlot>();
  const failures = new Map<string, Error>();
  const observe = (name: string, args: readonly unknown[], result: unknown): void => {
    if (name === "keyGenerate") for (const { slot } of result as KeyPair[]) keys.add(slot);
    if (name === "keyImport" || name === "keyUnseal") {
      if (result !== null) keys.add((result as KeyPair).slot);
    }
    if (name === "keyFree") keys.delete(args[0] as KeySlot);
    if (name === "unitAlloc" || name === "unitCopy") units.add(result as UnitSlot);
    if (name === "unitUnseal") for (const slot of result as (UnitSlot | null)[]) if (slot !== null) units.add(slot);
    if (name === "unitFree") units.delete(args[0] as UnitSlot);
  };
  const core = new Proxy(target, {
    get(_, name) {
      const value = Reflect.get(target, name, target) as unknown;
      if (typeof value !== "function") return value;
      return (...args: unknown[]): unknown => {
        const method = String(name);
        const failure = failures.get(method);
        if (failure) throw failure;
        calls.set(method, (calls.get(method) ?? 0) + 1);
        const result = (value as (...a: unknown[]) => unknown).apply(target, args);
        observe(method, args, result);
        return result;
      };
    },
  });
  return {
    core,
    calls,
    keys,
    units,
    reset: () => calls.clear(),
    fail(method, error) {
      failures.set(method, error);
      return () => failures.delete(method);
    },
  };
}
