import type { PathStream } from '../ingest/path.ts';
import type { FaultEvent, FaultFacts } from '../timeline/history.ts';
import type { Stage } from '../timeline/stages.ts';
import { within } from '../timeline/windows.ts';
import type { Counted } from './counted.ts';
import type { Example } from './example.ts';
import { count, list, seconds } from './format.ts';
import { isAside, isDegraded } from './witnesses.ts';

/** What the requests saw of the pods that a fault should have stopped. */
export type Sighting = {
  /** Answers before the fault that came from where the pods are; of those, answers that are theirs for certain. */
  readonly before: number;
  readonly certain: number;
  /** Answers of theirs while the fault was said to be on. */
  readonly after: number;
  readonly example: Example | undefined;
};

export type Effect = {
  readonly fault: FaultFacts;
  readonly seen: Sighting;
  /** Why the effect is not established; undefined when it is. */
  readonly doubt: string | undefined;
};

/** Did each fault really bite? */
export type Effects = {
  readonly all: readonly Effect[];
  /** Why nothing that rests on these faults can be told; undefined when all of them are established. */
  readonly doubtAbout: (faults: readonly FaultFacts[]) => string | undefined;
};

/** Why a fault's effect is not established by the history; undefined when it is. */
function unproven(fault: FaultFacts): string | undefined {
  if (fault.header?.signature === 'none') return 'by design there was no outage to judge';
  if (fault.requested === undefined) return 'it was never injected';
  if (!fault.events.some(({ step }) => step === 'requested')) return 'when it was injected is lost from the history';
  if (fault.acknowledged === undefined) return 'its injection was never acknowledged';
  if (fault.notProven !== undefined && fault.proven === undefined) {
    return `it could not be proven${fault.notProven.detail === undefined ? '' : `: ${fault.notProven.detail}`}`;
  }
  if (fault.proven === undefined) return 'the run ended before it was proven';
  return fault.wentOff === undefined ? undefined : offText(fault, fault.wentOff);
}

/** When a proven fault was found to be off again, before anybody asked for its undo. */
function offText(fault: FaultFacts, off: FaultEvent): string {
  const at = off.since ?? off.t;
  const on = seconds(Math.max(0, at - (fault.effective ?? at)));
  const detail = off.detail === undefined ? '' : `: ${off.detail.replace(/\.$/, '')}`;
  return `it was found off ${on} s after its effect, before its undo${detail}`;
}

/** Paths whose gateway pods may have been hit: those of the gateways' zones. */
function gatewayPaths(run: Counted, fault: FaultFacts): PathStream[] {
  const gateways = fault.affected.filter((pod) => run.pods.isGateway(pod));
  const zones = new Set(gateways.map((pod) => `${pod.cluster}/${pod.zone}`));
  return run.paths.filter((path) => zones.has(`${path.cluster}/${path.zone}`));
}

/**
 * What paths say about gateways that were hit: nothing good can come through one that is gone, so its silence is certain;
 * one that restarts is soon back.
 */
function throughGateways(run: Counted, fault: FaultFacts): Pick<Sighting, 'before' | 'certain'> {
  const paths = gatewayPaths(run, fault);
  if (paths.length === 0) return { before: 0, certain: 0 };
  const { tallies } = run.listeners;
  const ahead = run.windows.ahead.get(fault.name) ?? run.windows.baseline;
  const before = tallies.of(paths, within(run.segments, ahead)).good;
  if (fault.header?.signature === 'restarts' || isDegraded(fault)) return { before, certain: 0 };
  const window = run.windows.witness.get(fault.name);
  const isSilent = (path: PathStream): boolean => {
    const { good, bad } = tallies.of([path], within(run.segments, window ?? { start: 0, end: 0 }));
    return good === 0 && bad > 0;
  };
  return paths.every(isSilent) ? { before, certain: before } : { before: 0, certain: 0 };
}

function sightingOf(run: Counted, fault: FaultFacts): Sighting {
  const seen = run.listeners.witnesses.of(fault);
  const { before, certain } = seen;
  const { after, example } = isDegraded(fault) ? { after: 0, example: undefined } : seen;
  const gateways = throughGateways(run, fault);
  return { before: before + gateways.before, certain: certain + gateways.certain, after, example };
}

/** Why the requests say nothing, for or against; undefined when they do. */
function unseen(fault: FaultFacts, seen: Sighting): string | undefined {
  if (isAside(fault))
    return fault.needsWitness ? 'neither the cluster nor any request can show this effect' : undefined;
  if (fault.needsWitness && seen.certain === 0) {
    return 'only requests can show this effect, and none of them had been served by its pods';
  }
  if (fault.needsWitness && isDegraded(fault)) {
    return 'only requests can show this effect, and its pods may go on answering, so that nothing does';
  }
  return seen.before === 0
    ? 'no request had been served by its pods, so the requests say nothing about this fault'
    : undefined;
}

function effectOf(run: Counted, fault: FaultFacts): Effect {
  const seen = sightingOf(run, fault);
  const contradiction =
    seen.after === 0
      ? undefined
      : `the requests contradict the proof: affected pods answered ${count(seen.after, 'time')} while the fault was said to be on`;
  return { fault, seen, doubt: unproven(fault) ?? contradiction ?? unseen(fault, seen) };
}

export function effectsOf(run: Counted): Effects {
  const all = run.facts.faults.map((fault) => effectOf(run, fault));
  return {
    all,
    doubtAbout: (faults) => {
      const doubtful = all.filter(({ fault, doubt }) => doubt !== undefined && faults.includes(fault));
      if (doubtful.length === 0) return undefined;
      const names = list(doubtful.map(({ fault }) => fault.name));
      return `${names} ${doubtful.length === 1 ? 'is' : 'are'} not established (${doubtful[0]?.doubt}), so nothing rests on ${doubtful.length === 1 ? 'it' : 'them'}`;
    },
  };
}

type WithEffects = Counted & { readonly effects: Effects };

/** Why nothing that a stage shows can be told; undefined when its faults are established. */
export function doubtAboutStage(run: WithEffects, stage: Stage): string | undefined {
  return run.effects.doubtAbout(stage.active);
}

/** The same for the whole run: every fault that was injected, or none. */
export function doubtAboutRun(run: WithEffects): string | undefined {
  const injected = run.facts.faults.filter(({ requested }) => requested !== undefined);
  return injected.length === 0 ? 'nothing was injected' : run.effects.doubtAbout(injected);
}
