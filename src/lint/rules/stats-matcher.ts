import { parseDocument } from 'yaml';
import { object, strings, text } from '../../mesh/config-read.ts';
import type { KubeObject } from '../../model/kubernetes.ts';
import { callersText } from '../callers.ts';
import type { LintRule } from '../finding.ts';
import type { CallerGroup, LintSystem } from '../system.ts';

const SAMPLE = 'cluster.outbound|80||a.b.svc.cluster.local.outlier_detection.ejections_active';

/** Istio: bootstrap config.go getStatsOptions. */
export const statsMatcher: LintRule = {
  id: 'stats-matcher',
  severity: 'info',
  title: 'the statistics of outlier detection are off',
  why: 'Istio’s proxies keep no outlier statistics of application clusters unless proxyStatsMatcher includes them; it is read when a proxy starts (Istio `pkg/bootstrap/config.go` getStatsOptions). Ejections are then known from the state of hosts once a second, and what maxEjectionPercent prevents is not.',
  change:
    'Include ".*outlier_detection.*" in proxyStatsMatcher, in MeshConfig defaultConfig or at the pods, and restart them.',
  needs: ['workloads'],
  check: (system) => {
    const callers = new Map(system.calls.map(({ caller }) => [caller.pods.map(({ name }) => name).join(), caller]));
    return [...callers.values()].flatMap((caller) => {
      const off = deploymentsOf(system, caller).filter((deployment) => !isOn(caller, deployment));
      const [first] = off;
      if (first === undefined) return [];
      const { namespace = '', name = '' } = first.metadata;
      return {
        object: { cluster: caller.live.name, kind: 'Deployment', namespace, name },
        field: 'spec.template.metadata.annotations["proxy.istio.io/config"]',
        what: `${off.length} Deployment${off.length === 1 ? '' : 's'} of ${callersText(caller)} keep no outlier statistics: ejections are seen there once a second, and not counted.`,
        change: 'proxyStatsMatcher: {inclusionRegexps: [".*outlier_detection.*"]}, and restart the pods.',
      };
    });
  },
};

function deploymentsOf({ beside }: LintSystem, { live, pods }: CallerGroup): KubeObject[] {
  const names = new Set(pods.map(({ namespace, workload }) => `${namespace}/${workload}`));
  const own = beside.find(({ cluster }) => cluster === live.name)?.deployments ?? [];
  return own.filter(({ metadata }) => names.has(`${metadata.namespace}/${metadata.name}`));
}

function isOn({ live }: CallerGroup, { spec }: KubeObject): boolean {
  const annotations = object(object(object(object(spec).template).metadata).annotations);
  const listOf = (name: string) => (text(annotations[`sidecar.istio.io/statsInclusion${name}`]) ?? '').split(',');
  const own = {
    inclusionRegexps: listOf('Regexps'),
    inclusionPrefixes: listOf('Prefixes'),
    inclusionSuffixes: listOf('Suffixes'),
  };
  const configured = configOf(text(annotations['proxy.istio.io/config']) ?? '');
  return [own, configured, object(object(live.mesh.defaultConfig).proxyStatsMatcher)].some(includes);
}

function configOf(yaml: string): { readonly [field: string]: unknown } {
  const document = parseDocument(yaml);
  return document.errors.length > 0 ? {} : object(object(document.toJS()).proxyStatsMatcher);
}

function includes(matcher: { readonly [field: string]: unknown }): boolean {
  const filled = (field: string) => strings(matcher[field]).filter((entry) => entry.trim() !== '');
  return (
    filled('inclusionRegexps').some((entry) => entry.includes('outlier') || entry === '.*') ||
    filled('inclusionPrefixes').some((entry) => SAMPLE.startsWith(entry)) ||
    filled('inclusionSuffixes').some((entry) => SAMPLE.endsWith(entry))
  );
}
