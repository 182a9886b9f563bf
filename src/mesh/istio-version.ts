/** Istio's own version. ASM counts differently: what matters is the Istio inside. */
export type IstioVersion = `1.${number}`;

/** The Istio that the model stands for where nobody says otherwise: the lab's. */
export const DEFAULT_ISTIO: IstioVersion = '1.31';

/** Its first release, as images and proxies name it. */
export function firstRelease(version: IstioVersion): string {
  return `${version}.0`;
}

/** What changed from version to version, as far as it decides who answers a call. */
type IstioDefaults = {
  /**
   * Since 1.31 endpoints that are not ready are in EDS as UNHEALTHY, where they count in their priority
   * (PILOT_AUTO_SEND_UNHEALTHY_ENDPOINTS; Istio: endpoint_builder.go supportsUnhealthyEndpoints).
   */
  readonly sendsUnready: boolean;
  /** Up to 1.23 a 503 was retried (EXCLUDE_UNSAFE_503_FROM_DEFAULT_RETRY). */
  readonly retries503: boolean;
  /** Since 1.24 the server's sidecar retries what its application refuses: `reset-before-request`, twice (Istio: route.go). */
  readonly inboundRetries: number;
};

export function istioDefaults(version: IstioVersion): IstioDefaults {
  const minor = Number(version.split('.')[1]);
  return { sendsUnready: minor >= 31, retries503: minor <= 23, inboundRetries: minor >= 24 ? 2 : 0 };
}
