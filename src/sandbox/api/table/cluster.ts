import { at, type JsonMap, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { ageOf, column, nameOf, type Printer, since, wide } from './column.ts';

const ROLE_LABEL = 'node-role.kubernetes.io/';

function nodeStatus(node: JsonMap): string {
  const ready = mapsOf(at(node, 'status', 'conditions')).find((one) => one.type === 'Ready');
  const text = ready === undefined ? 'Unknown' : ready.status === 'True' ? 'Ready' : 'NotReady';
  return at(node, 'spec', 'unschedulable') === true ? `${text},SchedulingDisabled` : text;
}

function nodeRoles(node: JsonMap): string {
  const roles = Object.keys(mapOf(at(node, 'metadata', 'labels')))
    .filter((label) => label.startsWith(ROLE_LABEL))
    .map((label) => label.slice(ROLE_LABEL.length));
  return roles.sort().join(',') || '<none>';
}

function nodeAddress(node: JsonMap, type: string): string {
  const found = mapsOf(at(node, 'status', 'addresses')).find((one) => one.type === type);
  return stringOf(found?.address) || '<none>';
}

const nodePrinter: Printer = {
  columns: [
    column('Name'),
    column('Status'),
    column('Roles'),
    column('Age'),
    column('Version'),
    wide('Internal-IP'),
    wide('External-IP'),
    wide('OS-Image'),
    wide('Kernel-Version'),
    wide('Container-Runtime'),
  ],
  row: (node, now) => {
    const info = mapOf(at(node, 'status', 'nodeInfo'));
    return [
      nameOf(node),
      nodeStatus(node),
      nodeRoles(node),
      ageOf(node, now),
      stringOf(info.kubeletVersion),
      nodeAddress(node, 'InternalIP'),
      nodeAddress(node, 'ExternalIP'),
      stringOf(info.osImage) || '<unknown>',
      stringOf(info.kernelVersion) || '<unknown>',
      stringOf(info.containerRuntimeVersion) || '<unknown>',
    ];
  },
};

function eventSource(event: JsonMap): string {
  const { component, host } = mapOf(event.source);
  const name = stringOf(component) || stringOf(event.reportingComponent);
  return stringOf(host) === '' ? name : `${name}, ${stringOf(host)}`;
}

const eventPrinter: Printer = {
  columns: [
    column('Last Seen'),
    column('Type'),
    column('Reason'),
    column('Object'),
    wide('Subobject'),
    wide('Source'),
    column('Message'),
    wide('First Seen'),
    wide('Count', 'integer'),
    wide('Name'),
  ],
  row: (event, now) => {
    const { kind, name, fieldPath } = mapOf(event.involvedObject);
    const first = since(event.firstTimestamp ?? event.eventTime, now);
    const last = event.lastTimestamp === undefined ? first : since(event.lastTimestamp, now);
    return [
      last,
      stringOf(event.type),
      stringOf(event.reason),
      `${stringOf(kind).toLowerCase()}/${stringOf(name)}`,
      stringOf(fieldPath),
      eventSource(event),
      stringOf(event.message).trim(),
      first,
      numberOf(event.count, 1),
      nameOf(event),
    ];
  },
};

function dataCount(object: JsonMap): number {
  return Object.keys(mapOf(object.data)).length + Object.keys(mapOf(object.binaryData)).length;
}

/** A printer of a name, some cells in between, and the age. */
function simple(names: readonly string[], cells: (object: JsonMap) => (string | number)[]): Printer {
  return {
    columns: [column('Name'), ...names.map((name) => column(name)), column('Age')],
    row: (object, now) => [nameOf(object), ...cells(object), ageOf(object, now)],
  };
}

function orNotSet(value: unknown): string {
  return value === undefined ? 'N/A' : String(value);
}

export const clusterPrinters: Readonly<Record<string, Printer>> = {
  Node: nodePrinter,
  Event: eventPrinter,
  Namespace: simple(['Status'], (object) => [stringOf(at(object, 'status', 'phase'))]),
  ConfigMap: simple(['Data'], (object) => [dataCount(object)]),
  Lease: simple(['Holder'], (object) => [stringOf(at(object, 'spec', 'holderIdentity'))]),
  PodDisruptionBudget: simple(['Min Available', 'Max Unavailable', 'Allowed Disruptions'], (object) => [
    orNotSet(at(object, 'spec', 'minAvailable')),
    orNotSet(at(object, 'spec', 'maxUnavailable')),
    numberOf(at(object, 'status', 'disruptionsAllowed')),
  ]),
};
