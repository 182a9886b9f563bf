import type { MechanismKind } from '../../../model/mechanism.ts';
import type { Span } from '../../timeline/windows.ts';
import { count } from '../format.ts';
import type { Shown } from './by-counters.ts';
import type { Failing } from './calling-pods.ts';
import { hostsAt, type ProxyRow, type Step } from './proxy-rows.ts';
import type { Seen } from './settings.ts';
import type { Words } from './words.ts';

/** What is known of the proxy that may have said the words of a group. */
type Speaker = {
  /** What was called. */
  readonly service: string;
  /** What it told of its hosts; empty where it was not read. */
  readonly rows: readonly ProxyRow[];
  readonly failing: readonly Failing[];
  /** Failed calls that it counted at its hosts. */
  readonly failed: number;
  readonly span: Span;
};

type Said = Shown & {
  readonly words: Words;
  /** Its counters show as many, and not its words alone. */
  readonly isCounted: boolean;
};

const QUOTES: Readonly<Record<Exclude<Words, 'no-answer'>, readonly [MechanismKind, quote: string]>> = {
  'no-host': ['no-healthy-host', 'no healthy upstream'],
  'circuit-breaker': ['circuit-breaker', 'reset reason: overflow'],
  timeout: ['timeout', 'upstream request timeout'],
  'connect-timeout': ['connect-timeout', 'reset reason: connection timeout'],
  retried: ['retries-exhausted', 'retried and the latest reset reason'],
};

/**
 * What the words of a group's answers show, of `all` that it has. An application may say the same, and a proxy further down: where the counters
 * of the caller's own proxy were read and do not bear the words out, they show nothing.
 */
export function byWords(words: ReadonlyMap<Words, number>, all: number, speaker: Speaker): readonly Said[] {
  return [...words].flatMap(([what, n]): Said[] => {
    const one = speaker.rows.length === 0 ? unread(what, n, speaker) : said(what, n, all, speaker);
    return one === undefined ? [] : [{ ...one, words: what, calls: n }];
  });
}

type Told = Omit<Said, 'words' | 'calls'>;

/** By the words alone. Only those that no proxy but the caller's says: the one of a pod that was called retries as well. */
function unread(what: Words, n: number, { service }: Speaker): Told | undefined {
  if (what === 'no-answer' || what === 'retried') return undefined;
  const [kind, quote] = QUOTES[what];
  const text = `${count(n, 'answer')} said "${quote}", which Envoy says; no counter of the caller's proxy was read then`;
  return { kind, seen: seenOf(service, { ejected: 1, unready: 1 }), text, isCounted: false };
}

function said(what: Words, n: number, all: number, speaker: Speaker): Told | undefined {
  const { service, failing, failed } = speaker;
  const steps = failing.flatMap((one) => one.at.map((i) => one.steps[i] as Step));
  if (what === 'no-answer') return undefined;
  const [kind, quote] = QUOTES[what];
  const answers = `${count(n, 'answer')} said "${quote}"`;
  switch (what) {
    case 'no-host':
      return noHost(answers, speaker);
    case 'circuit-breaker': {
      const text = `${answers}, and the caller's proxy counted no such failure at any host`;
      return failed >= all ? undefined : { kind, seen: seenOf(service), text, isCounted: false };
    }
    case 'timeout': {
      const late = sum(steps, ({ timedOut = 0 }) => timedOut);
      const text = `${answers}, and the caller's proxy counted ${count(late, 'timeout')}`;
      return late === 0 ? undefined : { kind, seen: seenOf(service), text, isCounted: late >= n };
    }
    case 'connect-timeout':
    case 'retried': {
      const refused = sum(steps, (step) => step.refused);
      const text = `${answers}, and the caller's proxy counted ${count(refused, 'connection')} that did not come about`;
      return refused === 0 ? undefined : { kind, seen: seenOf(service), text, isCounted: refused >= n };
    }
  }
}

/** Every host was out at some reading, and who has no host counts a failure at none. */
function noHost(answers: string, { service, rows, span }: Speaker): Told | undefined {
  for (const row of rows) {
    const out = allOut(row, span);
    if (out === undefined) continue;
    const ejected = out.filter((host) => host.ejected).length;
    const unready = out.length - ejected;
    const why = [...(ejected > 0 ? [`${ejected} ejected`] : []), ...(unready > 0 ? [`${unready} not ready`] : [])];
    const text = `${answers}; of ${count(out.length, 'host')} that the proxy of ${row.pod} knew, ${why.join(' and ')}`;
    return { kind: 'no-healthy-host', seen: seenOf(service, { ejected, unready }), text, isCounted: true };
  }
  return undefined;
}

/** The hosts of a proxy at a reading that showed none of them well; undefined where there was no such reading. */
function allOut(row: ProxyRow, { from, to }: Span): readonly Step[] | undefined {
  const ends = [...row.hosts.values()].flatMap((steps) => steps.map((step) => step.to)).sort((a, b) => a - b);
  const next = ends.find((end) => end > to);
  const times = [from, ...ends.filter((end) => end >= from && end <= to), ...(next === undefined ? [] : [next])];
  return times
    .map((time) => hostsAt(row, time))
    .find((hosts) => hosts.length > 0 && hosts.every(({ healthy, ejected }) => ejected || !healthy));
}

const sum = (steps: readonly Step[], of: (step: Step) => number): number =>
  steps.reduce((total, step) => total + of(step), 0);

const seenOf = (service: string, out = { ejected: 0, unready: 0 }): Seen => ({
  ...{ service, refused: 0, answered: 0 },
  ...out,
});
