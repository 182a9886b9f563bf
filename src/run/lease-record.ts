import { FaultlineError } from '../model/errors.ts';
import { inContext } from '../model/kubectl.ts';
import type { JsonPatchOp, KubeObject } from '../model/kubernetes.ts';
import type { Cluster } from '../model/ports.ts';
import type { Millis } from '../model/units.ts';
import { visibleLine } from '../model/visible.ts';
import { describeHolder } from './holder.ts';
import { leaseRef } from './lock-objects.ts';

/** What a Lease says (coordination.k8s.io/v1 LeaseSpec). */
type LeaseSpec = {
  readonly holderIdentity?: string;
  readonly leaseDurationSeconds?: number;
  readonly acquireTime?: string;
  readonly renewTime?: string;
  readonly leaseTransitions?: number;
};

/** The same before anybody has looked at it: who may write one Lease may have written anything. */
type Unread = { readonly [field in keyof LeaseSpec]: unknown };

/** A cluster's Lease as it was read. */
export type LeaseRecord = {
  /** Absent where there is no Lease yet. */
  readonly version?: string;
  /** Absent where nobody holds it. */
  readonly holder?: string;
  /** Since when, by the holder's own wall clock: for people only. */
  readonly since?: string;
  /** Changes with every renewal. */
  readonly renewed?: string;
  readonly transitions: number;
};

/** How long a lease lasts without a renewal, whatever stands in it: it is ours, and anybody may have written another time there. */
const LASTS_S = 60;
/** The same in milliseconds. */
export const LEASE_LASTS_MS: Millis = LASTS_S * 1000;

/** The namespace of a lease is gone, or about to be: nobody can take the lease there, or hold it. */
export class LeaseNowhere extends FaultlineError {
  constructor(cluster: Pick<Cluster, 'name' | 'kubectl'>, namespace: string, cause: FaultlineError) {
    const command = inContext(`kubectl create namespace ${namespace}`, cluster);
    const what = `cluster ${cluster.name}: the namespace of its lease is gone (${cause.message})`;
    super(cause.code, `${what}. What makes it again, without the Roles that were in it: ${command}`, { cause });
  }
}

/** What an API server says of something that is to be created in a namespace that is not there, or is being deleted (Kubernetes: NamespaceLifecycle). */
function isNowhere(error: unknown, namespace: string): error is FaultlineError {
  if (!(error instanceof FaultlineError)) return false;
  const { status } = error as { readonly status?: number };
  return (
    (status === 404 && error.message.includes(`namespaces "${namespace}" not found`)) ||
    (status === 403 && error.message.includes(`in namespace ${namespace} because it is being terminated`))
  );
}

export async function readLease(cluster: Cluster, namespace: string): Promise<LeaseRecord> {
  const object = await cluster.get(leaseRef(namespace));
  const { holderIdentity, acquireTime, renewTime, leaseTransitions } = (object?.spec ?? {}) as Unread;
  const [holder, since, renewed] = [textIn(holderIdentity), textIn(acquireTime), textIn(renewTime)];
  return {
    ...(object === undefined ? {} : { version: object.metadata.resourceVersion ?? '' }),
    ...(holder === undefined || holder === '' ? {} : { holder }),
    ...(since === undefined ? {} : { since }),
    ...(renewed === undefined ? {} : { renewed }),
    transitions: typeof leaseTransitions === 'number' ? leaseTransitions : 0,
  };
}

/** Whatever stands there, in one line: it becomes part of sentences. */
function textIn(value: unknown): string | undefined {
  return typeof value === 'string' ? visibleLine(value) : undefined;
}

/**
 * Makes `holder` the holder, or renews it, and nothing where anybody has written since `record` was read: the version
 * is tested by the server. Resolves to false then. Rejects with a LeaseNowhere where there is no namespace for it.
 */
export function writeLease(
  cluster: Cluster,
  namespace: string,
  record: LeaseRecord,
  holder: string,
  wall: Date,
): Promise<boolean> {
  const time = microTime(wall);
  const isRenewal = record.holder === holder;
  const spec: LeaseSpec = {
    holderIdentity: holder,
    leaseDurationSeconds: LASTS_S,
    acquireTime: (isRenewal ? record.since : undefined) ?? time,
    renewTime: time,
    leaseTransitions: record.transitions + (isRenewal || record.version === undefined ? 0 : 1),
  };
  return store(cluster, namespace, record.version, spec);
}

/** Gives the Lease back; the object stays. Resolves to false as writeLease does. */
export function clearLease(
  cluster: Cluster,
  namespace: string,
  { version, transitions }: LeaseRecord,
): Promise<boolean> {
  return store(cluster, namespace, version, { leaseTransitions: transitions });
}

async function store(
  cluster: Cluster,
  namespace: string,
  version: string | undefined,
  spec: LeaseSpec,
): Promise<boolean> {
  const ref = leaseRef(namespace);
  try {
    if (version === undefined) await cluster.create(newLease(namespace, spec));
    else await cluster.patch(ref, [test(version), { op: 'add', path: '/spec', value: { ...spec } }]);
    return true;
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'FAULT_CONFLICT') return false;
    throw isNowhere(error, namespace) ? new LeaseNowhere(cluster, namespace, error) : error;
  }
}

function newLease(namespace: string, spec: LeaseSpec): KubeObject {
  const { apiVersion, kind, name } = leaseRef(namespace);
  const labels = { 'app.kubernetes.io/managed-by': 'faultline' };
  return { apiVersion, kind, metadata: { name, namespace, labels }, spec: { ...spec } };
}

function test(version: string): JsonPatchOp {
  return { op: 'test', path: '/metadata/resourceVersion', value: version };
}

/** MicroTime of Kubernetes has six digits, and takes no other number of them. */
function microTime(wall: Date): string {
  return wall.toISOString().replace('Z', '000Z');
}

/** No sign of life between the two: a renewal would have changed the time, whatever its holder's clock shows. */
export function isSameRecord(one: LeaseRecord, other: LeaseRecord): boolean {
  return one.holder === other.holder && one.renewed === other.renewed && one.transitions === other.transitions;
}

/** Who holds a cluster, and since when. */
export function describeLease({ holder, since }: LeaseRecord): string {
  if (holder === undefined) return 'nobody holds it';
  return `${describeHolder(holder)} holds it${since === undefined ? '' : ` since ${since.replace(/\.\d+Z$/, 'Z')}`}`;
}
