import type { HostCalls } from '../../model/history.ts';
import type { Micros } from '../../model/units.ts';
import type { CallsEvent } from '../timeline/history.ts';
import type { Counted } from './counted.ts';
import { hostText } from './evidence-text.ts';
import { count, seconds } from './format.ts';
import { LONGEST_MERGE } from './mechanisms/ejection.ts';
import type { Outage } from './outage-tracker.ts';

/** What the proxies counted of one host while an outage went on. */
type Blamed = {
  readonly service: string;
  readonly host: HostCalls;
  failed: number;
  refused: number;
  /** When a reading first showed it ejected, or gone from the proxy's list. */
  out: { readonly at: Micros; readonly how: 'ejected' | 'gone' } | undefined;
};

/**
 * What the proxies of the callers' zones counted of the host at which most calls failed in an outage, in a sentence: how many,
 * without a connection or with an answer, and until when the proxies went on calling it. Empty where they counted nothing.
 */
export function mechanismText(run: Counted, pathZone: string, outage: Outage): string {
  const zones = new Set([pathZone, ...[...outage.callers.values()].map(({ caller }) => caller.zone)]);
  const until = outage.hi ?? run.facts.end;
  const isIn = ({ zone, from, to }: CallsEvent): boolean => zones.has(zone) && to >= outage.from && from <= until;
  const hosts = new Map<string, Blamed>();
  for (const event of run.facts.calls.filter(isIn)) for (const host of event.hosts) note(hosts, event, host);
  const most = [...hosts.values()].reduce<Blamed | undefined>(
    (a, b) => (b.failed > (a?.failed ?? 0) ? b : a),
    undefined,
  );
  if (most === undefined) return '';
  const { service, host, failed, refused, out } = most;
  const how = refused === 0 ? '' : refused >= failed ? ', without a connection' : `, ${refused} without a connection`;
  const at = `${count(failed, 'failed call')} of ${service} at ${hostText(host)}${how}`;
  const end = 'address' in host ? `, ${endText(out, outage)}` : '; their metrics do not tell whether they ejected it';
  return ` The callers' proxies counted ${at}${end}.`;
}

function endText(out: Blamed['out'], { from, lo }: Outage): string {
  if (out === undefined) return 'and did not eject it';
  const by = `${seconds(Math.max(0, out.at - from))} s after the first error at the latest`;
  if (out.how === 'gone') return `and had no such host any more ${by}`;
  const more = lo - out.at;
  const wait =
    more > 0 && more <= LONGEST_MERGE
      ? `; calls failed for ${seconds(more)} s more, as they do until Envoy's merge window (1 s) is over`
      : '';
  return `and had it ejected ${by}${wait}`;
}

function note(hosts: Map<string, Blamed>, { service, to }: CallsEvent, host: HostCalls): void {
  const key = `${service} ${'address' in host ? host.address : host.workload}`;
  const blamed = hosts.get(key) ?? { service, host, failed: 0, refused: 0, out: undefined };
  hosts.set(key, blamed);
  blamed.failed += host.failed;
  blamed.refused += host.refused;
  if (blamed.out !== undefined || !('address' in host)) return;
  if (host.gone === true) blamed.out = { at: to, how: 'gone' };
  else if (host.ejected) blamed.out = { at: to, how: 'ejected' };
}
