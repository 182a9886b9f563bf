import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { PROXY_CONTAINER } from '../../model/proxy-container.ts';
import type { ExecAnswer, ServerContext } from './context.ts';
import { badRequest } from './errors.ts';
import { at, mapsOf, stringOf } from './json.ts';
import { requireObject } from './read.ts';
import type { ResourceRequest } from './request.ts';
import { openChannels } from './web-socket.ts';

const [STDOUT, STDERR, STATUS] = [1, 2, 3];
/** As apimachinery pkg/util/remotecommand has them. */
const PROTOCOLS = ['v5.channel.k8s.io', 'v4.channel.k8s.io'];

/** Sidecars are not among the containers of the sandbox's pods; their annotation tells of them. */
const INJECTED = 'sidecar.istio.io/status';

/**
 * Runs a command in a container and tells over numbered streams how it went (`kubectl exec` without a terminal and without
 * input). Throws an ApiError while nothing has been written to the socket.
 */
export async function serveExec(
  target: ResourceRequest,
  context: ServerContext,
  message: IncomingMessage,
  socket: Duplex,
): Promise<void> {
  const { query, namespace = '', name = '' } = target;
  const pod = requireObject(target, context);
  const container = query.get('container') ?? stringOf(mapsOf(at(pod, 'spec', 'containers'))[0]?.name);
  const command = query.getAll('command');
  if (command.length === 0) throw badRequest('you must specify at least one command for the container');
  const lists = ['containerStatuses', 'ephemeralContainerStatuses'].map((list) => mapsOf(at(pod, 'status', list)));
  const status = lists.flat().find((one) => one.name === container);
  const isSidecar =
    status === undefined && container === PROXY_CONTAINER && pod.metadata.annotations?.[INJECTED] !== undefined;
  if (status === undefined && !isSidecar) throw badRequest(`container ${container} is not valid for pod ${name}`);
  const isRunning = isSidecar || at(status, 'state', 'running') !== undefined;
  const answer = isRunning ? context.podExec(namespace, name, container, command) : undefined;
  const channels = openChannels(message, socket, { protocols: PROTOCOLS });
  if (answer === undefined) {
    const what = isRunning ? 'the sandbox runs no commands in it' : 'container not found';
    channels.send(STATUS, failure('InternalError', `unable to upgrade connection: ${what} ("${container}")`));
  } else {
    const { code, stdout, stderr } = await answer;
    if (stdout !== '') channels.send(STDOUT, stdout);
    if (stderr !== '') channels.send(STDERR, stderr);
    channels.send(STATUS, statusOf(code));
  }
  channels.close();
}

/** The Status that ends the streams (apimachinery: remotecommand NonZeroExitCodeReason). */
function statusOf(code: ExecAnswer['code']): string {
  if (code === 0) return JSON.stringify({ metadata: {}, status: 'Success' });
  const message = `command terminated with non-zero exit code: command terminated with exit code ${code}`;
  return failure('NonZeroExitCode', message, { causes: [{ reason: 'ExitCode', message: String(code) }] });
}

function failure(reason: string, message: string, details: object = {}): string {
  return JSON.stringify({ metadata: {}, status: 'Failure', reason, message, details, code: 500 });
}
