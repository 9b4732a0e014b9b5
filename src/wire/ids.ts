// Identifiers of functions, commands and sub-types (ep11-wire.md 4.1, 5.6, 6).

/** First field of every payload: API ordinal 1 and the function number. */
export const FunctionId = {
  GetXcpInfo: 0x00010026,
  Admin: 0x00010029,
} as const;
export type FunctionId = (typeof FunctionId)[keyof typeof FunctionId];

/** First field of an admin block. Bit 00010000 marks queries, which are never signed. */
export const CommandId = {
  AddDomainAdministrator: 0x02,
  RemoveDomainAdministrator: 0x04,
  SetDomainAttributes: 0x08,
  GenerateImporterKey: 0x09,
  GenerateRandomWk: 0x0a,
  ExportWk: 0x0b,
  ImportWk: 0x0c,
  CommitPendingWk: 0x0d,
  FinalizeWk: 0x0e,
  ZeroizeDomain: 0x10,
  SetDomainControlPoints: 0x11,
  AddDomainControlPoints: 0x12,
  DeleteDomainControlPoints: 0x13,
  ClearCurrentWk: 0x1b,
  ClearPendingWk: 0x1c,
  ExportNextWk: 0x26,
  QueryDomainAdministrators: 0x00010002,
  QueryDeviceCertificate: 0x00010003,
  QueryDomainControlPoints: 0x00010006,
  QueryDomainAttributes: 0x0001000a,
} as const;
export type CommandId = (typeof CommandId)[keyof typeof CommandId];

/** Whether a command id is that of a query. */
export function isQuery(commandId: number): boolean {
  return (commandId & 0x00010000) !== 0;
}

/** What get_xcp_info is asked for. */
export const SubType = {
  ModuleInfo: 1,
  DomainInfo: 3,
} as const;
export type SubType = (typeof SubType)[keyof typeof SubType];

/** The two kinds of administrator, importer and signature keys, named as key files name them. */
export const KeyType = {
  P521: "p521ec",
  Rsa2048: "rsa2048",
} as const;
export type KeyType = (typeof KeyType)[keyof typeof KeyType];
