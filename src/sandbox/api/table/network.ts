import { at, type JsonMap, listOf, mapOf, mapsOf, stringOf } from '../json.ts';
import { ageOf, column, nameOf, type Printer, printLabels, printSelector, wide } from './column.ts';

const SHOWN_ADDRESSES = 3;

function servicePorts(service: JsonMap): string {
  const ports = mapsOf(at(service, 'spec', 'ports')).map(({ port, nodePort, protocol }) =>
    nodePort === undefined ? `${port}/${protocol}` : `${port}:${nodePort}/${protocol}`,
  );
  return ports.join(',') || '<none>';
}

function externalIp(service: JsonMap): string {
  const spec = mapOf(service.spec);
  if (spec.type === 'ExternalName') return stringOf(spec.externalName);
  const given = listOf(spec.externalIPs).map(String);
  if (spec.type !== 'LoadBalancer') return given.join(',') || '<none>';
  const ingress = mapsOf(at(service, 'status', 'loadBalancer', 'ingress'));
  const all = [...ingress.map((one) => stringOf(one.ip) || stringOf(one.hostname)), ...given];
  return all.join(',') || '<pending>';
}

export const servicePrinter: Printer = {
  columns: [
    column('Name'),
    column('Type'),
    column('Cluster-IP'),
    column('External-IP'),
    column('Port(s)'),
    column('Age'),
    wide('Selector'),
  ],
  row: (service, now) => [
    nameOf(service),
    stringOf(at(service, 'spec', 'type')),
    stringOf(at(service, 'spec', 'clusterIP')) || '<none>',
    externalIp(service),
    servicePorts(service),
    ageOf(service, now),
    printLabels(at(service, 'spec', 'selector')),
  ],
};

function shortened(all: readonly string[], shown: number): string {
  const more = all.length > shown ? ` + ${all.length - shown} more...` : '';
  return all.slice(0, shown).join(',') + more;
}

function slicePorts(slice: JsonMap): string {
  const ports = mapsOf(slice.ports).map((one) => (one.port === undefined ? '*' : String(one.port)));
  return shortened(ports, SHOWN_ADDRESSES) || '<unset>';
}

export const endpointSlicePrinter: Printer = {
  columns: [column('Name'), column('AddressType'), column('Ports'), column('Endpoints'), column('Age')],
  row: (slice, now) => {
    const addresses = mapsOf(slice.endpoints).flatMap((one) => listOf(one.addresses).map(String));
    return [
      nameOf(slice),
      stringOf(slice.addressType),
      slicePorts(slice),
      shortened(addresses, SHOWN_ADDRESSES) || '<unset>',
      ageOf(slice, now),
    ];
  },
};

export const networkPolicyPrinter: Printer = {
  columns: [column('Name'), column('Pod-Selector'), column('Age')],
  row: (policy, now) => [nameOf(policy), printSelector(at(policy, 'spec', 'podSelector')), ageOf(policy, now)],
};

function printList(value: unknown): string {
  return Array.isArray(value) ? JSON.stringify(value) : '';
}

/** Columns of the Istio CRDs (istio/api kubernetes/customresourcedefinitions.gen.yaml). */
export const istioPrinters: Readonly<Record<string, Printer>> = {
  DestinationRule: {
    columns: [column('Name'), column('Host'), column('Age', 'date')],
    row: (rule, now) => [nameOf(rule), stringOf(at(rule, 'spec', 'host')), ageOf(rule, now)],
  },
  VirtualService: {
    columns: [column('Name'), column('Gateways'), column('Hosts'), column('Age', 'date')],
    row: (service, now) => [
      nameOf(service),
      printList(at(service, 'spec', 'gateways')),
      printList(at(service, 'spec', 'hosts')),
      ageOf(service, now),
    ],
  },
};
