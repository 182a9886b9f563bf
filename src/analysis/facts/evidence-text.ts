import { abortReason } from '../../model/abort.ts';
import type { HistoryEvent, HostCalls, LoadCounts } from '../../model/history.ts';
import { whyUnseen } from '../../model/leftover.ts';
import type { Prediction } from '../../model/prediction.ts';
import { isGateway } from './east-west.ts';
import { list } from './format.ts';

const TELEMETRY = {
  'alert-telemetry': 'alerts',
  'mesh-telemetry': 'outlier statistics',
  'calls-telemetry': 'counters of calls',
};

type EventOf<T extends HistoryEvent['type']> = Extract<HistoryEvent, { readonly type: T }>;

/** A history event in one line for people. */
export function describe(event: HistoryEvent): string {
  switch (event.type) {
    case 'run-start':
      return `run ${event.run.runId} started against ${event.run.target.name}`;
    case 'run-end':
      return `run ${event.status}${event.reason === undefined ? '' : `: ${event.reason}`}`;
    case 'prediction':
      return predictionText(event.prediction);
    case 'phase-start':
      return `${event.phase} began`;
    case 'phase-end':
      return `${event.phase} ended`;
    case 'fault':
      return `fault ${event.fault} ${event.step}${event.detail === undefined ? '' : `: ${event.detail}`}`;
    case 'endpoints':
      return `${event.endpoints.filter((endpoint) => endpoint.ready).length} of ${event.endpoints.length} endpoints ready`;
    case 'ejections':
      return event.gone === true
        ? `${event.pod} has no outlierDetection for ${event.service} any more`
        : `${event.pod} ejects ${event.active} of ${event.service}, ${event.enforcedTotal} ejections so far`;
    case 'calls':
      return `${event.pod} called ${event.service}: ${event.hosts.map((host) => `${hostText(host)} ${host.served} served, ${host.failed} failed`).join('; ')}`;
    case 'alert':
    case 'alerts-firing':
      return alertText(event);
    case 'alert-telemetry':
    case 'mesh-telemetry':
    case 'calls-telemetry':
      return `${TELEMETRY[event.type]} ${event.readable ? 'readable' : 'not readable'}: ${event.detail}`;
    case 'routes':
      return event.routes
        .map(
          ({ virtualService, to, mirror }) =>
            `VirtualService ${virtualService} ${mirror ? 'mirrors' : 'sends'} to ${to}`,
        )
        .join('; ');
    case 'not-acted-on':
      return (
        event.objects.map(({ ref, what }) => `${ref}: ${what}`).join('; ') || 'the whole configuration is acted on'
      );
    case 'kube-event':
      return toldText(event);
    case 'kube-events':
      return readText(event);
    case 'blind':
      return `the target stood still for ${((event.to - event.from) / 1e6).toFixed(2)} s: ${event.detail}`;
    case 'load-stall':
      return `the load generator stood still for ${((event.to - event.from) / 1e6).toFixed(2)} s`;
    case 'load':
      return loadText(event.counts);
    case 'leftovers':
      return leftText(event);
    case 'steady-state':
      return `steady state ${event.when} the faults ${event.holds ? 'holds' : 'does not hold'}: ${event.detail}`;
    case 'abort-condition':
      return `abort condition ${abortReason(event)}${event.ends ? '' : '; the undo went on'}`;
    case 'query-value':
      return valueText(event);
    case 'notice':
      return event.text;
  }
}

function leftText({ objects, unread }: EventOf<'leftovers'>): string {
  const unseen = objects.flatMap((one) => whyUnseen(one) ?? []);
  const left = `${objects.length - unseen.length} objects still carry the mark of this run`;
  const text = unseen.length === 0 ? left : `nobody could look for what is left: ${unseen.join(', ')}`;
  return unread === undefined ? text : `${text}; not looked through: ${unread}`;
}

function alertText(event: EventOf<'alert' | 'alerts-firing'>): string {
  if (event.type === 'alerts-firing') return `alerts that fire: ${event.names.join(', ') || 'none'}`;
  return `alert ${event.rule} ${event.firing ? `fires: ${event.labels.join('; ')}` : 'does not fire'}`;
}

function valueText({ of, index, value }: EventOf<'query-value'>): string {
  return `the query of ${of} ${index + 1} ${value === null ? 'told no figure' : `was ${value}`}`;
}

function toldText({ object: { kind, name }, reason, message, count }: EventOf<'kube-event'>): string {
  return `${kind} ${name}: ${reason}${count > 1 ? ` (${count} times)` : ''}: ${message}`;
}

function readText({ read, unread }: EventOf<'kube-events'>): string {
  return `Events are read in ${list(read)}${unread.length === 0 ? '' : `, and not in ${list(unread)}`}`;
}

function predictionText(prediction: Prediction): string {
  if (prediction.state !== 'predicted') return `not predicted: ${prediction.reason}`;
  return `the mesh model predicted ${prediction.stages.length} stages of faults`;
}

function loadText(counts: readonly LoadCounts[]): string {
  const due = counts.reduce((sum, path) => sum + path.due, 0);
  const dropped = counts.reduce((sum, path) => sum + path.dropped, 0);
  return `load ended: ${due} requests due, ${dropped} dropped`;
}

/** A host as a proxy has it; of an east-west gateway the zone that it is said to be in tells nothing. */
export function hostText(host: HostCalls): string {
  if (!('address' in host)) return `${host.workload} (${host.zone})`;
  return isGateway(host.address) ? `the east-west gateway ${host.address}` : `${host.address} (${host.zone})`;
}
