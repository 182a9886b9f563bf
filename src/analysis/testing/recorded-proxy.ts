import type { HostCalls } from '../../model/history.ts';
import type { HistoryBuilder } from './history-builder.ts';

const SECOND = 1e6;

/** What one proxy has of a host in a stretch of time, in seconds. */
type HostState = { readonly from: number; readonly to?: number; readonly ejected?: true; readonly unready?: true };

/** One host of the called Service: where it is, when it was there, and what was counted at it, by time in seconds. */
export type RecordedHost = {
  readonly ip: string;
  readonly zone: string;
  readonly priority?: number;
  readonly states?: readonly HostState[];
  /** Gone from the list from then on. */
  readonly gone?: number;
  readonly served?: readonly number[];
  readonly failed?: readonly number[];
  /** Of the failed: how. */
  readonly how?: 'refused' | 'timedOut';
  /** Sent, and never answered. */
  readonly hung?: readonly number[];
};

/** What one proxy tells of its hosts, read once a second. */
type RecordedProxy = {
  readonly cluster?: string;
  readonly pod: string;
  readonly zone: string;
  readonly service?: string;
  readonly hosts: readonly RecordedHost[];
  /** Part of a second after which it is read. */
  readonly phase?: number;
  readonly until?: number;
};

const isIn =
  (from: number, to: number) =>
  (t: number): boolean =>
    t > from && t <= to;

function readingOf(host: RecordedHost, from: number, to: number): HostCalls | undefined {
  const { ip, zone, priority = 0, states = [], gone = Number.POSITIVE_INFINITY, how } = host;
  if (gone <= from) return undefined;
  const state = states.findLast((one) => one.from <= to && to < (one.to ?? Number.POSITIVE_INFINITY));
  const counted = (times: readonly number[] = []): number => times.filter(isIn(from, to)).length;
  const [served, failed, hung] = [counted(host.served), counted(host.failed), counted(host.hung)];
  const known = { address: `${ip}:8080`, region: '', zone, priority };
  const now = { healthy: state?.unready !== true, ejected: state?.ejected === true };
  if (gone <= to) return { ...known, ...now, requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0, gone: true };
  return {
    ...known,
    ...now,
    requests: served + hung + (how === 'refused' ? 0 : failed),
    ...{ served, failed, refused: how === 'refused' ? failed : 0, timedOut: how === 'timedOut' ? failed : 0 },
  };
}

/** Writes the readings of a proxy as an observer does: those that differ from the ones before, or count anything. */
export function recorded(history: HistoryBuilder, proxy: RecordedProxy): void {
  const { cluster = 'tokyo', pod, zone, service = 'mockb', hosts, phase = 0.4, until = 24 } = proxy;
  const [podNamespace = '', name = ''] = pod.split('/');
  let before = new Map<string, string>();
  for (let to = phase; to < until; to++) {
    const from = to === phase ? to - 0.01 : to - 1;
    const all = hosts.flatMap((host) => readingOf(host, from, to) ?? []);
    const stateOf = ({ zone: at, ...host }: HostCalls): string =>
      JSON.stringify({ at, ...host, requests: 0, served: 0, failed: 0, refused: 0, timedOut: 0 });
    const keyOf = (host: HostCalls): string => ('address' in host ? host.address : '');
    const news = all.filter((host) => host.requests + host.failed > 0 || before.get(keyOf(host)) !== stateOf(host));
    before = new Map(all.map((host) => [keyOf(host), stateOf(host)]));
    if (news.length === 0) continue;
    const who = { cluster, pod: name, podNamespace, zone, service, namespace: 'default', port: 8080 };
    const when = { from: Math.round(from * SECOND), to: Math.round(to * SECOND) };
    history.at(to * SECOND, { type: 'calls', ...who, ...when, hosts: news });
  }
}
