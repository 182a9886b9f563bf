import { formatDuration } from '../../../model/units.ts';
import type { Cut, Ends } from './cuts.ts';
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

function cutText({ fault, share, afterMs, ejects, by, to, toService }: Cut, pods: Ends): string {
  if (ejects !== undefined && to !== undefined && toService !== undefined) {
    return `${fault} may have outlier detection eject ${podsText(to, pods.to)}`;
  }
  const much = `${fault} ${afterMs === undefined ? 'takes' : `delays by ${formatDuration(afterMs)}`} ${percentText(share)}`;
  if (by !== undefined) {
    const whom = to === undefined && toService === undefined ? '' : ' of it';
    return `${much} of what ${podsText(by, pods.by, 'calls', 'call')}${whom}`;
  }
  return to === undefined ? much : `${much} of what ${podsText(to, pods.to, 'is asked', 'are asked')}`;
}

/** `1 pod in tokyo and 2 in osaka call`, with the verb for one or for several. */
function podsText(keys: ReadonlySet<string>, pods: readonly ServingPod[], one = '', several = ''): string {
  const own = pods.filter(({ key }) => keys.has(key));
  const places = [...Map.groupBy(own, ({ cluster }) => cluster)].map(([cluster, some], at) => {
    const noun = at > 0 ? '' : some.length === 1 ? ' pod' : ' pods';
    return `${some.length}${noun} in ${cluster}`;
  });
  return `${places.join(' and ')} ${own.length === 1 ? one : several}`.trimEnd();
}

function percentText(share: number): string {
  return `${Number((share * 100).toFixed(2))} %`;
}
