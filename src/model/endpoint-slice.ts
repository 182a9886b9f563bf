import type { KubeObject } from './kubernetes.ts';

/** Label of an EndpointSlice with the name of its Service, which is in its namespace (discovery.k8s.io/v1). */
export const SERVICE_LABEL = 'kubernetes.io/service-name';

type SlicedEndpoint = {
  readonly addresses?: readonly string[];
  readonly zone?: string;
  readonly conditions?: { readonly ready?: boolean; readonly terminating?: boolean };
  readonly targetRef?: { readonly kind?: string; readonly name?: string };
};

/** What faultline reads of an EndpointSlice. A port without a number is all of them. */
type EndpointSlice = KubeObject & {
  readonly addressType?: string;
  readonly endpoints?: readonly SlicedEndpoint[] | null;
  readonly ports?: readonly { readonly name?: string; readonly port?: number | null }[] | null;
};

export function sliceOf(object: KubeObject): EndpointSlice {
  return object as EndpointSlice;
}
