// ECDSA on P-521 with SHA-512.

export { SIGN_ENTROPY, signMany } from "./sign";
export { verifyMany } from "./verify";
