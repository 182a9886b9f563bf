import { formatDuration } from '../../../model/units.ts';
import type { Cut } from './cuts.ts';
import type { Loss } from './lost.ts';
import type { ServingPod } from './serving.ts';

/** What is lost, and which faults take how much of it in which cluster. */
export function lossText(loss: Loss): string {
  const parts = [...new Set(loss.cuts.map((cut) => cutText(cut, loss.pods)))];
  return `${whatText(loss)}: ${parts.join(', ')}`;
}

function whatText({ how, service: { name, pods } }: Loss): string {
  switch (how) {
    case 'pods':
      return `the faults hit every ready pod of ${name}, in all clusters (${pods.length})`;
    case 'calls':
      return `the faults leave nobody who can call ${name}, in all clusters (${pods.length} ready)`;
    case 'chain':
      return `the faults together leave almost no request that comes through the call chain from ${name} on`;
  }
}

function cutText({ fault, cluster, share, afterMs, by, to, toService }: Cut, pods: readonly ServingPod[]): string {
  const much = `${fault} ${afterMs === undefined ? 'takes' : `delays by ${formatDuration(afterMs)}`} ${percentText(share)}`;
  const many = (keys: ReadonlySet<string>, one: string, more: string) => {
    const own = pods.filter(({ key }) => keys.has(key)).length || keys.size;
    return own === 1 ? `1 pod in ${cluster} ${one}` : `${own} pods in ${cluster} ${more}`;
  };
  if (by !== undefined) {
    const whom = to === undefined && toService === undefined ? '' : ' of it';
    return `${much} of what ${many(by, 'calls', 'call')}${whom}`;
  }
  return to === undefined ? much : `${much} of what ${many(to, 'is asked', 'are asked')}`;
}

function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
