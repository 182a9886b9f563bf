import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { schema } from './block.ts';
import { inject } from './inject.ts';
import { isBlackholeData } from './objects.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { undo } from './undo.ts';

/** Cuts a zone's pods off the network by a deny-all NetworkPolicy. */
export const zoneBlackhole = defineFault({
  kind: 'zoneBlackhole',
  doc:
    'Creates a NetworkPolicy without any rule in each namespace and labels the pods on nodes of the zone, those that come ' +
    'later included, so that the policy selects them. Needs a network plug-in that enforces NetworkPolicy; one that does ' +
    'not makes the run inconclusive, because the requests show the pods still serving. Established connections may ' +
    'survive on some plug-ins.',
  row: {
    does: 'a deny-all NetworkPolicy on the pods of a zone, later ones included: traffic is dropped, not refused',
    undo: 'deletes policy and labels',
    deadMan: 'Kubernetes deletes the policy by itself after `expiry` (15m)',
  },
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
  permissions: [
    { kind: KINDS.networkPolicy, verbs: ['get', 'create', 'delete'], scope: 'namespace' },
    { kind: KINDS.job, verbs: ['get', 'create', 'delete'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['get', 'list', 'patch'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [
    { kind: KINDS.pod, resource: 'pod', ours: false },
    { kind: KINDS.networkPolicy, resource: 'networkpolicy', ours: true },
    { kind: KINDS.job, resource: 'job', ours: true },
  ],
  isData: isBlackholeData,
  plan,
  inject,
  sustain,
  prove,
  undo,
});
