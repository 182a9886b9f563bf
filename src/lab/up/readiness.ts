import { get } from 'node:http';
import { get as getSecurely } from 'node:https';
import { isTrue } from '../../model/conditions.ts';
import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { containersOf } from '../../model/pod-object.ts';
import type { Cluster } from '../../model/ports.ts';
import { PROXY_CONTAINER } from '../../model/proxy-container.ts';
import { IMAGES } from '../parts.ts';
import { API_PORT } from '../topology.ts';
import type { Address } from './balancer.ts';
import type { Entrance } from './users.ts';

/** The nodes that are missing or not ready, as a text; true when there are none. */
export async function nodesReady(cluster: Cluster, names: readonly string[]): Promise<true | string> {
  const nodes = await cluster.list(KINDS.node, {});
  const ready = nodes.filter((node) => isTrue(node, 'Ready')).map(({ metadata }) => metadata.name);
  return missing(names.filter((name) => !ready.includes(name)));
}

/** The Deployments of a namespace that have not all their pods ready, as a text; true when there are none. */
export async function deploymentsReady(cluster: Cluster, namespace: string): Promise<true | string> {
  const deployments = await cluster.list(KINDS.deployment, { namespace });
  const waiting = deployments.filter((deployment) => !isComplete(deployment));
  return missing(waiting.map(({ metadata }) => metadata.name ?? ''));
}

function isComplete({ metadata, spec, status }: KubeObject): boolean {
  const { replicas = 1 } = (spec ?? {}) as { replicas?: number };
  const seen = (status ?? {}) as { observedGeneration?: number; readyReplicas?: number };
  return seen.observedGeneration === metadata.generation && (seen.readyReplicas ?? 0) >= replicas;
}

/** A pod that is injected by its own label, whatever its namespace says by now. */
const INJECTED: KubeObject = {
  ...KINDS.pod,
  metadata: { name: 'injected', namespace: 'istio-system', labels: { 'sidecar.istio.io/inject': 'true' } },
  spec: { containers: [{ name: 'default', image: IMAGES.pause }] },
};

/**
 * Whether pods get proxies that can start, by an istiod that serves the cluster: it injects them, and has written the root of their
 * certificates to each namespace. Until it does, Istio's webhook lets no such pod be made, and kubelets wait ever longer for the root.
 */
export async function proxiesReady(cluster: Cluster): Promise<true | string> {
  const made = await cluster.create(INJECTED, { dryRun: true });
  if (!containersOf(made).some(({ name }) => name === PROXY_CONTAINER)) return 'pods have no proxy';
  for (const namespace of ['istio-system', 'default']) {
    const root = await cluster.get({ ...KINDS.configMap, namespace, name: 'istio-ca-root-cert' });
    if (root === undefined) return `no istio-ca-root-cert in ${namespace}`;
  }
  return true;
}

function missing(names: readonly string[]): true | string {
  return names.length === 0 || `not ready: ${names.join(', ')}`;
}

/**
 * Whether an API server says that it is ready. It answers before that, but those who are not administrators have no rights
 * until it has made its own roles.
 */
export function apiServerReady({ host, authority, token }: Entrance, port: number = API_PORT): Promise<true | string> {
  const options = {
    host,
    port,
    path: '/readyz',
    ca: authority,
    headers: { authorization: `Bearer ${token}` },
    agent: false,
  };
  return new Promise((resolve) => {
    const request = getSecurely(options, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || `/readyz answers ${response.statusCode}`);
    });
    request.setTimeout(ANSWER_LIMIT_MS, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(error.message));
  });
}

const ANSWER_LIMIT_MS = 5_000;

/** Sends one request as users of the system do; true when it is answered with 200. */
export function answers({ host, port }: Address, name: string, path: string): Promise<true | string> {
  return new Promise((resolve) => {
    const request = get({ host, port, path, headers: { host: name }, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 || `${host}:${port} answers ${response.statusCode}`);
    });
    request.setTimeout(ANSWER_LIMIT_MS, () => request.destroy(new Error('no answer')));
    request.on('error', (error) => resolve(`${host}:${port}: ${error.message}`));
  });
}
