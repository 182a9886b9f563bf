import { closeSync, existsSync, fsyncSync, openSync, readFileSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { JsonPatchOp, KubeObject, ObjectRef } from '../../model/kubernetes.ts';
import type { Clock } from '../../model/ports.ts';
import type { Json } from '../../model/scenario.ts';
import type { LabCluster } from '../topology.ts';
import { adminApi } from './admin-api.ts';
import { objectsOf } from './apply.ts';
import { deploymentsReady } from './readiness.ts';
import { runningClusters } from './running-topology.ts';
import { until } from './until.ts';

/** A manifest for all clusters of the lab, or for one. */
type Manifest = { readonly path: string; readonly cluster?: string };

type Where = { readonly folder: string; readonly clock: Clock };

/** An object as it was before it was changed; null for one that was not there. */
type Change = { readonly cluster: string; readonly ref: ObjectRef; readonly before: KubeObject | null };

const NAMESPACE = 'default';
const READY_LIMIT_MS = 90_000;
const GONE_LIMIT_MS = 60_000;

/**
 * Changes the lab's objects for one scenario, and waits until its pods are ready. What they were is on disk first, for
 * `takeBackChanges`. Rejects with LAB for what cannot be read or is not accepted; nothing is changed then, or taken back.
 */
export async function changeMesh(manifests: readonly Manifest[], where: Where): Promise<void> {
  await takeBackChanges(where);
  const clusters = runningClusters(where.folder);
  try {
    for (const { path, cluster } of manifests) {
      for (const one of clusters.filter(({ name }) => cluster === undefined || cluster === name)) {
        for (const object of objectsOf(textOf(path))) await change(one, object, where);
      }
    }
    await Promise.all(clusters.map((cluster) => settled(cluster, where)));
  } catch (error) {
    await takeBackChanges(where);
    throw error;
  }
}

/** Makes the lab's objects what they were before `changeMesh`, whichever process has called it. Does nothing where nothing is changed. */
export async function takeBackChanges(where: Where): Promise<void> {
  const changes = readChanges(where);
  for (const one of changes.toReversed()) await takeBack(one, where);
  if (changes.length > 0) {
    await Promise.all(runningClusters(where.folder).map((cluster) => settled(cluster, where)));
  }
  rmSync(fileOf(where), { force: true });
}

async function change(cluster: LabCluster, object: KubeObject, where: Where): Promise<void> {
  const { apiVersion, kind, metadata } = object;
  const { name = '', namespace = NAMESPACE } = metadata;
  const ref = { apiVersion, kind, namespace, name };
  const api = adminApi(cluster, where);
  const before = await api.get(ref);
  record({ cluster: cluster.name, ref, before: before ?? null }, where);
  if (before === undefined) await api.create({ ...object, metadata: { ...metadata, namespace } });
  else await api.patch(ref, specOf(object));
}

async function takeBack({ cluster, ref, before }: Change, where: Where): Promise<void> {
  const api = adminApi(clusterOf(cluster, where), where);
  if (before !== null) {
    await api.patch(ref, specOf(before));
    return;
  }
  await api.delete(ref);
  const check = async () => (await api.get(ref)) === undefined || 'it is there';
  await until({ what: `${cluster}: ${ref.kind} ${ref.name} is gone`, limitMs: GONE_LIMIT_MS, check }, waitingOf(where));
}

function specOf({ spec }: KubeObject): JsonPatchOp[] {
  return [{ op: 'add', path: '/spec', value: spec as Json }];
}

async function settled(cluster: LabCluster, where: Where): Promise<void> {
  const check = () => deploymentsReady(adminApi(cluster, where), NAMESPACE);
  await until({ what: `${cluster.name}: Deployments`, limitMs: READY_LIMIT_MS, check }, waitingOf(where));
}

const waitingOf = ({ clock }: Where) => ({ clock, signal: new AbortController().signal });

function clusterOf(name: string, { folder }: Where): LabCluster {
  const found = runningClusters(folder).find((cluster) => cluster.name === name);
  if (found === undefined) throw new FaultlineError('LAB', `the lab has no cluster ${name}`);
  return found;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new FaultlineError('LAB', `${path}: ${messageOf(error)}`);
  }
}

const fileOf = ({ folder }: Where): string => join(folder, 'changed-objects.ndjson');

/** On disk before it returns. */
function record(one: Change, where: Where): void {
  const file = openSync(fileOf(where), 'a', 0o600);
  try {
    writeSync(file, `${JSON.stringify(one)}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A last line that is torn was not followed by a change. */
function readChanges(where: Where): Change[] {
  if (!existsSync(fileOf(where))) return [];
  const lines = readFileSync(fileOf(where), 'utf8').split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Change);
}
