// Key derivation, for the tests.

export { sharedInfo as test_sharedInfo } from "../kdf/shared-info";
export { x963 as test_x963 } from "../kdf/x963";
