import { createHash } from 'node:crypto';
import type { PacketEffect } from '../../model/fault-move.ts';
import type { Millis, Ratio } from '../../model/units.ts';
import { type Probes, sparingProbes } from '../in-pod/probes.ts';
import type { Chain, Tool } from '../in-pod/script.ts';

/** Calls that others make to a pod, calls that it makes, or every packet whoever called. */
export type Calls = 'in' | 'out' | 'both';

/** Which packets are hit, as data: what is written there narrows, and a list of no address hits nothing. */
export type Match = {
  readonly calls: Calls;
  /** Addresses or ranges of the other end; null: anybody. */
  readonly peers: readonly string[] | null;
  /** The port that is called, of TCP or UDP; null: any. */
  readonly port: number | null;
  /** Packets that stay in the pod are hit, too, as those that a sidecar takes over. */
  readonly inside?: true;
};

/** What happens to packets that are hit. */
export type Effect = PacketEffect;

/** What the rules of one pod are made of. */
export type PodRules = {
  /** Name of the fault's chains, without their last letter. */
  readonly chain: string;
  readonly matches: readonly Match[];
  readonly effect: Effect;
  /**
   * Whether the kernel has followed the pod's connections from their beginning, as it does where Istio redirects them: it
   * knows who has called, and the port that was called before the redirect.
   */
  readonly tracked: boolean;
  readonly probes: Probes;
};

type Hook = 'INPUT' | 'OUTPUT';

/** The chains of one pod. What stays inside the pod goes on, and so do the probes of its own node. */
export function chainsOf(rules: PodRules): Chain[] {
  const { chain, effect } = rules;
  const chainAt = (hook: Hook): Chain => ({
    name: `${chain}-${hook[0]}`,
    hooks: [hook],
    rules: (tool) => rulesAt(rules, hook, tool),
  });
  // A queue is where packets leave: both directions of a call are slower when one is.
  if (effect.kind === 'delay') return [{ ...chainAt('OUTPUT'), table: 'mangle' }];
  return [chainAt('INPUT'), chainAt('OUTPUT')];
}

function rulesAt({ chain, matches, effect, tracked, probes }: PodRules, hook: Hook, tool: Tool): string[] {
  const input = hook === 'INPUT';
  const acting = (inside: boolean) =>
    matches
      .filter((match) => (match.inside === true) === inside)
      .flatMap((match) => wordsOf(match, { hook, tool, tracked, only: onlyHit(effect, inside) }))
      .flatMap((words) => targetsOf(words, effect, chain));
  return [
    ...acting(true),
    ...(input ? ['-i lo -j RETURN'] : ['-o lo -j RETURN', `-d ${tool.redirected} -j RETURN`]),
    ...sparingProbes(tool, probes).map((one) => `${input ? one.input : one.output} -j RETURN`),
    // The reset that a rule of ours makes is a packet, too.
    ...(effect.kind === 'refuse' ? ['-p tcp --tcp-flags RST RST -j RETURN'] : []),
    ...acting(false),
  ];
}

/** Which packets of a call are hit. */
type Packets = 'all' | 'requests' | 'answers';

/**
 * A reset says it all to who sends, and the other end hears it from its own next packet. Of UDP the kernel tells who sends
 * that its packet was dropped (EPERM): who is to wait in vain must miss the answer.
 */
function onlyHit({ kind }: Effect, inside: boolean): Packets {
  if (kind === 'refuse') return 'requests';
  return inside ? 'answers' : 'all';
}

type At = { readonly hook: Hook; readonly tool: Tool; readonly tracked: boolean; readonly only: Packets };

/** What matches at a hook, each as the words of a rule; none where nothing of the family is meant. */
function wordsOf(match: Match, at: At): string[][] {
  const { calls, peers, port } = match;
  const side = at.hook === 'INPUT' ? '-s' : '-d';
  const own = peers?.filter((peer) => at.tool.is.test(peer));
  if (own !== undefined && own.length === 0) return [];
  const ends = own === undefined ? [] : [side, own.join(',')];
  if (calls === 'both' && port === null) return [ends];
  const ways = calls === 'both' ? (['in', 'out'] as const) : [calls];
  return ways.flatMap((way) => callWords(way, port, at).map((words) => [...ends, ...words]));
}

/** Packets of calls one way: those of the caller at one hook, and those that answer it at the other. */
function callWords(way: 'in' | 'out', port: number | null, { hook, tracked, only }: At): string[][] {
  const isRequest = (way === 'in') === (hook === 'INPUT');
  if (only !== 'all' && isRequest !== (only === 'requests')) return [];
  if (tracked) {
    const called = port === null ? [] : ['--ctorigdstport', String(port)];
    return [['-m', 'conntrack', '--ctdir', isRequest ? 'ORIGINAL' : 'REPLY', ...called]];
  }
  if (port === null) throw new TypeError('nobody knows who has called where connections are not tracked');
  return ['tcp', 'udp'].map((protocol) => ['-p', protocol, isRequest ? '--dport' : '--sport', String(port)]);
}

function targetsOf(words: readonly string[], effect: Effect, chain: string): string[] {
  const rule = (...more: string[]) => [...words, ...more].join(' ');
  switch (effect.kind) {
    case 'drop':
      return [rule('-j DROP')];
    case 'loss':
      return [rule('-m statistic --mode random --probability', plain(effect.ratio), '-j DROP')];
    case 'delay':
      return [rule('-j CLASSIFY --set-class', `${queuesOf(chain).first}:4`)];
    default:
      return refusals(words).map((more) => rule(...more));
  }
}

/** TCP is reset; everything else is told that nobody is there. */
function refusals(words: readonly string[]): string[][] {
  const protocol = words.includes('-p') ? words[words.indexOf('-p') + 1] : undefined;
  const tcp = [...(protocol === undefined ? ['-p tcp'] : []), '-j REJECT --reject-with tcp-reset'];
  return [...(protocol === 'udp' ? [] : [tcp]), ...(protocol === 'tcp' ? [] : [['-j REJECT']])];
}

/** A share in digits, as iptables reads it. */
function plain(ratio: Ratio): string {
  return ratio.toFixed(8).replace(/0+$/, '');
}

/** Handles of the fault's own queues: what stands there under another handle is somebody else's. */
function queuesOf(chain: string): { first: string; delaying: string } {
  const digits = createHash('sha256').update(chain).digest('hex').slice(0, 3);
  return { first: `1${digits}`, delaying: `2${digits}` };
}

const DEVICE = `\${5:-eth0}`;

/** Commands that make a queue which lets packets of its fourth band wait, and take it away again. */
export function queueCommands(chain: string, ms: Millis): { make: string[]; remove: string[] } {
  const { first, delaying } = queuesOf(chain);
  const at = `dev ${DEVICE}`;
  return {
    make: [
      // The kernel's own three bands, and one that nothing gets into by itself (tc-prio(8)).
      `tc qdisc add ${at} root handle ${first}: prio bands 4 priomap 1 2 2 2 1 2 0 0 1 1 1 1 1 1 1 1`,
      `tc qdisc add ${at} parent ${first}:4 handle ${delaying}: netem delay ${ms}ms limit 100000`,
    ],
    remove: [`tc qdisc del ${at} root handle ${first}:`],
  };
}
