/**
 * Every error a user can meet has one of these codes. The text says what it means; the error itself says where and
 * what to do. Codes are a public contract: none is ever reused for something else.
 */
export const ERROR_CODES = {
  YAML_SYNTAX: 'The file is not valid YAML 1.2.',
  YAML_LIMIT: 'The file is larger, deeper or more entangled than a scenario can be.',
  YAML_UNSAFE_KEY: 'A key such as __proto__ is never accepted.',
  FIELD_UNKNOWN: 'The field does not exist in this version of the format.',
  FIELD_MISSING: 'A required field is missing.',
  FIELD_TYPE: 'The value has the wrong type.',
  FIELD_VALUE: 'The value is not allowed here.',
  UNIT_MISSING: 'A duration, rate or share needs its unit.',
  NAME_UNKNOWN: 'The name refers to something that does not exist.',
  NAME_DUPLICATE: 'The name is used twice.',
  KIND_UNKNOWN: 'The apiVersion or kind is not one that faultline reads.',
  FILE_UNREADABLE: 'The file cannot be read.',
  ENV_MISSING: 'An environment variable that the scenario reads is not set, or cannot be used.',
  TOKEN: 'A header value that the scenario reads from a file or command cannot be read.',
  USAGE: 'The command line is not understood.',
  TARGET_UNREACHABLE: 'A cluster or gateway of the target does not answer.',
  TARGET_MISMATCH: 'The cluster is not the one the targets file names.',
  PERMISSION_DENIED: 'The Kubernetes API does not allow what the run would need.',
  FAULT_NO_TARGET: 'The fault would touch nothing.',
  FAULT_REFUSED: 'The fault is refused by a guard.',
  FAULT_CONFLICT: 'Somebody else changed the object.',
  STEADY_STATE: 'The system was not in its steady state before the fault.',
  JOURNAL: 'The journal cannot be written or read.',
  OPEN_RUN: 'An earlier run has left something to undo.',
  LEASE_HELD: 'Another run, or a recovery, holds the cluster.',
  LEASE_LOST: 'The run does not hold the cluster any more, and may not write to it.',
  FROZEN: 'Somebody has frozen the cluster: no fault is injected into it.',
  RUN_FOLDER: 'The run folder is not complete.',
  KUBE_API: 'The Kubernetes API answered with an error.',
  PROMETHEUS: 'Prometheus does not answer, or not with values.',
  HOOK: 'A command or request of a hook did not end as it must.',
  KIND_NOT_SERVED: 'The cluster does not know this kind of object, so that it has none.',
  LOAD: 'The load engine cannot work.',
  LAB: 'The lab cannot be built or started.',
  INTERNAL: 'A bug in faultline.',
} as const;

export type ErrorCode = keyof typeof ERROR_CODES;

/** An error for people: what happened, where (file:line:column, cluster, object), and what to do. */
export class FaultlineError extends Error {
  override readonly name = 'FaultlineError';
  readonly code: ErrorCode;
  /** What the reader can do about it. */
  readonly hint: string | undefined;
  /** How long a server that was asked too much has asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown; retryAfterMs?: number | undefined } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** One problem of an input file. Lines and columns count from 1; columns count characters. */
export type Diagnostic = {
  readonly code: ErrorCode;
  readonly severity: 'error' | 'warning';
  readonly message: string;
  readonly hint?: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** How many characters the caret line underlines. */
  readonly length: number;
};

/** Either a value or all problems at once. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T; readonly warnings: readonly Diagnostic[] }
  | { readonly ok: false; readonly diagnostics: readonly Diagnostic[] };

/** The message of anything that was thrown, for a sentence that says where it came from. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** For what may be gone or changed by others by now: takes FAULT_CONFLICT for no error, and throws any other. */
export function unlessConflict(error: unknown): void {
  if (!(error instanceof FaultlineError && error.code === 'FAULT_CONFLICT')) throw error;
}
