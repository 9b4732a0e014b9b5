// Functions of the card, by file and name, that handle secrets and must be constant time in the compiled text; and some that need
// not be, as controls. Functions that also follow addresses kept in memory (job lists, contexts) can't be judged from their text
// alone: the traces judge them.

const under = (folder, names) => names.split(" ").map((name) => `${folder}/${name}`);

export const CONSTANT_TIME = [
  ...under("p521/fe2.gen", "mulSub sqrSub carry carry3"),
  ...under("p521/fe2-bytes", "feFromBytes feToBytes feToLittle feIsZero reduce"),
  ...under("p521/fe2-inverse", "fe2Invert"),
  ...under("p521/sc-limbs", "scMul fold addProduct scCanonical"),
  ...under("p521/sc-bytes", "scIsZero scToBytes scToWords scFromDigest"),
  ...under("p521/divsteps", "advance"),
  ...under("p521/point", "ptAdd ptAddMixed ptDouble ptToProjective crossProduct"),
  ...under("p521/point-bytes", "ptFromBytes ptOnCurve"),
  ...under("p521/point-one", "pt1AddMixed"),
  ...under("p521/multiply", "ptMul select"),
  ...under("p521/multiply-one", "ptMulOne oddMultiples"), // pt1Double is in ptMulOne
  ...under("p521/base", "scanRow"),
  ...under("p521/scan", "scan"),
  ...under("p521/table", "gather"),
  ...under("p521/affine", "affineFromProjective"),
  ...under("p521/nonce", "rekey"),
  ...under("aes/cipher", "encryptFour decryptFour"),
  ...under("aes/schedule", "expandForward expandBackward"),
  ...under("aes/ctr", "aesCtrOnce"),
  ...under("sha2/sha512-block", "sha512Blocks"),
  ...under("sha2/hmac-sha512", "hmacSha512Init hmacSha512Final"),
  ...under("register/pattern", "pattern hasPattern"),
  ...under("register/transfer", "deriveKek"),
  ...under("register/root-keys", "deriveKek"),
  ...under("register/rsa-unpad", "xorUnpadded"),
  ...under("register/sealing", "deriveKeys tagOf"),
];

export const VARIABLE_TIME = ["p521/sum/sumMany", "p521/verify/loadEntries"];
