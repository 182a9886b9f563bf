import type { Json } from '../model/scenario.ts';
import { LOCK_NAMESPACE, WEBHOOK_EVENTS, WEEKDAYS } from '../model/target.ts';
import { atLeastOne, exactlyOne, integer, list, mapping, record, text, withDefault, word } from '../schema/builders.ts';
import { dnsLabel, plainName } from '../schema/names.ts';
import { type Decoded, forEditors } from '../schema/schema.ts';
import { environmentName } from './env-schema.ts';
import { GATEWAY_ADDRESS } from './gateway-address.ts';
import { header, LABEL_NAME } from './names.ts';
import { tls } from './tls-schema.ts';

const service = mapping('A Service of the cluster whose address is looked up when a run starts.', {
  required: {
    namespace: dnsLabel('Namespace of the Service.', 'istio-system'),
    name: dnsLabel('Name of the Service.', 'ingressgateway-1b'),
    port: integer('Port of the Service.', 1, 65_535, 80),
  },
  optional: { protocol: withDefault(word('How to speak to it.', ['http', 'https']), 'http') },
});

const gateway = mapping(
  "One zone's address of the cluster's ingress gateway.",
  {
    required: { zone: plainName('The zone.', 'ap-northeast-1a') },
    optional: {
      address: text('host:port, or http(s)://host[:port]; IPv6 addresses in brackets.', {
        pattern: GATEWAY_ADDRESS,
        patternErrorMessage: 'must be host:port or http(s)://host[:port], with IPv6 addresses in brackets',
        examples: ['127.0.0.11:8080'],
      }),
      service,
      tls,
    },
  },
  exactlyOne('address', 'service'),
);

const kubeconfig = text('Path of the kubeconfig file, relative to this file.', { examples: ['./kubeconfig'] });

function context(example: string) {
  return text('Context in the kubeconfig. Always explicit: its current context is never used.', {
    examples: [example],
  });
}

const uid = text('UID of the kube-system namespace. A run against any other cluster is refused.', {
  pattern: '^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$',
  patternErrorMessage: 'must be a UID such as 0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90',
  examples: ['0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90'],
});

const cluster = mapping('One cluster of the mesh.', {
  required: {
    name: plainName('The name that scenarios use.', 'tokyo'),
    region: plainName('The region of its zones.', 'ap-northeast-1'),
    kubeconfig,
    context: context('tokyo'),
    gateways: list('Where requests enter the cluster, zone by zone.', gateway, { minItems: 1, maxItems: 64 }),
  },
  optional: {
    uid,
    tls,
    network: plainName("Istio's network of its pods, where no label topology.istio.io/network names one.", 'vpc-tokyo'),
  },
});

const gatewayPods = mapping('Pods of an ingress gateway, in every cluster that has them.', {
  required: {
    namespace: dnsLabel('Namespace of the pods.', 'istio-system'),
    selector: {
      ...record(
        'Labels of the pods.',
        text('Value of the label.', {
          pattern: '^[A-Za-z0-9]([-._A-Za-z0-9]{0,61}[A-Za-z0-9])?$',
          patternErrorMessage: 'must be a label value: up to 63 letters and digits, with -._ inside',
          examples: ['ingressgateway'],
        }),
        LABEL_NAME,
      ),
      minProperties: 1,
    },
  },
});

const observe = mapping('What a run watches beside its requests. Nothing here lets a fault touch anything.', {
  optional: {
    namespaces: list(
      'Namespaces whose endpoints are recorded and whose sidecars are read; default: those that faults may touch.',
      dnsLabel('A namespace.', 'default'),
      { minItems: 1, maxItems: 256 },
    ),
    gateways: list(
      'The ingress gateways, which call as sidecars do. Left out: some callers are not known, and `ejections.atMost` is never proven. []: there are none.',
      gatewayPods,
      { maxItems: 64 },
    ),
  },
});

const RUNNER_IMAGE = 'grafana/k6:2.2.0';

const loadCluster = mapping(
  'The cluster whose pods send the load of `engine: k6-operator`; the k6-operator must run there. It may also be one of the clusters of the mesh.',
  {
    required: {
      kubeconfig,
      context: context('load'),
      namespace: dnsLabel('Namespace of the pods that send. Never one of Kubernetes itself.', 'faultline-load'),
    },
    optional: {
      uid,
      pods: withDefault(integer("Pods that send; each sends its share of every path's requests.", 1, 64, 2), 2),
      image: withDefault(
        text('Image of the pods, a k6 of version 2.', {
          pattern: '^\\S+$',
          patternErrorMessage: 'must be an image reference without spaces',
          maxLength: 1024,
        }),
        RUNNER_IMAGE,
      ),
    },
  },
);

