import { dirname, posix } from 'node:path';
import type { ScriptFiles } from '../../../model/engine.ts';
import { FaultlineError, messageOf } from '../../../model/errors.ts';
import { inContext } from '../../../model/kubectl.ts';
import { KINDS, LOAD_LABEL } from '../../../model/kubernetes.ts';
import type { LoadOrder, LoadSummary, PodCluster } from '../../../model/ports.ts';
import { SCAN_COMMAND } from '../../../model/recover-command.ts';
import type { LoadCluster } from '../../../model/target.ts';
import type { Micros, Millis } from '../../../model/units.ts';
import { hrtimeMicros } from '../../clock.ts';
import { openRecordFile } from '../../record-writer.ts';
import { consoleConfig } from '../config/console-config.ts';
import { sharedTls } from '../config/gateway-tls.ts';
import { ownScript, stagedFiles } from '../config/script-files.ts';
import { CA_FILE, CONFIG, ENTRY } from '../config/staged-names.ts';
import type { PodsEngine, ViewHandle } from '../handle.ts';
import { CONSOLE_WIRE } from '../records/console-wire.ts';
import { lagOf } from '../records/lag.ts';
import { ScriptLog } from '../records/script-log.ts';
import { Session } from '../records/session.ts';
import { type OperatorManifests, operatorManifests, ownershipOf } from './manifests.ts';
import { removeRunMarker, writeRunMarker } from './run-marker.ts';
import { awaitRunners } from './runner-pods.ts';
import { Runners } from './runners.ts';

/** Settings of the engine that sends from pods. */
type OperatorOptions = {
  readonly cluster: PodCluster;
  readonly where: LoadCluster;
  readonly runId: string;
  /** A script in place of the harness's own; its files lie in one folder. */
  readonly script?: ScriptFiles;
};

/** Readings come each second, and log lines take a moment from the node. */
const SETTLING: Micros = 2_000_000;

/**
 * Sends from the pods of a TestRun of the k6-operator: each pod is one more k6 whose console is its log. `start` and `stop`
 * reject with FaultlineError LOAD, or with what the API server said.
 */
export function k6OperatorEngine(options: OperatorOptions): PodsEngine {
  return { name: 'k6-operator', start: (order) => start(order, options) };
}

async function start(order: LoadOrder, options: OperatorOptions): Promise<ViewHandle> {
  const { cluster, where, script } = options;
  const { load, paths, zero, say = () => {} } = order;
  await requireIdentity(options);
  await refuseOther(options);
  const scripted = script !== undefined;
  const how = { together: scripted, processes: where.pods, longestMs: order.longestMs };
  const setup = await consoleConfig(load, paths, how);
  const staged = { config: JSON.stringify(setup.config), ca: sharedTls(load, paths).ca };
  const manifests = await manifestsOf(options, staged, order.longestMs);
  const file = await openRecordFile(order.file);
  const remove = () => removeAll(options, manifests, order.file);
  let runners: Runners | undefined;
  try {
    await writeRunMarker(order.file, { where, runId: options.runId });
    await cluster.create(manifests.configMap);
    const created = await cluster.create(manifests.testRun);
    const { namespace } = where;
    const testRun = created.metadata.name ?? '';
    const files = { ...KINDS.configMap, namespace, name: manifests.configMap.metadata.name ?? '' };
    await cluster.patch(files, ownershipOf(created));
    say(`TestRun ${namespace}/${testRun} asks for ${where.pods} pods in cluster ${cluster.name}`);
    const names = await awaitRunners({ cluster, namespace, testRun, pods: where.pods, say, signal: order.signal });
    const ids = paths.map((path) => path.id);
    const sources = names.map((name) => `pod ${name}`);
    const wire = CONSOLE_WIRE;
    const input = { wire, load, ids, scripted, sources, settling: SETTLING, zero, now: hrtimeMicros, ...setup };
    const session = new Session(input, file);
    const log = new ScriptLog(order.file, load.hidden);
    runners = new Runners({ cluster, namespace, names, session, scenarios: setup.scenarios, log });
    await runners.begin(say, order.signal);
  } catch (error) {
    await runners?.abandon();
    await file.close().catch(() => undefined);
    throw withLeftovers(error, await remove());
  }
  const handle = runners;
  let stopping: Promise<LoadSummary> | undefined;
  const stop = async () => {
    try {
      const summary = await handle.stop(load.timeoutMs);
      const left = await remove();
      return { ...summary, degraded: [...summary.degraded, ...left] };
    } catch (error) {
      throw withLeftovers(error, await remove());
    }
  };
  return {
    progress: () => handle.progress(),
    ...lagOf({ settling: SETTLING, scripted }, load),
    stop: () => {
      stopping ??= stop();
      return stopping;
    },
  };
}

