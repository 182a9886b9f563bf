import { request as send } from 'undici';
import { messageOf } from '../../model/errors.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import type { ContainerLog } from '../api/container-log.ts';
import type { ProxyAnswer } from '../api/context.ts';
import type { Passed } from '../api/request.ts';
import type { RunningPod, StartPod } from '../nodes/running-pods.ts';

/** A real program that runs as a pod's container, somewhere on this machine. */
export type HostedProgram = {
  /** What it writes; ends with it. */
  readonly log: ContainerLog;
  /** Ports of the pod, and the ports of 127.0.0.1 on which the program listens in their place. */
  readonly ports: Readonly<Record<number, number>>;
  /** Exit code, when it has ended. */
  readonly exited: Promise<number>;
  /** Whether the command of a probe succeeds in its container. */
  passes?(command: readonly string[]): boolean;
  /** The pod is gone: ends the program. */
  stop(): void;
};

/** Starts the program for a pod when the pod's container starts; undefined leaves the pod to what its image stands for. */
export type Programs = (pod: KubeObject, cluster: string) => Promise<HostedProgram | undefined> | undefined;

/** Hosts programs as pods of a cluster. They have no sidecar, and only the API server reaches their ports. */
export function hosting(programs: Programs, cluster: string): (own: StartPod) => StartPod {
  return (own) => async (start) => {
    const program = await programs(start.object, cluster);
    return program === undefined ? own(start) : podOf(program);
  };
}

function podOf(program: HostedProgram): RunningPod {
  return {
    listens: (port) => program.ports[port] !== undefined,
    ...(program.passes === undefined
      ? {}
      : { passes: (command: readonly string[]) => program.passes?.(command) === true }),
    exited: program.exited,
    log: program.log,
    answer: async (port, path, request) => {
      const local = program.ports[port];
      return local === undefined ? undefined : await passOn(local, path, request);
    },
    close: () => program.stop(),
  };
}

async function passOn(port: number, path: string, { method, contentType, body }: Passed): Promise<ProxyAnswer> {
  try {
    const answer = await send(`http://127.0.0.1:${port}${path}`, {
      method,
      headers: contentType === undefined ? {} : { 'content-type': contentType },
      ...(body.length > 0 ? { body } : {}),
    });
    return {
      status: answer.statusCode,
      contentType: String(answer.headers['content-type'] ?? 'text/plain'),
      body: Buffer.from(await answer.body.arrayBuffer()),
    };
  } catch (error) {
    return { status: 503, contentType: 'text/plain', body: messageOf(error) };
  }
}
