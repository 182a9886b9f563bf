import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readText } from '../../app/files/load-files.ts';
import { shippedScenario } from '../../app/package-files.ts';
import type { SandboxMessage } from '../../app/targets/sandbox-message.ts';
import { messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { repeatCommand, shellQuoted } from '../../model/shell.ts';
import { systemClock } from '../../run/system-clock.ts';
import { startSandbox } from '../../sandbox/index.ts';
import { pulse } from '../../sandbox/pulse/pulse.ts';
import { writeWhole } from '../../store/run-folder.ts';
import { topologyNamed } from '../../topologies/index.ts';
import { openConsole } from '../output.ts';

/**
 * `faultline sandbox up`: runs until a signal. Started by a run it belongs to that run: it ends when its parent does,
 * and leaves the terminal's signals to the parent, who must undo first.
 */
export async function sandboxUp(
  _args: readonly string[],
  options: {
    dir: string;
    apply: string[];
    namespace: string[];
    topology: string;
    argoRollouts: boolean;
    output: 'text' | 'json';
  },
): Promise<number> {
  const out = openConsole(options.output);
  const child = process.send !== undefined;
  const ended = untilEnd(child);
  try {
    const sandbox = await startSandbox({
      clock: systemClock,
      random: Math.random,
      host: process.platform === 'linux' ? 'per-zone' : 'single',
      topology: topologyNamed(options.topology),
      manifests: options.apply.map(readManifest),
      namespaces: options.namespace,
      argoRollouts: options.argoRollouts,
    });
    const dir = resolve(options.dir);
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    const targets = join(dir, 'targets.yaml');
    writeWhole(join(dir, 'kubeconfig'), sandbox.kubeconfig);
    writeWhole(targets, sandbox.targets);
    tell({ ready: { targets } });
    if (child) {
      tellPulse();
    } else {
      const kubeconfig = join(dir, 'kubeconfig');
      if (out.json) out.data(JSON.stringify({ kubeconfig, targets }));
      else {
        out.data(`export KUBECONFIG=${shellQuoted(kubeconfig)}`);
        out.data(repeatCommand(shippedScenario('service-failover.yaml'), targets, []));
      }
      out.say('The sandbox runs until Ctrl-C.');
    }
    await ended;
    await sandbox.close();
    return EXIT.pass;
  } catch (error) {
    tell({ failed: messageOf(error) });
    throw error;
  }
}

function tell(message: SandboxMessage): void {
  // A parent that has just gone hears nothing, and this process ends by itself then.
  process.send?.(message, () => {});
}

/** The parent must know when this process stood still, lest it blames the mesh. */
function tellPulse(): void {
  const end = new AbortController();
  process.once('disconnect', () => end.abort());
  void pulse({ clock: systemClock, cpu, signal: end.signal }, (beat) => {
    if (process.connected) tell({ beat });
  });
}

/** Processor time of this process so far, in microseconds. */
function cpu(): number {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function untilEnd(child: boolean): Promise<void> {
  const { promise, resolve: end } = Promise.withResolvers<void>();
  process.once('disconnect', () => end());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!child) end();
    });
  }
  return promise;
}

function readManifest(entry: string): { cluster: string | undefined; text: string } {
  const at = entry.indexOf('=');
  return { cluster: at < 0 ? undefined : entry.slice(0, at), text: readText(entry.slice(at + 1)) };
}
