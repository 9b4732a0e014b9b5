// P-521 below the entry points, for the tests: both versions of the field kernels, points, sums, tables, the cache.

export {
  carry as test_generatedCarry,
  carry3 as test_generatedCarry3,
  mulSub as test_generatedMulSub,
  sqrSub as test_generatedSqrSub,
} from "../p521/fe2.gen";
export {
  carry as test_loopCarry,
  carry3 as test_loopCarry3,
  mulSub as test_loopMulSub,
  sqrSub as test_loopSqrSub,
} from "../p521/fe2-loop";
export {
  fe2Add as test_fe2Add,
  fe2HighLanes as test_fe2HighLanes,
  fe2LowLanes as test_fe2LowLanes,
  fe2SetSmall as test_fe2SetSmall,
  fe2Sub as test_fe2Sub,
  fe2SwapLanes as test_fe2SwapLanes,
} from "../p521/fe2";
export {
  feCopyLane as test_feCopyLane,
  feFromBytes as test_feFromBytes,
  feIsCanonical as test_feIsCanonical,
  feIsZero as test_feIsZero,
  feToBytes as test_feToBytes,
} from "../p521/fe2-bytes";
export { fe2Invert as test_fe2Invert } from "../p521/fe2-inverse";
export {
  ptAdd as test_ptAdd,
  ptAddAffine as test_ptAddAffine,
  ptAddMixed as test_ptAddMixed,
  ptDouble as test_ptDouble,
  ptFromAffine as test_ptFromAffine,
  ptToProjective as test_ptToProjective,
} from "../p521/point";
export {
  ptFromBytes as test_ptFromBytes,
  ptIsUncompressed as test_ptIsUncompressed,
  ptOnCurve as test_ptOnCurve,
  ptToBytes as test_ptToBytes,
} from "../p521/point-bytes";
export { affineAddMany as test_affineAddMany, affineFromProjective as test_affineFromProjective } from "../p521/affine";
export { addAcross as test_addAcross, sumMany as test_sumMany } from "../p521/sum";
export { recode as test_recode } from "../p521/recode";
export { entryLoad as test_entryLoad, entryScan as test_entryScan, tableBuild as test_tableBuild } from "../p521/table";
export { baseInit as test_baseInit, baseInitWide as test_baseInitWide, baseMulMany as test_baseMulMany } from "../p521/base";
export { ptMul as test_ptMul } from "../p521/multiply";
export { ptMulOne as test_ptMulOne } from "../p521/multiply-one";
export {
  pt1AddMixed as test_pt1AddMixed,
  pt1Double as test_pt1Double,
  pt1FromAffine as test_pt1FromAffine,
  pt1Negate as test_pt1Negate,
  pt1ToPair as test_pt1ToPair,
} from "../p521/point-one";
export {
  cacheCount as test_cacheCount,
  cacheFind as test_cacheFind,
  cacheNextBatch as test_cacheNextBatch,
  cacheTables as test_cacheTables,
} from "../p521/cache";
export { keypairMany as test_keypairMany, publicKeyMany as test_publicKeyMany } from "../p521/keypair";
export { ecdhMany as test_ecdhMany } from "../p521/ecdh";
export { signMany as test_signMany, verifyMany as test_verifyMany } from "../p521/ecdsa";
