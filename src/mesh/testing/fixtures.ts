import type { Random } from '../../model/ports.ts';
import { readOutlierDetection } from '../cluster-config.ts';
import type { Locality, MeshClient, MeshEndpoint } from '../locality.ts';
import type { ClusterSettings } from '../settings.ts';

/** Deterministic randomness for specs (mulberry32). */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

export const TOKYO_A: Locality = { region: 'ap-northeast-1', zone: 'ap-northeast-1a', subzone: '' };
export const TOKYO_B: Locality = { region: 'ap-northeast-1', zone: 'ap-northeast-1b', subzone: '' };
export const HANGZHOU_H: Locality = { region: 'cn-hangzhou', zone: 'cn-hangzhou-h', subzone: '' };
export const HANGZHOU_K: Locality = { region: 'cn-hangzhou', zone: 'cn-hangzhou-k', subzone: '' };

export function endpoint(address: string, locality: Locality): MeshEndpoint {
  return { address, locality, labels: {}, ready: true };
}

export const CLIENT_A: MeshClient = { locality: TOKYO_A, labels: {} };

/** One pod of a service in each of the four zones. */
export const FOUR_ZONES: readonly MeshEndpoint[] = [
  endpoint('a:8000', TOKYO_A),
  endpoint('b:8000', TOKYO_B),
  endpoint('h:8000', HANGZHOU_H),
  endpoint('k:8000', HANGZHOU_K),
];

/** The `outlierDetection` block of the vendor page's DestinationRules. */
export const VENDOR_BLOCK = {
  splitExternalLocalOriginErrors: true,
  consecutiveLocalOriginFailures: 1,
  baseEjectionTime: '5m',
  consecutive5xxErrors: 1,
  interval: '30s',
  maxEjectionPercent: 100,
};

/** A cluster under the vendor page's DestinationRule, with Envoy's merge window unless told otherwise. */
export function vendorCluster(change: Partial<ClusterSettings> = {}): ClusterSettings {
  return {
    outlier: readOutlierDetection(VENDOR_BLOCK),
    panicThreshold: 0,
    sendsUnready: true,
    mergeWindowMs: 1000,
    connectTimeoutMs: 10_000,
    localityLb: { enabled: true, failover: [], failoverPriority: [], distribute: [] },
    ...change,
  };
}
