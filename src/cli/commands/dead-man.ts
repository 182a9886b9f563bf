import { writeFileSync } from 'node:fs';
import { holderOf } from '../../app/drill/holder.ts';
import { nextRunId } from '../../app/drill/new-run-id.ts';
import { signalOf, stopOnSignals } from '../../app/signals/signals.ts';
import { openTarget } from '../../app/targets/index.ts';
import { faultKind } from '../../faults/index.ts';
import { openOwnCluster } from '../../kube/kubeconfig.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT, signalCode } from '../../model/exit.ts';
import type { Cluster } from '../../model/ports.ts';
import { visibleLine } from '../../model/visible.ts';
import { watchAsDeadMan } from '../../run/dead-man/watch.ts';
import { systemClock } from '../../run/system-clock.ts';
import { identityOf } from '../../run/topology.ts';
import { openConsole, reportError } from '../output.ts';

type Options = {
  run: string;
  cluster: string;
  lockNamespace: string;
  namespaces?: string;
  plans?: string;
  after: number;
  armed?: string;
  target?: string;
};

/**
 * `faultline dead-man`: exit 0 when the plans of the run are gone from the cluster, else that of the signal or of what kept
 * it from being armed; whoever has started it starts it again then.
 */
export async function deadMan(_args: readonly string[], options: Options): Promise<number> {
  const out = openConsole('text');
  const signals = stopOnSignals(() => {});
  let close = async (): Promise<void> => {};
  try {
    const open = await openIts(options);
    close = open.close;
    const places = { namespace: options.lockNamespace, namespaces: options.namespaces?.split(',') ?? open.namespaces };
    const digests = options.plans?.split(',') ?? [];
    const order = { runId: options.run, cluster: options.cluster, ...places, digests };
    const isOver = await watchAsDeadMan(
      open.cluster,
      { ...order, afterMs: options.after * 1000 },
      {
        clock: systemClock,
        faultKind,
        // A container that is started again has the host and the process id of the one before.
        holder: holderOf(`dead-man-${nextRunId()}`),
        signal: signals.stop,
        say: (text) => out.say(visibleLine(text)),
        armed: () => {
          out.say(`armed: watching run ${options.run} in cluster ${options.cluster}`);
          if (options.armed !== undefined) writeFileSync(options.armed, '');
        },
      },
    );
    if (isOver) out.say(`nothing of run ${options.run} is left to undo in cluster ${options.cluster}`);
    const signal = signalOf(signals.stop);
    return isOver ? EXIT.pass : signal === undefined ? EXIT.internal : signalCode(signal);
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  } finally {
    await close();
    signals.release();
  }
}

type Its = {
  readonly cluster: Cluster;
  /** Where its targets file allows faults; none where it is asked for none. */
  readonly namespaces: readonly string[];
  readonly close: () => Promise<void>;
};

async function openIts({ target: file, cluster: name }: Options): Promise<Its> {
  if (file === undefined) {
    return { cluster: openOwnCluster(name, systemClock), namespaces: [], close: async () => {} };
  }
  const { target, clusters, close } = await openTarget(file, undefined);
  const open = clusters.get(name);
  if (open !== undefined) {
    await identityOf(open);
    return { cluster: open.cluster, namespaces: target.namespaces, close };
  }
  await close();
  throw new FaultlineError('NAME_UNKNOWN', `${file} has no cluster ${name}`);
}
