// SHA-2 and HMAC, for the tests.

export {
  hmacSha256 as test_hmacSha256,
  hmacSha256Final as test_hmacSha256Final,
  hmacSha256Init as test_hmacSha256Init,
  hmacSha256Update as test_hmacSha256Update,
} from "../sha2/hmac-sha256";
export {
  hmacSha512 as test_hmacSha512,
  hmacSha512Final as test_hmacSha512Final,
  hmacSha512Init as test_hmacSha512Init,
  hmacSha512Update as test_hmacSha512Update,
} from "../sha2/hmac-sha512";
export {
  sha256 as test_sha256,
  sha256Final as test_sha256Final,
  sha256Init as test_sha256Init,
  sha256Update as test_sha256Update,
} from "../sha2/sha256";
export {
  sha512 as test_sha512,
  sha512Final as test_sha512Final,
  sha512Init as test_sha512Init,
  sha512Update as test_sha512Update,
} from "../sha2/sha512";
