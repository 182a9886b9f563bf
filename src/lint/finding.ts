import type { KubeObject } from '../model/kubernetes.ts';
import type { LintSystem, Unread } from './system.ts';

/**
 * `error`: failover will not work as meant. `warning`: it will not where what cannot be known from here is so. `info`:
 * worth knowing, and nothing is wrong.
 */
export type Severity = 'error' | 'warning' | 'info';

/** The object that a finding is about; a kind without a name means the lack of one. */
export type LintObject = {
  readonly cluster: string;
  readonly kind: string;
  /** Empty where the kind is in no namespace. */
  readonly namespace: string;
  readonly name: string;
};

/** What a rule finds in one place. */
export type Found = {
  readonly object: LintObject;
  /** Path of the field inside the object, as kubectl explain writes it. */
  readonly field: string;
  /** What is wrong here, in one or two sentences. */
  readonly what: string;
  /** The change that mends it here. */
  readonly change: string;
  /** @default the rule's own */
  readonly severity?: Severity;
};

/** One thing that is looked for. */
export type LintRule = {
  /** Stable: what SARIF and people name it by. */
  readonly id: string;
  /** The worst that it says. */
  readonly severity: Severity;
  /** What it finds, in general. */
  readonly title: string;
  /** Why that matters, by Istio's or Envoy's own rules, and where they are written. */
  readonly why: string;
  /** What mends it, in general. */
  readonly change: string;
  /** What must have been read beside the mesh; without it the rule cannot tell, and that is said. */
  readonly needs?: readonly Unread['what'][];
  /** Whom proxies choose and eject is what it is about: of a headless Service DNS chooses, of one that is passed through
   * kube-proxy, and such calls are not shown to it. */
  readonly ofChoice?: true;
  check(system: LintSystem): Found[];
};

/** A finding with the rule that found it. */
export type LintFinding = Required<Found> & Pick<LintRule, 'title' | 'why'> & { readonly rule: string };

/** All that is said of a target. */
export type LintReport = {
  /** Errors first. */
  readonly findings: readonly LintFinding[];
  /** What could not be told, and why. */
  readonly untold: readonly string[];
};

/** The place of an object. */
export function objectIn(cluster: string, { kind, metadata }: KubeObject): LintObject {
  return { cluster, kind, namespace: metadata.namespace ?? '', name: metadata.name ?? '' };
}

/** `tokyo DestinationRule default/mockb`. */
export function objectText({ cluster, kind, namespace, name }: LintObject): string {
  return `${cluster} ${kind} ${namespace === '' ? name : `${namespace}/${name}`}`;
}
