import { PROXY_CONTAINER } from '../../model/proxy-container.ts';
import type { ExecAnswer, PodPort } from '../api/context.ts';
import type { RunningPods } from './running-pods.ts';

/** Where Envoy's admin listens inside the pod. */
const ADMIN_PORT = 15_000;

type Command = readonly [namespace: string, pod: string, container: string, command: readonly string[]];

/** `pilot-agent request GET PATH` in the container of a proxy: asks Envoy's admin port. Undefined for anything else. */
export function pilotAgent(
  pods: RunningPods,
  ...[namespace, pod, container, command]: Command
): Promise<ExecAnswer> | undefined {
  const [program, verb, method, path = ''] = command;
  if (container !== PROXY_CONTAINER || program !== 'pilot-agent' || verb !== 'request' || method !== 'GET')
    return undefined;
  const admin = pods.port(namespace, pod, ADMIN_PORT);
  return admin === undefined
    ? undefined
    : answered(admin(`/${path}`, { method, contentType: undefined, body: Buffer.alloc(0) }));
}

async function answered(asking: ReturnType<PodPort>): Promise<ExecAnswer> {
  const answer = await asking;
  if (answer?.status === 200) return { code: 0, stdout: String(answer.body), stderr: '' };
  const why =
    answer === undefined ? 'connect: connection refused' : `received unsuccessful status code ${answer.status}`;
  return { code: 1, stdout: '', stderr: `Error: ${why}\n` };
}
