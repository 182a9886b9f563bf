import { PassThrough } from 'node:stream';
import { Exec, type V1Status } from '@kubernetes/client-node';
import { FaultlineError } from '../model/errors.ts';
import type { ContainerRef } from '../model/kubernetes.ts';
import type { ExecResult } from '../model/ports.ts';
import { visibleLine } from '../model/visible.ts';
import { apiError, unreachable } from './api-error.ts';
import { BoundedBytes, MOST_ERROR_BYTES, MOST_PROGRAM_BYTES } from './bounded.ts';
import { givenUpAt } from './opening.ts';
import { type SigningConfig, signed } from './signing.ts';

/** Longest wait for a command to end, in milliseconds; it begins with the opening of its connection. */
const EXEC_TIMEOUT_MS = 15_000;

type Source = { readonly config: SigningConfig; readonly cluster: string; readonly server: string };
type Closing = { readonly code: number };
/** What is used of the socket that the client opens. */
type Socket = { onclose: ((event: Closing) => void) | null; close(): void };

/** Runs a command in a container over a WebSocket, as Cluster.exec says. Once it has begun, nothing is repeated. */
export async function execIn(
  { config, cluster, server }: Source,
  { namespace, pod, container }: ContainerRef,
  command: readonly string[],
): Promise<ExecResult> {
  const what = `exec ${command[0] ?? ''} in ${container} of pod ${namespace}/${pod}`;
  const ended = Promise.withResolvers<V1Status>();
  ended.promise.catch(() => undefined);
  const [stdout, stderr] = [MOST_PROGRAM_BYTES, MOST_ERROR_BYTES].map((most) =>
    collect(new BoundedBytes(most, `cluster ${cluster}: ${what}`), ended.reject),
  ) as [Collected, Collected];
  const late = new AbortController();
  let why = 'the connection did not open within 15 s';
  const timer = setTimeout(() => {
    ended.reject(new Error(why));
    late.abort();
  }, EXEC_TIMEOUT_MS);
  const open = () =>
    new Exec(givenUpAt(config, late.signal))
      .exec(namespace, pod, container, [...command], stdout.stream, stderr.stream, null, false, ended.resolve)
      .catch(failedToOpen(cluster, what));
  const opening = signed(config, open) as Promise<unknown> as Promise<Socket>;
  opening.then((socket) => {
    why = 'no end after 15 s';
    socket.onclose = ({ code }) => ended.reject(new Error(`the connection broke off (${code})`));
  }, ended.reject);
  try {
    const status = await ended.promise.finally(() => {
      clearTimeout(timer);
      opening.then((socket) => socket.close()).catch(() => undefined);
    });
    return { code: exitCodeOf(status, cluster, what), stdout: stdout.text(), stderr: stderr.text() };
  } catch (error) {
    throw unreachable({ cluster, server, what }, error);
  }
}

type Collected = { readonly stream: PassThrough; readonly text: () => string };

function collect(bytes: BoundedBytes, onTooMany: (error: unknown) => void): Collected {
  const stream = new PassThrough();
  stream.on('data', (piece: Buffer) => {
    try {
      bytes.push(piece);
    } catch (error) {
      onTooMany(error);
    }
  });
  return { stream, text: () => bytes.text() };
}

/** An upgrade that is refused gives its status in words only. */
export function failedToOpen(cluster: string, what: string): (event: { message?: string; error?: unknown }) => never {
  return ({ message = '', error }) => {
    const status = Number(/Unexpected server response: (\d+)/.exec(message)?.[1]);
    if (Number.isNaN(status)) throw error instanceof Error ? error : new Error(message);
    throw apiError(cluster, { method: 'GET', what }, { status, text: message });
  };
}

/** The exit code in the Status at the end (apimachinery remotecommand: reason NonZeroExitCode, cause ExitCode). */
function exitCodeOf({ status, reason, message, details }: V1Status, cluster: string, what: string): number {
  if (status === 'Success') return 0;
  const code = details?.causes?.find((cause) => cause.reason === 'ExitCode')?.message;
  if (reason === 'NonZeroExitCode' && code !== undefined) return Number(code);
  throw new FaultlineError('KUBE_API', `cluster ${cluster}: ${what}: ${visibleLine(message ?? reason ?? 'it failed')}`);
}
