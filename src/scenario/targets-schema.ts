import type { Json } from '../model/scenario.ts';
import { LOCK_NAMESPACE } from '../model/target.ts';
import { exactlyOne, integer, list, mapping, record, text, withDefault, word } from '../schema/builders.ts';
import { dnsLabel, plainName } from '../schema/names.ts';
import { type Decoded, forEditors } from '../schema/schema.ts';
import { blackout } from './blackout-schema.ts';
import { environmentName } from './env-schema.ts';
import { GATEWAY_ADDRESS } from './gateway-address.ts';
import { ANNOTATION_NAME, header, LABEL_NAME } from './names.ts';
import { pem, tls } from './tls-schema.ts';
import { webhook } from './webhook-schema.ts';

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
    configuredBy: plainName(
      'The cluster of this file whose istiod serves the proxies of this one (Istio: primary-remote): only there are DestinationRules, VirtualServices, Gateways, Sidecars, EnvoyFilters and MeshConfig read for them. Left out: each cluster is configured by its own.',
      'tokyo',
    ),
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

const prometheus = mapping('Where the abort conditions `prometheus` of scenarios ask for values.', {
  required: {
    url: text('Its address, with the path before `/api/v1` where there is one.', {
      pattern: '^https?://[^\\s@?#]+$',
      patternErrorMessage: 'must be http(s)://host[:port][/path], without user, query or fragment',
      maxLength: 1024,
      examples: ['https://prometheus.example:9090'],
      'x-unquoted': true,
    }),
  },
  optional: {
    token: mapping('The bearer token that is sent with every query.', {
      required: { env: environmentName('PROMETHEUS_TOKEN') },
    }),
    ca: pem("The certificates that are trusted, in place of the system's", './prometheus-ca.pem', 'PROMETHEUS_CA'),
  },
});

/** The schema that checks and reads a targets file. */
export const targetsDocument = mapping('Clusters to run scenarios against.', {
  required: {
    ...header('Targets'),
    metadata: mapping('Name and notes.', {
      required: { name: dnsLabel('Name of the target.', 'sandbox') },
      optional: {
        annotations: withDefault(
          record('Free text for tools around faultline.', text('Free text.', { minLength: 0 }), ANNOTATION_NAME),
          {},
        ),
      },
    }),
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
        prometheus,
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
