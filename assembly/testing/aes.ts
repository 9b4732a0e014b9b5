// The AES internals, for the tests.

export { aesCtrOnce as test_aesCtrOnce } from "../aes/ctr";
export {
  aesDecrypt as test_aesDecrypt,
  aesEncrypt as test_aesEncrypt,
  aesExpandKeys as test_aesExpandKeys,
  transpose as test_aesTranspose,
} from "../aes/lanes";
export { invSubBytes as test_invSubBytes, subBytes as test_subBytes } from "../aes/sbox";
