import { LOAD_LABEL } from '../../../model/kubernetes.ts';
import type { Json } from '../../../model/scenario.ts';
import type { Millis } from '../../../model/units.ts';

/** The user of grafana/k6; a number, because `runAsNonRoot` does not believe names. */
const USER = 12_345;
/** From the start of a pod to the start of its load, at most: the others are waited for, then the operator's starter runs. */
const STARTING_MS: Millis = 600_000;

type Settings = { [field: string]: Json };

/**
 * What all pods of a TestRun have in common: the run's label, no token, no sidecar (Envoy's retries would hide errors,
 * and it would keep the operator's jobs from ending), and no more rights than the restricted Pod Security Standard gives.
 */
function restricted(runId: string, how: { readOnly: boolean }): Settings {
  return {
    metadata: { labels: { [LOAD_LABEL]: runId, 'sidecar.istio.io/inject': 'false' } },
    automountServiceAccountToken: 'false',
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER,
      runAsGroup: USER,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containerSecurityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
      readOnlyRootFilesystem: how.readOnly,
    },
  };
}

/**
 * The pods that run k6. Neither a TestRun nor its jobs have a deadline, so the runners' liveness probe is one: after the
 * longest time it fails, and the kubelet ends the container for good, with or without a harness. It takes the place of the
 * operator's own probe, which kills a k6 that is too busy to answer three times within a second. The initializer runs the
 * script once without sending (`k6 archive`, `k6 inspect`), which needs the same files and environment and room in /tmp.
 */
export function runnerPod(of: {
  runId: string;
  image: string;
  environment: Readonly<Record<string, string>>;
  longestMs: Millis;
}): { runner: Settings; initializer: Settings } {
  const { runId, image, longestMs } = of;
  const env = Object.entries(of.environment).map(([name, value]) => ({ name, value }));
  return {
    runner: {
      ...restricted(runId, { readOnly: true }),
      image,
      env,
      resources: { requests: { cpu: '500m', memory: '256Mi' } },
      livenessProbe: {
        exec: { command: ['sh', '-c', 'exit 1'] },
        initialDelaySeconds: Math.ceil((longestMs + STARTING_MS) / 1000),
        failureThreshold: 1,
      },
    },
    initializer: {
      ...restricted(runId, { readOnly: false }),
      image,
      env,
      resources: { requests: { cpu: '100m', memory: '128Mi' } },
    },
  };
}

/** The pod that tells all runners to begin, with the operator's own image and its small requests. */
export function starterPod(runId: string): Settings {
  return restricted(runId, { readOnly: true });
}
