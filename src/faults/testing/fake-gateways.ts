import type { DeclaredGateways } from '../../model/fault.ts';

/** Pods of the fake system that stand for an ingress gateway. */
export const FAKE_GATEWAYS: DeclaredGateways = {
  pods: [{ namespace: 'default', selector: { app: 'mocka' } }],
  zones: ['ap-northeast-1a'],
};
