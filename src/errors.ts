// The error classes of the project. Every one has a stable `code`, may carry a `cause`, and reads "want X, got Y" with
// sizes and names, never bytes of keys.

/** The root of all errors this project throws on purpose; anything else that surfaces is a defect. */
export abstract class OpenTkeError extends Error {
  /** Stable, machine-readable class of the failure. */
  abstract readonly code: string;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Bytes or text from outside that are not what the protocol prescribes. */
export class WireError extends OpenTkeError {
  readonly code: string = "ERR_WIRE";
  /** The field that was being read, named as in the protocol. */
  readonly field: string;
  /** Offset of the problem in the input of the decoder that threw: bytes, or characters for text. */
  readonly offset: number;

  constructor(field: string, offset: number, want: string, got: string, options?: ErrorOptions) {
    super(`${field}: want ${want}, got ${got} (offset ${offset})`, options);
    this.field = field;
    this.offset = offset;
  }
}

/** Where a unit's return code was found: in the signed block, in the CPRB header, or in the unsigned xcpAdminRsp. */
export type UnitErrorSource = "unit" | "cprb" | "rsp";

/** The unit that an error is about, as a client knows it. */
export interface UnitName {
  /** hsm_id. */
  readonly id: string;
  readonly location: string;
  /** Serial number of the module. */
  readonly serial: string;
  readonly domainIndex: number;
}

/** What a {@link UnitError} carries besides its message. */
export interface UnitErrorDetails {
  readonly source: UnitErrorSource;
  readonly returnCode: number;
  /** Absent where the unit gave none. */
  readonly reasonCode: number | undefined;
  /** Symbolic name of the return code, for example `TEMPLATE_INCOMPLETE`. */
  readonly codeName: string;
  /** Which unit it was, where that is known. */
  readonly unit?: UnitName | undefined;
  /** Name of the command that it refused, where that is known. */
  readonly command?: string | undefined;
}

/** A unit answered with a return code other than 0. Built by `unitError` of wire/codes.ts, which knows the texts. */
export class UnitError extends OpenTkeError {
  readonly code: string = "ERR_UNIT";
  readonly source: UnitErrorSource;
  readonly returnCode: number;
  readonly reasonCode: number | undefined;
  readonly codeName: string;
  readonly unit: UnitName | undefined;
  readonly command: string | undefined;

  constructor(message: string, details: UnitErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.source = details.source;
    this.returnCode = details.returnCode;
    this.reasonCode = details.reasonCode;
    this.codeName = details.codeName;
    this.unit = details.unit;
    this.command = details.command;
  }
}

/** What a {@link TransportError} carries besides its message. */
export interface TransportErrorDetails {
  /** Whether sending the same request again can succeed. */
  readonly retryable: boolean;
  /** HTTP status, where there was one. */
  readonly status?: number;
  /** What the endpoint said with it: printable ASCII, at most 200 characters. */
  readonly said?: string;
}

/** A request did not reach a unit, or its answer did not come back. */
export class TransportError extends OpenTkeError {
  readonly code: string = "ERR_TRANSPORT";
  readonly retryable: boolean;
  readonly status: number | undefined;
  readonly said: string | undefined;

  constructor(message: string, details: TransportErrorDetails, options?: ErrorOptions) {
    super(message, options);
    this.retryable = details.retryable;
    this.status = details.status;
    this.said = details.said;
  }
}

/** The endpoint did not accept the token. Another one may do. */
export class AuthenticationError extends TransportError {
  override readonly code: string = "ERR_AUTHENTICATION";
}

/** The caller or the user asked for something that makes no sense as written. */
export class UsageError extends OpenTkeError {
  readonly code: string = "ERR_USAGE";
}

/** One reason not to start: which unit, what is wrong there, what to do about it. */
export interface Problem {
  /** The unit as the user knows it (its location), or what else the problem is about. */
  readonly unit: string;
  readonly problem: string;
  readonly nextStep: string;
  /** Set if nothing is wrong but that more administrators must sign than there are keys for. */
  readonly lacks?: "signatures";
}

/** A procedure was not started, because something it needs is not so. Nothing has been changed. */
export class PreconditionError extends OpenTkeError {
  /** `ERR_SIGNATURES_WANTED` if more signatures are all that it takes. */
  readonly code: string;
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[], options?: ErrorOptions) {
    super(problems.map((p) => `${p.unit}: ${p.problem}; ${p.nextStep}`).join("\n"), options);
    this.problems = problems;
    const unsigned = problems.length > 0 && problems.every(({ lacks }) => lacks === "signatures");
    this.code = unsigned ? "ERR_SIGNATURES_WANTED" : "ERR_PRECONDITION";
  }
}

/** What a client checks about an answer before it believes it. */
export type Check = "oa-signature" | "oa-chain" | "oa-key" | "answer" | "serial-number" | "pattern";

/** An answer is well formed but not to be believed: a bad OA signature or chain, or an answer to another question. */
export class CheckError extends OpenTkeError {
  readonly code: string = "ERR_CHECK";
  readonly check: Check;

  constructor(check: Check, message: string, options?: ErrorOptions) {
    super(message, options);
    this.check = check;
  }
}

/** The user stopped a run before it was done. What had been done stays done. */
export class InterruptedError extends OpenTkeError {
  readonly code: string = "ERR_INTERRUPTED";
}
