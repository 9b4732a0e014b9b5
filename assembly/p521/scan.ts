// Taking one of several entries by a secret index: all are read, in order, under masks. Constant time.

/** Bytes that scan takes of each entry: 11 vectors, as many as there are registers for. */
// @ts-ignore: decorator
@inline export const SCAN_BYTES: usize = 176;

/**
 * The 11 vectors at `to` := those of entry index0 in lane 0 and of entry index1 in lane 1; zeros if there is no such entry. The n
 * entries stand at from, from + stride, ..
 */
export function scan(to: usize, from: usize, stride: usize, n: u32, index0: u32, index1: u32): void {
  const wanted = i64x2.replace_lane(i64x2.splat(index0), 1, index1);
  let a0 = i64x2.splat(0);
  let a1 = a0;
  let a2 = a0;
  let a3 = a0;
  let a4 = a0;
  let a5 = a0;
  let a6 = a0;
  let a7 = a0;
  let a8 = a0;
  let a9 = a0;
  let a10 = a0;
  for (let j: u32 = 0; j < n; j++) {
    const mask = i64x2.eq(i64x2.splat(j), wanted);
    a0 = v128.or(a0, v128.and(mask, v128.load(from)));
    a1 = v128.or(a1, v128.and(mask, v128.load(from, 16)));
    a2 = v128.or(a2, v128.and(mask, v128.load(from, 32)));
    a3 = v128.or(a3, v128.and(mask, v128.load(from, 48)));
    a4 = v128.or(a4, v128.and(mask, v128.load(from, 64)));
    a5 = v128.or(a5, v128.and(mask, v128.load(from, 80)));
    a6 = v128.or(a6, v128.and(mask, v128.load(from, 96)));
    a7 = v128.or(a7, v128.and(mask, v128.load(from, 112)));
    a8 = v128.or(a8, v128.and(mask, v128.load(from, 128)));
    a9 = v128.or(a9, v128.and(mask, v128.load(from, 144)));
    a10 = v128.or(a10, v128.and(mask, v128.load(from, 160)));
    from += stride;
  }
  v128.store(to, a0);
  v128.store(to, a1, 16);
  v128.store(to, a2, 32);
  v128.store(to, a3, 48);
  v128.store(to, a4, 64);
  v128.store(to, a5, 80);
  v128.store(to, a6, 96);
  v128.store(to, a7, 112);
  v128.store(to, a8, 128);
  v128.store(to, a9, 144);
  v128.store(to, a10, 160);
}
