import { steadyStateOf } from '../../analysis/index.ts';
import { shortestGood } from '../../model/good.ts';
import type { HistoryEvent, RunHeader } from '../../model/history.ts';
import type { JournalEntry } from '../../model/journal.ts';
import type { SentLoad, Stall, UnstampedEvent } from '../../model/ports.ts';
import { metKind } from '../../model/practice.ts';
import { uncheckedText } from '../../model/target.ts';
import { journalCluster } from '../../run/announcement.ts';
import { executeRun } from '../../run/machine.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import type { StopReason } from '../../run/stop.ts';
import { systemClock } from '../../run/system-clock.ts';
import type { RunProgress } from '../../run/wiring.ts';
import { openHistory } from '../../store/history-file.ts';
import { openFaults } from '../../store/journal-clusters.ts';
import { createJournal } from '../../store/journal-file.ts';
import { unwritableText } from '../../store/ndjson.ts';
import { pointLatest, type RunFolder, removeRunFolder } from '../../store/run-folder.ts';
import { analyzeFolder } from '../recorded/analyze-folder.ts';
import type { GatewayMaterial } from '../secrets/gateway-tls.ts';
import { redactEvent, redactHeader, reveal, type Secrets } from '../secrets/secrets.ts';
import { type Tokens, tokenFeed } from '../secrets/tokens.ts';
import type { OpenTarget } from '../targets/index.ts';
import { toolVersion } from '../version.ts';
import { recordBlind } from './blind.ts';
import type { ChosenEngine } from './choose-engine.ts';
import { versionsOfClusters } from './cluster-versions.ts';
import { holderOf } from './holder.ts';
import { remembered } from './remembered-journal.ts';
import type { RunHooks } from './run-hooks.ts';

type Commands = Required<Pick<RunHeader, 'command' | 'recover'>>;

/** What a run knows by itself when it is over, whatever has become of its folder. */
type Recorded = {
  /** Events that the folder has no room for. */
  readonly unwritten: readonly HistoryEvent[];
  /** Every fault is undone, and nothing was seen to be left behind. */
  readonly undone: boolean;
};

/** Runs, and records it. */
export async function recordRun(
  run: PlannedRun,
  { engine, why }: ChosenEngine,
  folder: RunFolder,
  { watchBlind, versions }: OpenTarget,
  options: Commands & {
    secrets: Secrets;
    tokens: Tokens;
    hidden: readonly string[];
    material: GatewayMaterial;
    bodies: NonNullable<SentLoad['bodies']>;
  } & RunHooks,
): Promise<Recorded> {
  const { secrets, tokens, hidden, bodies } = options;
  const feed = tokenFeed(tokens, run, hidden);
  const sent = { hidden, bodies, tls: options.material.of(run.topology.paths) };
  const redact = (text: string) => feed.redact(text);
  const entries: JournalEntry[] = [];
  const full = new AbortController();
  // A fault of which nothing more is written down shows nothing any more.
  const onBroken = (message: string) => {
    if (full.signal.aborted) return;
    full.abort({ kind: 'record', message } satisfies StopReason);
    file.append({ type: 'notice', level: 'error', text: message });
  };
  // What cannot be written there is open for whoever reads it later.
  const journal = remembered(begin(folder, run), entries, onBroken);
  let isLeft = false;
  const tell = quietly(options.onEvent);
  const onEvent = (event: HistoryEvent) => {
    isLeft ||= event.type === 'leftovers' && event.objects.length > 0;
    tell(event);
  };
  const file = openHistory(folder.history, systemClock, { onEvent, onBroken });
  const history = {
    ...file,
    append: (event: UnstampedEvent) => file.append(redactEvent(event, redact, options.recover)),
  };
  const onProgress = (progress: RunProgress) => {
    const { unwritten } = progress.load ?? {};
    if (unwritten !== undefined) onBroken(unwritableText(folder.requests, unwritten));
    options.onProgress(progress);
  };
  let onBlind = (_: Stall): void => {};
  const blind = recordBlind(watchBlind, shortestGood(run.scenario.load), history, (stretch) => onBlind(stretch));
  try {
    await executeRun(run, redactHeader(headerOf(run, options, versions), redact), {
      clock: systemClock,
      engine: {
        name: engine.name,
        start: (order) => {
          if (why !== undefined) history.append({ type: 'notice', ...why });
          const unchecked = uncheckedText(run.topology.paths);
          if (unchecked !== undefined) history.append({ type: 'notice', level: 'warning', text: unchecked });
          const say = (text: string) => history.append({ type: 'notice', level: 'info', text });
          const warn = (text: string) => history.append({ type: 'notice', level: 'warning', text });
          const onHeaders = feed.listen(systemClock, warn);
          return engine.start({ ...order, load: reveal(order.load, secrets, sent), say, onHeaders });
        },
      },
      records: folder.requests,
      history,
      journal,
      holder: holderOf(run.runId),
      steadyState: async (until) => {
        await blind.settle();
        // The final analysis over what is recorded so far: one rule, whenever it is asked.
        return steadyStateOf(await analyzeFolder(folder, { until }));
      },
      hearBlind: (listen) => {
        onBlind = listen;
      },
      settle: blind.settle,
      stop: AbortSignal.any([options.stop, full.signal]),
      onProgress: quietly(onProgress),
    });
  } finally {
    feed.stop();
    blind.end();
    journal.close();
  }
  return { unwritten: history.close(), undone: openFaults(entries).length === 0 && !isLeft };
}

/** A run that cannot begin its journal has not begun: no folder of it is left, in which anybody would look for more. */
function begin(folder: RunFolder, run: PlannedRun): ReturnType<typeof createJournal> {
  try {
    const journal = createJournal(folder.journal, openedBy(run));
    pointLatest(folder);
    return journal;
  } catch (error) {
    removeRunFolder(folder);
    throw error;
  }
}

/** Showing a run must never end it. */
function quietly<T>(show: (value: T) => void): (value: T) => void {
  return (value) => {
    try {
      show(value);
    } catch {
      // The terminal is gone; the run goes on.
    }
  };
}

function openedBy(run: PlannedRun) {
  const clusters = [...run.clusters.values()].map((open) => journalCluster(run, open));
  const plans = run.faults.map(({ plan }) => plan);
  return { state: 'opened', runId: run.runId, clusters, plans, wall: systemClock.wall().toISOString() } as const;
}

function headerOf(run: PlannedRun, { command, recover }: Commands, versions: OpenTarget['versions']): RunHeader {
  const { clusters } = run.topology;
  const istio = versionsOfClusters(run.mesh);
  return {
    runId: run.runId,
    tool: { name: 'faultline', version: toolVersion() },
    target: { name: run.target.name, kind: metKind(run.topology) },
    scenario: run.scenario,
    topology: run.topology,
    versions: {
      node: process.version,
      platform: `${process.platform}-${process.arch}`,
      kubernetes: versionsOfClusters(clusters.map(({ name, version }) => [name, version])) ?? 'unknown',
      ...(istio === undefined ? {} : { istio }),
      ...versions,
    },
    command,
    recover,
    faults: run.faults.map(({ plan }) => ({
      name: plan.fault,
      kind: plan.kind,
      cluster: plan.cluster,
      summary: plan.summary,
      signature: plan.signature,
      affected: plan.affected,
    })),
  };
}