async function requireIdentity({ cluster, where }: OperatorOptions): Promise<void> {
  if (where.uid === undefined) return;
  const { uid, server } = await cluster.identity();
  if (uid === where.uid) return;
  const message = `cluster ${cluster.name}: ${server} has the UID ${uid}, and the targets file says ${where.uid}`;
  throw new FaultlineError('LOAD', message, { hint: 'Correct loadCluster in the targets file.' });
}

async function manifestsOf(
  { where, runId, script }: OperatorOptions,
  { config, ca }: { readonly config: string; readonly ca: string | undefined },
  longestMs: Millis,
): Promise<OperatorManifests> {
  const files = await stagedFiles(flat(script ?? (await ownScript())));
  const { namespace, pods, image } = where;
  const authority: [string, string][] = ca === undefined ? [] : [[CA_FILE, ca]];
  const all = Object.fromEntries([...files, [CONFIG, config], ...authority]);
  const named = { main: ENTRY, config: CONFIG, ...(ca === undefined ? {} : { authority: CA_FILE }) };
  return operatorManifests({ runId, namespace, pods, image, files: all, ...named, longestMs });
}

/** The keys of a ConfigMap are file names: a script's folder goes, and what lies elsewhere cannot come along. */
function flat({ main, files }: ScriptFiles): ScriptFiles {
  const folder = posix.dirname(main);
  const names = [...files].map(([name, text]): [string, string] => [posix.relative(folder, name), text]);
  const elsewhere = names.find(([name]) => name.includes('/'))?.[0];
  if (elsewhere === undefined) return { main: posix.basename(main), files: new Map(names) };
  throw new FaultlineError('LOAD', `For pods, all files of the script must lie in one folder; ${elsewhere} does not.`);
}

/** Load of another run would be judged as if it were ours, and take errors that ours should see. */
async function refuseOther({ cluster, where }: OperatorOptions): Promise<void> {
  const { namespace } = where;
  const [other] = await cluster.list(KINDS.testRun, { namespace, labelSelector: LOAD_LABEL });
  if (other === undefined) return;
  const run = other.metadata.labels?.[LOAD_LABEL];
  const message = `cluster ${cluster.name}: run ${run} sends load already, by TestRun ${namespace}/${other.metadata.name}`;
  throw new FaultlineError('OPEN_RUN', message, {
    hint: `When that run is over: ${SCAN_COMMAND}`,
  });
}

/** Deletes what the load has created, and says what could not be. */
async function removeAll(
  { cluster, where }: OperatorOptions,
  created: OperatorManifests,
  records: string,
): Promise<string[]> {
  const { namespace } = where;
  const problems: string[] = [];
  for (const { apiVersion, kind, metadata } of [created.testRun, created.configMap]) {
    const name = metadata.name ?? '';
    await cluster.delete({ apiVersion, kind, namespace, name }).catch((error: unknown) => {
      const command = inContext(`kubectl -n ${namespace} delete ${kind.toLowerCase()} ${name} --wait=false`, cluster);
      problems.push(`the load has left something in cluster ${cluster.name} (${messageOf(error)}): ${command}`);
    });
  }
  if (problems.length === 0) await removeRunMarker(dirname(records));
  return problems;
}

function withLeftovers(error: unknown, left: readonly string[]): unknown {
  if (left.length === 0) return error;
  return new FaultlineError('LOAD', [messageOf(error), ...left].join('; '), { cause: error });
}
