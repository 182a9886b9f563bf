import { FaultlineError, messageOf } from '../../model/errors.ts';
import type { FaultContext, ServedCluster } from '../../model/fault.ts';
import type { AffectedPod, Signature } from '../../model/history.ts';
import { KINDS, type KubeKind, type KubeObject } from '../../model/kubernetes.ts';
import { selectorText } from '../../model/labels.ts';
import { ALL_AFFECTED } from '../../model/toll.ts';
import { affectedBy, isAlive, listPods, zonesOfNodes } from '../../workload/pods.ts';
import type { FaultRequest, PlanDraft } from '../define.ts';
import { isConfiguration, isMeshWide, reachOf, reachText, requireRead } from '../owned/configuration.ts';
import { requireExpiry } from '../owned/expiry.ts';
import { reachesOf } from '../owned/mesh-reach.ts';
import { objectName, ownLabels } from '../owned/objects.ts';
import { createdObjects, ownedDeadMan } from '../owned/plan.ts';
import { type Chosen, countText } from '../owned/pods.ts';
import { routeTolls } from '../owned/route-tolls.ts';
import { routesOf } from '../owned/routing.ts';
import type { ManifestBlock } from './block.ts';
import { type ManifestData, objectRef, readObject, type Until, untilText } from './data.ts';

/** Looks that nothing of the name is there, asks the API server by a dry run whether it would take the object, and names the pods. */
export async function plan(
  { name, block }: FaultRequest<ManifestBlock>,
  context: FaultContext,
): Promise<PlanDraft<ManifestData>> {
  const { cluster, runId } = context;
  const { object = null, hits, effect, expiry } = block;
  const until = untilOf(block);
  const expirySeconds = Math.ceil(expiry / 1000);
  const data: ManifestData = { ...readObject(object), hits, until, expirySeconds };
  const ref = objectRef(data);
  const text = `${ref.kind} ${ref.namespace}/${ref.name}`;
  const isRead = isConfiguration(ref);
  if (isRead) requireRead(`manifest ${name}`, ref, context);
  if ((await cluster.get(ref)) !== undefined) {
    throw new FaultlineError('FAULT_CONFLICT', `cluster ${cluster.name}: ${text} is there already`, {
      hint: 'What was there before could not be told from the fault. Give the object of the fault a name of its own.',
    });
  }
  await dryRun(name, withLabels(asWritten(data), ownLabels(runId)), context);
  const hit = await podsOf({ namespace: ref.namespace, selector: hits }, isRead ? reachOf(context) : [cluster]);
  if (hit.length === 0) {
    const hint = `kubectl -n ${ref.namespace} get pods -l ${selectorText(hits)}`;
    throw new FaultlineError('FAULT_NO_TARGET', `cluster ${cluster.name}: manifest ${name} hits no pod`, { hint });
  }
  await requireExpiry(cluster, { runId, fault: name }, data);
  const { reaches, tolls } = isRead ? ofRoutes(asWritten(data), effect, context) : NO_ROUTES;
  return {
    summary: `apply ${text}${until === null ? '' : `, on when ${untilText(until)}`}; it is said to hit ${countText(hit)} (${selectorText(hits)})`,
    signature: effect,
    affected: hit,
    tolls: [...(effect === 'degrades' ? [] : ALL_AFFECTED), ...tolls],
    ...(isVirtualService(ref) ? { routes: routesOf(asWritten(data)) } : {}),
    ...(reaches.length > 0 ? { reaches } : {}),
    ...(isRead && isMeshWide(asWritten(data)) ? { meshWide: true } : {}),
    namespaces: [ref.namespace],
    cutsOff: [],
    objects: createdObjects(cluster.name, [
      ref,
      { ...KINDS.job, namespace: ref.namespace, name: objectName({ runId, fault: name }) },
    ]),
    warnings: [
      ...(isRead ? reachText(context) : []),
      `What the object does is not known to faultline: whom it hits is what the scenario says, and ${reaches.length > 0 ? 'guards look only whose calls its routes change' : 'no guard looks further'}.`,
      ...(until === null
        ? ['Nothing of the cluster shows the effect: only requests can, and where pods degrade nothing does.']
        : []),
    ],
    expiresMs: expirySeconds * 1000,
    deadMan: ownedDeadMan(ref.kind, expirySeconds),
    data,
  };
}

const NO_ROUTES = { reaches: [], tolls: [] };

function ofRoutes(object: KubeObject, effect: Signature, context: FaultContext) {
  const clusters = reachOf(context).map(({ name }) => name);
  const reaches = reachesOf(object, context.gateways?.pods ?? []);
  return { reaches, tolls: routeTolls(object, effect, clusters) };
}

function isVirtualService({ apiVersion, kind }: KubeKind): boolean {
  const { apiVersion: own, kind: ofRoutes } = KINDS.virtualService;
  return kind === ofRoutes && apiVersion.split('/')[0] === own.split('/')[0];
}

async function podsOf({ namespace, selector }: Chosen, clusters: readonly ServedCluster[]): Promise<AffectedPod[]> {
  const found = clusters.map(async (cluster) => {
    const pods = await listPods(cluster, namespace, selectorText(selector), await zonesOfNodes(cluster));
    return affectedBy(cluster, pods.filter(isAlive));
  });
  return (await Promise.all(found)).flat();
}

function untilOf({ until }: ManifestBlock): Until | null {
  if (until === undefined) return null;
  const { condition, is, pointer = '', equals = null } = until;
  return condition === undefined ? { pointer, equals } : { condition, is };
}

/** The object as the scenario has it. */
export function asWritten({ apiVersion, kind, namespace, name, metadata, body }: ManifestData): KubeObject {
  return { apiVersion, kind, metadata: { ...metadata, namespace, name }, ...body };
}

/** The object with labels beside its own. */
export function withLabels(object: KubeObject, labels: Readonly<Record<string, string>>): KubeObject {
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, ...labels } } };
}

async function dryRun(fault: string, object: KubeObject, { cluster }: FaultContext): Promise<void> {
  try {
    await cluster.create(object, { dryRun: true });
  } catch (error) {
    const [code, hint] = error instanceof FaultlineError ? [error.code, error.hint] : (['KUBE_API'] as const);
    throw new FaultlineError(code, `fault ${fault}: the API server does not take the object: ${messageOf(error)}`, {
      ...(hint === undefined ? {} : { hint }),
      cause: error,
    });
  }
}
