import { Duplex, PassThrough, Writable } from 'node:stream';
import { PortForward } from '@kubernetes/client-node';
import { FaultlineError, messageOf } from '../model/errors.ts';
import type { PodRef } from '../model/kubernetes.ts';
import { failedToOpen } from './exec.ts';
import { givenUpAt } from './opening.ts';
import { type SigningConfig, signed } from './signing.ts';

/** What is used of the socket that the client opens. */
type Socket = { onclose: (() => void) | null; terminate(): void };

/** Longest wait for the API server to take the WebSocket, in milliseconds. */
const OPEN_TIMEOUT_MS = 5_000;

/**
 * One connection to a port inside a pod, over a WebSocket of its own through the API server. The protocol is the kubelet's
 * `v4.channel.k8s.io` (kubelet pkg/cri/streaming/portforward/websocket.go), which API servers pass on since 1.6; its
 * successor since 1.30 carries SPDY inside. Rejects with what the API server has against it. What the kubelet says, for
 * example that nobody listens there, destroys the stream.
 */
export async function forwardPort(
  config: SigningConfig,
  cluster: string,
  where: PodRef,
  port: number,
): Promise<Duplex> {
  const { namespace, pod } = where;
  const what = `port-forward to pod ${namespace}/${pod}`;
  let socket: Socket | undefined;
  const input = new PassThrough();
  const stream = new Duplex({
    read: () => undefined,
    write: (piece: Buffer, _, done) => {
      input.write(piece);
      done();
    },
    destroy: (error, done) => {
      socket?.terminate();
      done(error);
    },
  });
  // It may come to its end before anybody else listens.
  stream.on('error', () => undefined);
  const output = sink((piece) => stream.push(piece));
  const errors = sink((piece) => stream.destroy(new Error(piece.toString('utf8'))));
  const forward = new PortForward(givenUpAt(config, AbortSignal.timeout(OPEN_TIMEOUT_MS)));
  const open = () =>
    forward.portForward(namespace, pod, [port], output, errors, input).catch(failedToOpen(cluster, what));
  socket = (await signed(config, open)) as unknown as Socket;
  socket.onclose = () => stream.destroy(new Error('the connection broke off'));
  if (stream.destroyed) {
    socket.terminate();
    throw new FaultlineError('TARGET_UNREACHABLE', `cluster ${cluster}: ${what}: ${messageOf(stream.errored)}`);
  }
  return stream;
}

/** Takes pieces with something in them: each channel begins with the number of its port, which the client cuts off. */
function sink(take: (piece: Buffer) => void): Writable {
  return new Writable({
    write: (piece: Buffer, _, done) => {
      if (piece.length > 0) take(piece);
      done();
    },
  });
}
