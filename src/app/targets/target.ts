import { openCluster } from '../../kube/kubeconfig.ts';
import type { Check } from '../../model/engine.ts';
import type { Scenario } from '../../model/scenario.ts';
import type { Target } from '../../model/target.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { OpenCluster } from '../../run/wiring.ts';
import type { WatchBlind } from '../drill/blind.ts';
import { checkTargetsText, loadTargets } from '../files/load-files.ts';
import { type OpenPrometheus, openPrometheus } from '../outside/prometheus.ts';
import { type GatewayMaterial, readGatewayTls } from '../secrets/gateway-tls.ts';
import type { Environment } from '../secrets/pem-source.ts';

/** A target whose clusters can be reached. */
export type OpenTarget = {
  readonly target: Target;
  /** Started for this use, and gone after it. */
  readonly ephemeral: boolean;
  readonly clusters: ReadonlyMap<string, OpenCluster>;
  /** Present where the target is a process of faultline's own, whose standing still is no fault of the system. */
  readonly watchBlind?: WatchBlind;
  /** Versions of what the target is made of, by name, where it knows more than its clusters tell. */
  readonly versions?: Readonly<Record<string, string>>;
  /** Reads what TLS to the gateways needs, which only sending does. Throws InvalidFile with all that is wrong with it. */
  readonly gatewayTls: (env: Environment) => GatewayMaterial;
  /** Reads what the target's Prometheus needs, as `gatewayTls`; undefined where it names none. */
  readonly prometheus: (env: Environment) => OpenPrometheus | undefined;
  /** Nothing of it goes on after that: requests under way end. */
  close(): Promise<void>;
};

/** What a target is opened for: with `look` nothing in it changes that is there without this process. */
export type TargetUse = 'look' | 'run';

/** A target with a name of its own. Anything else that `--target` says is a targets file. */
export type TargetKind = {
  /** Opens it for a scenario, or for looking at it; `say` hears what it does to be ready, a line each. Throws a FaultlineError that says how to start it. */
  open(scenario: Scenario | undefined, use: TargetUse, say: (text: string) => void): Promise<OpenTarget>;
  /** What it needs of this machine, for people who want to start it. */
  needs?(): Promise<readonly Check[]>;
  /** Where opening it starts a new one: the command that keeps one running, to be reached by a targets file. */
  readonly keptBy?: string;
};

/** Opens the clusters that a targets file names. */
export async function openTargetsFile(file: string, ephemeral: boolean): Promise<OpenTarget> {
  return opened(loadTargets(file), file, ephemeral);
}

/** The same for a file that is only about to be written. */
export function openTargetsText(text: string, file: string): OpenTarget {
  return opened(checkTargetsText(text, file), file, false);
}

function opened({ value: target, text }: ReturnType<typeof loadTargets>, file: string, ephemeral: boolean): OpenTarget {
  const opened = target.clusters.map((one) => ({ ...one, cluster: openCluster(one, systemClock) }));
  const clusters = opened.map(({ name, cluster, kubeconfig, context, uid, gateways }): [string, OpenCluster] => [
    name,
    { cluster, kubeconfig, context, uid, gateways },
  ]);
  const close = async () => {
    for (const { cluster } of opened) cluster.close();
  };
  const gatewayTls: OpenTarget['gatewayTls'] = (env) => readGatewayTls(target, file, text, env);
  const prometheus: OpenTarget['prometheus'] = (env) => openPrometheus(target, file, text, env);
  return { target, ephemeral, clusters: new Map(clusters), gatewayTls, prometheus, close };
}
