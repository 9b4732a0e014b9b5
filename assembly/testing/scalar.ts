// Scalars mod n, for the tests.

export {
  scAdd as test_scAdd,
  scCanonical as test_scCanonical,
  scFromBytes as test_scFromBytes,
  scFromCoordinate as test_scFromCoordinate,
  scFromDigest as test_scFromDigest,
  scInvert as test_scInvert,
  scInvertManyVarTime as test_scInvertManyVarTime,
  scIsEqual as test_scIsEqual,
  scIsZero as test_scIsZero,
  scMul as test_scMul,
  scRandom as test_scRandom,
  scSub as test_scSub,
  scToBytes as test_scToBytes,
  scToWords as test_scToWords,
} from "../p521/sc";
