// SHA-256, SHA-512 and HMAC over them. Signatures and promises are at the head of each file.

export * from "./sha256";
export * from "./sha512";
export * from "./hmac-sha256";
export * from "./hmac-sha512";
