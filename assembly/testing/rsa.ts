// Padding removal, for the tests.

export { xorUnpadded as test_xorUnpadded } from "../register/rsa-unpad";
