import { REGION_LABEL, ZONE_LABEL } from './kubernetes.ts';
import type { Labels } from './labels.ts';

/** Where Istio takes a pod to be: its own locality label wins over its node's labels (Istio: controller.go getPodLocality). */
export function podLocality(
  pod: Labels | undefined,
  node: Labels | undefined,
): { readonly region: string; readonly zone: string; readonly subzone: string } {
  const own = localityLabel(pod);
  const [region = '', zone = '', subzone = ''] =
    own === '' ? [node?.[REGION_LABEL], node?.[ZONE_LABEL], node?.['topology.istio.io/subzone']] : own.split('.');
  return { region, zone, subzone };
}

/** What a pod says of its own locality, `region.zone.subzone`; empty where it says nothing (Istio: GetLocalityLabel). */
export function localityLabel(pod: Labels | undefined): string {
  return pod?.['topology.istio.io/locality'] || pod?.['istio-locality'] || '';
}
