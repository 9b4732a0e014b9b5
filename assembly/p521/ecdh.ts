// ECDH (SP 800-56A, 5.7.1.2): Z is the x coordinate of the private scalar times the peer's point.

import { GENERATOR, MUL_POINT } from "../layout";
import { Status } from "../status";
import { baseInit } from "./base";
import { feCopyLane, feToBytes } from "./fe2-bytes";
import {
  jobA, jobB, jobC, jobCountIsBad, jobPoint, jobPointsToAffine, jobStatus, jobWords, loadPrivate, setJobStatus, wipeJobs,
} from "./jobs";
import { ptMul } from "./multiply";
import { ptMulOne } from "./multiply-one";
import { AFFINE2_BYTES, Y } from "./point";
import { ptFromBytes, ptIsUncompressed, ptOnCurve } from "./point-bytes";

/**
 * a: 66 octets, a private scalar. b: 133 octets, the peer's public key. c: 66 octets, receives Z, with its leading zeros.
 * BadScalar: a is 0, or not below n. BadPoint: b is not an uncompressed point of the curve.
 */
export function ecdhMany(n: u32, jobs: usize): Status {
  if (jobCountIsBad(n)) return Status.BadArgument;
  baseInit();
  for (let j: u32 = 0; j < n; j++) {
    setJobStatus(jobs, j, loadPrivate(j, jobA(jobs, j)) ? Status.Ok : Status.BadScalar);
  }
  for (let j: u32 = 0; j < n; j += 2) {
    const other = min(j + 1, n - 1); // an odd job stands in both lanes
    loadPeers(jobs, j, other);
    if (other == j) ptMulOne(jobPoint(j), MUL_POINT, jobWords(j), true);
    else ptMul(jobPoint(j), MUL_POINT, jobWords(j), jobWords(other), true);
  }
  jobPointsToAffine(n);
  for (let j: u32 = 0; j < n; j++) {
    if (jobStatus(jobs, j) == Status.Ok) feToBytes(jobC(jobs, j), jobPoint(j), j & 1);
  }
  memory.fill(MUL_POINT, 0, AFFINE2_BYTES);
  wipeJobs(n);
  return Status.Ok;
}

/** MUL_POINT := the peers of jobs i and j, or G for what is not a point. */
function loadPeers(jobs: usize, i: u32, j: u32): void {
  ptFromBytes(MUL_POINT, 0, jobB(jobs, i));
  ptFromBytes(MUL_POINT, 1, jobB(jobs, j));
  const onCurve = ptOnCurve(MUL_POINT);
  checkPeer(jobs, i, 0, onCurve & 1);
  checkPeer(jobs, j, 1, onCurve >>> 1);
}

function checkPeer(jobs: usize, j: u32, lane: u32, onCurve: u32): void {
  if (onCurve & ptIsUncompressed(jobB(jobs, j))) return;
  setJobStatus(jobs, j, Status.BadPoint);
  feCopyLane(MUL_POINT, lane, GENERATOR, lane);
  feCopyLane(MUL_POINT + Y, lane, GENERATOR + Y, lane);
}