const deadMan = mapping(
  'What puts changed objects back when the runner dies: a Job in the namespace of the lease, in every cluster with such a fault.',
  {
    required: {
      image: text('Image whose entry point is faultline, of the version that runs the drill.', {
        pattern: '^\\S+$',
        patternErrorMessage: 'must be an image reference without spaces',
        maxLength: 1024,
        examples: ['registry.example/faultline@sha256:0b8a3c1e…'],
      }),
      serviceAccount: dnsLabel(
        'ServiceAccount of its pod; `faultline plan` prints what it must be allowed.',
        'dead-man',
      ),
    },
  },
);

const webhook = mapping('An address that is told what runs do, and cannot change what becomes of them.', {
  required: {
    kind: word('json: one object is posted to the address. grafana: an annotation to the API there.', [
      'json',
      'grafana',
    ]),
    url: mapping('Where the address stands: that of a chat is a secret.', {
      required: { env: environmentName('DRILL_WEBHOOK') },
    }),
  },
  optional: {
    token: mapping('Where the bearer token stands.', { required: { env: environmentName('GRAFANA_TOKEN') } }),
    on: withDefault(
      list('What it is told of.', word('An event.', WEBHOOK_EVENTS), { minItems: 1, maxItems: WEBHOOK_EVENTS.length }),
      WEBHOOK_EVENTS,
    ),
  },
});

const HOUR = '^([01]\\d|2[0-3]):[0-5]\\d$';
const hour = (description: string, pattern: string, example: string) =>
  text(description, { pattern, patternErrorMessage: 'must be a time of day such as 08:30', examples: [example] });
const date = (description: string, example: string) =>
  text(description, {
    pattern: '^\\d{4}-\\d{2}-\\d{2}$',
    patternErrorMessage: 'must be a day such as 2026-12-18',
    examples: [example],
  });

const blackout = mapping(
  'Times at which no drill may go on: all that is named must hold, whole days where no hours are.',
  {
    required: {
      because: text('Why; whoever is refused reads it.', { maxLength: 200, examples: ['change freeze'] }),
      timeZone: text('Zone whose calendar and clock are meant, by its IANA name.', { examples: ['Europe/Zurich'] }),
    },
    optional: {
      days: list('Days of the week.', word('A day of the week.', WEEKDAYS), { minItems: 1, maxItems: 7 }),
      dates: mapping('Days of the calendar, both included.', {
        required: { from: date('The first day.', '2026-12-18'), to: date('The last day.', '2027-01-04') },
      }),
      hours: mapping('Times of day. Those that end before they begin go on into the next day.', {
        required: {
          from: hour('When they begin.', HOUR, '08:30'),
          to: hour('When they end.', `${HOUR}|^24:00$`, '15:30'),
        },
      }),
    },
  },
  atLeastOne('days', 'dates', 'hours'),
);

/** The schema that checks and reads a targets file. */
export const targetsDocument = mapping('Clusters to run scenarios against.', {
  required: {
    ...header('Targets'),
    metadata: mapping('Name of the target.', { required: { name: dnsLabel('Name of the target.', 'sandbox') } }),
    spec: mapping('The clusters.', {
      required: { clusters: list('The clusters of the mesh.', cluster, { minItems: 1, maxItems: 64 }) },
      optional: {
        namespaces: withDefault(
          list(
            'Namespaces that faults may touch. Those of Kubernetes itself are always refused.',
            dnsLabel('A namespace.', 'default'),
            { minItems: 1, maxItems: 256 },
          ),
          ['default'],
        ),
        lockNamespace: withDefault(
          dnsLabel(
            'Namespace of the Lease that a run holds in each cluster, of its plans there and of the freeze. All who run drills in a cluster must name the same.',
            LOCK_NAMESPACE,
          ),
          LOCK_NAMESPACE,
        ),
        observe,
        loadCluster,
        deadMan,
        never: list('When no drill may go on. What puts back is never kept from it.', blackout, {
          minItems: 1,
          maxItems: 64,
        }),
        webhooks: list('Who is told what a run does.', webhook, { maxItems: 16 }),
      },
    }),
  },
});

export type TargetsDocument = Decoded<typeof targetsDocument>;

/** JSON Schema (draft-07) of targets files, for editors. */
export function targetsSchema(): Json {
  const schema = forEditors(targetsDocument) as { [keyword: string]: Json };
  return { $schema: 'http://json-schema.org/draft-07/schema#', title: 'faultline targets', ...schema };
}
