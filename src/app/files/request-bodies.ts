import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { type ErrorCode, FaultlineError, messageOf } from '../../model/errors.ts';
import { frame, healthRequest } from '../../model/grpc.ts';
import { pointerSteps, withValueAt } from '../../model/json-pointer.ts';
import { BODY_LIMIT, type Json, type PathTemplate, type RequestBody, type Scenario } from '../../model/scenario.ts';
import { filePath } from '../../scenario/index.ts';
import type { Secrets } from '../secrets/secrets.ts';

/** A file of a body that cannot be sent; `path` leads to its name in the scenario. */
type BodyProblem = {
  readonly code: ErrorCode;
  readonly path: readonly (string | number)[];
  readonly message: string;
};

/** What is wrong with the files that bodies are read from. */
export function bodyProblems({ load, source }: Scenario): readonly BodyProblem[] {
  return load.paths.flatMap(({ request: { body } }, index): BodyProblem[] => {
    if (body?.kind !== 'file') return [];
    const problem = fileProblem(filePath(body.file, dirname(source.file)));
    return problem === undefined
      ? []
      : [{ ...problem, path: ['spec', 'load', 'paths', index, 'request', 'body', 'file'] }];
  });
}

function fileProblem(file: string): Omit<BodyProblem, 'path'> | undefined {
  try {
    const { size } = statSync(file, { throwIfNoEntry: true });
    if (!statSync(file).isFile()) return { code: 'FILE_UNREADABLE', message: `${file} is no file` };
    return size > BODY_LIMIT ? { code: 'FIELD_VALUE', message: `${file} is larger than 1 MiB` } : undefined;
  } catch (cause) {
    const { code } = cause as { code?: string };
    const why = code === 'ENOENT' ? 'does not exist' : `cannot be read: ${messageOf(cause)}`;
    return { code: 'FILE_UNREADABLE', message: `${file} ${why}` };
  }
}

/**
 * The bytes of every body, by the name of the path, secrets in clear. Throws FaultlineError FILE_UNREADABLE or LOAD where
 * one cannot be read or is too large.
 */
export function readBodies({ load, source }: Scenario, secrets: Secrets): Record<string, Uint8Array> {
  const folder = dirname(source.file);
  const entries = load.paths.flatMap((path, index) => {
    const { body, protocol } = path.request;
    const own = secrets.filter((secret) => secret.path === index && 'pointer' in secret.place);
    const bytes = body === undefined ? undefined : bytesOf(path, body, own, folder);
    // A call of gRPC always has a message, be it an empty one.
    const sent = protocol === 'grpc' ? frame(bytes ?? new Uint8Array()) : bytes;
    return sent === undefined ? [] : [[path.name, sent] as const];
  });
  return Object.fromEntries(entries);
}

function bytesOf({ name }: PathTemplate, body: RequestBody, secrets: Secrets, folder: string): Uint8Array {
  const bytes = readBody(body, secrets, folder);
  if (bytes.length <= BODY_LIMIT) return bytes;
  throw new FaultlineError('LOAD', `The body of path ${name} is larger than 1 MiB.`);
}

function readBody(body: RequestBody, secrets: Secrets, folder: string): Uint8Array {
  if (body.kind === 'health') return healthRequest(body.service);
  return body.kind === 'file' ? bytesIn(filePath(body.file, folder)) : Buffer.from(textOf(body, secrets));
}

function bytesIn(file: string): Uint8Array {
  const problem = fileProblem(file);
  if (problem !== undefined) throw new FaultlineError(problem.code, problem.message);
  return readFileSync(file);
}

function textOf(body: Exclude<RequestBody, { kind: 'file' | 'health' }>, secrets: Secrets): string {
  if (body.kind === 'text') return body.text;
  if (body.kind === 'env') return secrets[0]?.value ?? '';
  const put = (value: Json, { place, value: secret }: Secrets[number]): Json =>
    'pointer' in place ? withValueAt(value, pointerSteps(place.pointer) ?? [], secret) : value;
  return JSON.stringify(secrets.reduce(put, JSON.parse(body.text) as Json));
}
