// The export table, in the order of src/core/abi.ts. Addresses, lengths and counts are u32; jobs are records of u32 whose fields
// stand at each function. src/core is the only caller.

// what the host has to know of the card: status codes, regions, numbers of slots, sizes
export { Status } from "./status";
export { ENTROPY, ENTROPY_BYTES, EXCHANGE, EXCHANGE_BYTES } from "./layout";
export { KEY_SLOTS } from "./register/key-slots";
export { UNIT_SLOTS } from "./register/unit-slots";
export { HOST_KEY_BYTES, SEALED_HOST_KEY_BYTES, SEALED_KEY_BYTES, SEALED_UNIT_BYTES } from "./register/sealed";
export { ROOT_KEY_BYTES } from "./register/root-keys";

// entropyLeft(): bytes in the pool; entropyFilled(): the host has filled it
export { entropyFilled, entropyLeft } from "./lib/entropy";

// sha256(out, data, n); sha256Init(ctx), sha256Update(ctx, data, n), sha256Final(out, ctx); SHA-512 alike
export { sha256, sha256Final, sha256Init, sha256Update } from "./sha2/sha256";
export { sha512, sha512Final, sha512Init, sha512Update } from "./sha2/sha512";

// keyWrapMany(n, jobs, bytes): Status, keyUnwrapMany(n, jobs, bytes): Status
export { keyUnwrapMany, keyWrapMany } from "./aes/keywrap";
// ecdhMany(n, jobs): Status
export { ecdhMany } from "./p521/ecdh";
// keypairMany(n, jobs): Status, publicKeyMany(n, jobs): Status
export { keypairMany, publicKeyMany } from "./p521/keypair";
// cacheSetLimit(keys): public keys whose tables are kept
export { cacheSetLimit } from "./p521/cache";

// keyGenerate(n, slots, points): Status, keyImport(slot, scalar, point): Status, keyFree(slot): Status
// importerGenerate(n, slots, points): Status, importerOnHost(slot): Status
export { importerGenerate, importerOnHost, keyFree, keyGenerate, keyImport } from "./register/keys";
// sign(n, jobs, hedged): Status, verify(n, jobs): Status, quorum(n, jobs, signers): Status
export { quorum, sign, verify } from "./register/signatures";

// storageKeySet(key)
export { storageKeySet } from "./register/sealing";
// keySeal(slot, context, contextLength, blob): Status, keyUnseal(slot, context, contextLength, blob, point): Status
// unitSeal(n, jobs): Status, unitUnseal(n, jobs): Status
// hostKeySeal(key, context, contextLength, blob): Status, hostKeyUnseal(key, context, contextLength, blob): Status
export { hostKeySeal, hostKeyUnseal, keySeal, keyUnseal, unitSeal, unitUnseal } from "./register/sealed";

// unitAlloc(slot), unitCopy(to, from), unitFree(slot), unitZeroize(slot), registers(slot, out), wkGenerate(slot),
// wkLoad(slot, key), wkCommit(slot, pattern), wkFinalize(slot, pattern), wkClearCurrent(slot), wkClearNew(slot): Status
export {
  registers, unitAlloc, unitCopy, unitFree, unitZeroize, wkClearCurrent, wkClearNew, wkCommit, wkFinalize, wkGenerate,
  wkLoad,
} from "./register/registers";
// wkExport(n, jobs, recipients, parts): Status
export { wkExport } from "./register/export";
// wkImport(n, jobs, parts): Status
export { wkImport } from "./register/import";
// wkImportBlocks(n, jobs, blocks): Status
export { wkImportBlocks } from "./register/rsa-import";
// rootKeyGenerate(slot, n, out): Status, rootKeyPatterns(slot, n, blobs, out): Status, rootKeyRewrap(slot, n, blobs, out): Status
export { rootKeyGenerate, rootKeyPatterns, rootKeyRewrap } from "./register/root-keys";

// wipeSecrets(): the card forgets every secret
export { wipeSecrets } from "./register/wipe";
