import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { silenceOf } from '../silence.ts';
import { schema } from './block.ts';
import { inject, whyEndlessPolicy } from './inject.ts';
import { isPolicyData, KIND, plansIn } from './objects.ts';
import { plan } from './plan.ts';
import { prove } from './prove.ts';
import { sustain } from './sustain.ts';
import { undo } from './undo.ts';

/** Denies a zone's pods new connections by a deny-all NetworkPolicy. */
export const zoneNetworkPolicy = defineFault({
  kind: KIND,
  doc:
    'Creates a NetworkPolicy without any rule in each namespace and labels the pods of the zone, those that come ' +
    'later included, so that the policy selects them. It is no lost zone: Kubernetes leaves to the network plug-in whether ' +
    'open connections go on, and most let them, so that a mesh with kept connections may notice nothing; new connections ' +
    'are refused or dropped as the plug-in likes. It needs no image and no privilege in the pods. With a plug-in that does ' +
    'not enforce NetworkPolicy the run is inconclusive, because the requests show the pods still serving. `zoneBlackhole` ' +
    'is the one that drops every packet.',
  row: {
    does: 'a deny-all NetworkPolicy on the pods of a zone, later ones included: new connections only, refused or dropped',
    undo: 'deletes policy and labels',
    deadMan: 'Kubernetes deletes the policy by itself after `expiry` (15m)',
  },
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] },
  permissions: [
    { kind: KINDS.networkPolicy, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
    { kind: KINDS.job, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['get', 'list', 'patch'], undo: ['get', 'list', 'patch'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [
    { kind: KINDS.pod, resource: 'pod', ours: false, plans: plansIn },
    { kind: KINDS.networkPolicy, resource: 'networkpolicy', ours: true },
    { kind: KINDS.job, resource: 'job', ours: true },
  ],
  move: silenceOf,
  isData: isPolicyData,
  plan,
  inject,
  sustain,
  prove,
  whyEndless: whyEndlessPolicy,
  undo,
});
