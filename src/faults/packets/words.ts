import { formatDuration } from '../../model/units.ts';
import type { Aim, Peer } from './data.ts';
import type { Calls, Effect, Match } from './rules.ts';

/** What happens to packets, as a command: `drop packets`. */
export function effectWords(effect: Effect): string {
  switch (effect.kind) {
    case 'loss':
      return `lose ${Number((effect.ratio * 100).toFixed(6))}% of the packets`;
    case 'delay':
      return `delay packets by ${formatDuration(effect.ms)}`;
    default:
      return `${effect.kind} packets`;
  }
}

/** What has happened to packets that rules have met. */
export function doneTo(effect: Effect): string {
  return { drop: 'dropped', loss: 'dropped', refuse: 'refused', delay: 'delayed' }[effect.kind];
}

/** Whose packets: `calls to port 8000 of mockb-x`. */
export function whoseWords(calls: Calls, port: number | null, names: string): string {
  const at = port === null ? '' : `port ${port}`;
  switch (calls) {
    case 'in':
      return `calls to ${at === '' ? '' : `${at} of `}${names}`;
    case 'out':
      return `calls ${at === '' ? '' : `to ${at} `}by ${names}`;
    default:
      return `${names}${at === '' ? '' : `, ${at}`}`;
  }
}

/** The other end as a scenario names it. */
export function peerWords(peer: Peer): string {
  switch (peer.kind) {
    case 'everyone':
      return 'anybody';
    case 'ranges':
      return peer.ranges.join(', ');
    case 'service':
      return `Service ${peer.namespace}/${peer.service}`;
    default:
      return aimWords(peer.aim);
  }
}

/** Pods as a scenario names them. */
export function aimWords({ namespaces, owner, service, selector, zone, region }: Aim): string {
  const parts = [
    ...(owner === null ? [] : [owner]),
    ...(service === null ? [] : [`Service ${service}`]),
    ...(selector === null ? [] : [`labels ${selector}`]),
    ...(zone === null ? [] : [`zone ${zone}`]),
    ...(region === null ? [] : [`region ${region}`]),
  ];
  return `pods of ${parts.join(', ')} (${namespaces.join(', ')})`;
}

/** What one pod's rules match, with the addresses: `calls out to 10.0.0.7 port 8000`. */
export function matchWords({ calls, peers, port }: Match): string {
  const which = { in: 'calls in from', out: 'calls out to', both: 'to and from' }[calls];
  return `${which} ${peers?.join(', ') ?? 'anybody'}${port === null ? '' : ` port ${port}`}`;
}
