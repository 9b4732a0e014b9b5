// The public interface of the package. What is not exported here may change without notice.

// Clients: administer crypto units over any transport.
export { Client, type ClientOptions } from "./client/client.ts";
export { type HttpOptions, type HttpTransport, httpTransport } from "./client/http.ts";
export { type CommandJob, commandJob, type QueryJob, queryJob } from "./client/job.ts";
export { loopback } from "./client/loopback.ts";
export { type Outcome, unwrap } from "./client/outcome.ts";
export { IBM_ROOTS, type PinnedRoot, rootsNamed } from "./client/roots.ts";
export type { ExternalKey, SigningKey } from "./client/signing.ts";
export type { Statistics } from "./client/statistics.ts";
export type { Envelope, HandleMany, Transport } from "./client/transport.ts";
export { type CryptoUnit, readUnitList, UnitType } from "./client/units.ts";
// Commands of the EP11 administration protocol, encoded and decoded both ways.
export type { Command, InfoQuery } from "./commands/command.ts";
export { COMMANDS, type CommandName, commandFor, INFO_QUERIES } from "./commands/registry.ts";
// The crypto core.
export type * from "./core/api.ts";
export { compileCore, instantiateCore, loadCore } from "./core/load.ts";
export { Status } from "./core/status.ts";
export * from "./errors.ts";
// Fleets of simulated units.
export { exportAudit, linesOf, parseHead } from "./fleet/audit/export.ts";
export { AuditError, type AuditHead, type AuditRecord, encodeHead } from "./fleet/audit/records.ts";
export { type AuditReport, verifyAudit } from "./fleet/audit/verify.ts";
export { Fleet } from "./fleet/fleet.ts";
export { type Layout, type LayoutRequest, planLayout, type UnitCounts } from "./fleet/layout.ts";
export { MemoryStore } from "./fleet/memory-store.ts";
export { SeededRandom } from "./fleet/seeded.ts";
export { verifyStore } from "./fleet/store/check.ts";
export { StoreError, StoreFailure } from "./fleet/store/errors.ts";
export {
  createStore,
  destroyStore,
  type OpenStore,
  openStore,
  readStore,
  type StorePlace,
} from "./fleet/store/open.ts";
export type { SqliteStore } from "./fleet/store/sqlite-store.ts";
export type { FleetStore } from "./fleet/store.ts";
export type { ServiceInstance, Unit } from "./fleet/topology.ts";
// What an operator does.
export { autoInit } from "./procedures/auto-init.ts";
export { autoMkRecover, inspectRecovery, type RecoveryRequest } from "./procedures/auto-mk-recover.ts";
export { type Comparison, compareUnits } from "./procedures/compare.ts";
export type { Configuration } from "./procedures/configuration.ts";
export { update } from "./procedures/update.ts";
export { viewUnits } from "./procedures/view.ts";
export { zeroizeUnits } from "./procedures/zeroize.ts";
// Batch recovery.
export { planRecovery, type RecoveryOrder, type RecoveryPlan } from "./recovery/plan.ts";
export type { RecoveryReport, UnitReport } from "./recovery/report.ts";
export { type RunOptions, runRecovery } from "./recovery/waves.ts";
// Rehearsals.
export { type DrillHooks, drill } from "./scenario/drill.ts";
export { DRILL_DEFAULTS, type FleetOptions } from "./scenario/options.ts";
export { recoverUnits } from "./scenario/recover.ts";
export type { DrillReport } from "./scenario/report.ts";
export { type Cores, initialisedFleet, type Stage } from "./scenario/stage.ts";
// The endpoint.
export { createLog, type Logger, type LogLevel } from "./server/log.ts";
export { type ControlAccess, type RunningServer, type ServerOptions, startServer } from "./server/server.ts";
// The signing service.
export { parseKeyTokens, type ServedKey, ServedKeys } from "./server/signing/keys.ts";
export { type AllowedUnit, parsePolicy, type SigningPolicy } from "./server/signing/policy.ts";
export type { SigningEvent } from "./server/signing/routes.ts";
export { type RunningSigningServer, type SigningServerOptions, startSigningServer } from "./server/signing/server.ts";
export { type Subject, subjectOf, subjectText } from "./server/signing/subject.ts";
export { Tokens, tokenLine } from "./server/tokens.ts";
// Simulated crypto units.
export { UnknownUnitError, WrongDomainError } from "./unit/errors.ts";
export { UnitHost, type UnitHostOptions, type UnitRequest } from "./unit/host.ts";
export { createModule, createRoot, createUnit, type OaRoot } from "./unit/module.ts";
export type { Change, ModuleState, UnitState, UnitStore } from "./unit/state.ts";
// Protocol text and codes.
export { describeCodes, ReturnCode } from "./wire/codes.ts";
export { decodeHtpRequest, decodeHtpResponse, encodeHtpRequest, encodeHtpResponse } from "./wire/htp.ts";
// Administrators' keys.
export { SigningServiceError } from "./workstation/errors.ts";
export { rsaAdministrator, rsaSigner } from "./workstation/rsa-signer.ts";
export { type ServiceKey, serviceAdministrator, serviceSigner } from "./workstation/service-signer.ts";
export {
  type Administrator,
  administratorsOf,
  type CardSigner,
  generateSigners,
  type Signer,
} from "./workstation/signer.ts";
export { type ServiceKeyAccess, SigningService, type SigningServiceOptions } from "./workstation/signing-service.ts";
