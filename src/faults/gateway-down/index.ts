import { defineFault } from '../define.ts';
import { injectZero, isSeveralData, proveZero, undoZero, ZERO_MARKS, ZERO_PERMISSIONS } from '../scale/several.ts';
import { schema } from './block.ts';
import { plan } from './plan.ts';

/** Scales the Deployments of an ingress gateway to zero, by the means of `scale`. */
export const gatewayDown = defineFault({
  kind: 'gatewayDown',
  doc:
    'Scales the ingress gateway of a zone, or all of a cluster, to zero: the Deployments of the pods that `spec.observe.gateways` of ' +
    'the targets file declares. Nobody listens at their address any more. No mesh moves a client to another address: ' +
    'requests to a lost gateway fail and are counted as failures of their path, the other addresses must not notice, and ' +
    'the plan names the addresses that are lost. That no answer comes through them is part of the proof, where each address ' +
    'of the load leads to the gateway of its own zone. A Deployment whose pods stand in several zones cannot lose one of ' +
    'them by its count, and the plan is refused; all gateways of all clusters at once are taken only where `spec.allow.everyZone` says so.',
  row: {
    does: 'scales the ingress gateway of a zone or a cluster to zero: its address answers nobody',
    undo: 'puts the recorded counts back where they still are what faultline wrote',
    deadMan: 'the dead-man of the targets file puts them back; without one they stay until `faultline recover`',
  },
  schema,
  example: { cluster: 'tokyo', zone: 'ap-northeast-1a' },
  permissions: ZERO_PERMISSIONS,
  marks: ZERO_MARKS,
  move: () => ({ kind: 'removal' }),
  isAtGateways: true,
  isData: isSeveralData,
  plan,
  inject: injectZero,
  prove: proveZero,
  undo: undoZero,
});
