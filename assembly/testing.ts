// The test build: what the card exports, and the internals that the tests call.

export * from "./index";
export * from "./testing/aes";
export * from "./testing/kdf";
export * from "./testing/nonce";
export * from "./testing/p521";
export * from "./testing/rsa";
export * from "./testing/scalar";
export * from "./testing/sha2";
