/**
 * Switches that make the sandbox less than a good cluster, for tests of the harness: a fault that does not bite must be
 * noticed. They may be turned at any time.
 */
export type DataPlaneMisbehaviour = {
  /** The network plug-in ignores NetworkPolicy, as Flannel does. */
  ignoreNetworkPolicy: boolean;
  /** What iptables is told has no effect. */
  ignorePacketFilters: boolean;
  /** Containers go on being the mock service, whatever image and command say, when they start next. */
  ignoreImages: boolean;
};

export function wellBehaved(): DataPlaneMisbehaviour {
  return { ignoreNetworkPolicy: false, ignorePacketFilters: false, ignoreImages: false };
}
