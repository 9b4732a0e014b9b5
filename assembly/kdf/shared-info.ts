// The ECC-CMS-SharedInfo of a key transport (ep11-wire.md 11.2; RFC 3278, 8.2), which is the same for all but its UKM:
//
//   30 43                            SEQUENCE
//     30 0D                          keyInfo
//       06 09 60864801650304012D     id-aes256-wrap
//       05 00                        NULL, as RFC 3278 has it
//     A0 2A 04 28 <40 bytes>         [0] ukm
//     A2 06 04 04 00000100           [2] key bits, 256

// @ts-ignore: decorator
@inline export const UKM_BYTES: u32 = 40;
// @ts-ignore: decorator
@inline export const SHARED_INFO_BYTES: u32 = 69;

const BEFORE_UKM = memory.data<u8>([
  0x30, 0x43, 0x30, 0x0d, 0x06, 0x09, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x01, 0x2d, 0x05, 0x00, 0xa0, 0x2a, 0x04, 0x28,
]);
// @ts-ignore: decorator
@inline const BEFORE_UKM_BYTES: usize = 21;
const AFTER_UKM = memory.data<u8>([0xa2, 0x06, 0x04, 0x04, 0x00, 0x00, 0x01, 0x00]);
// @ts-ignore: decorator
@inline const AFTER_UKM_BYTES: usize = 8;

/** out := the 69 bytes of SharedInfo with the 40 bytes at `ukm`. */
export function sharedInfo(out: usize, ukm: usize): void {
  memory.copy(out, BEFORE_UKM, BEFORE_UKM_BYTES);
  memory.copy(out + BEFORE_UKM_BYTES, ukm, UKM_BYTES);
  memory.copy(out + BEFORE_UKM_BYTES + UKM_BYTES, AFTER_UKM, AFTER_UKM_BYTES);
}
