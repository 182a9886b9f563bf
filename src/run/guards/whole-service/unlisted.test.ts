import { expect } from 'chai';
import { SERVICE_LABEL, sliceOf } from '../../../model/endpoint-slice.ts';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import { type Asked, type Site, WholeBench } from '../../testing/whole-bench.ts';

type Change = (object: KubeObject) => KubeObject | undefined;

const SITES: readonly Site[] = ['tokyo', 'osaka'];
const DROP: Asked[2] = { deployment: undefined, packets: 'drop', direction: 'in', selector: { app: 'mockb' } };
const BOTH: Asked[] = SITES.map((site) => [site, 'podNetwork', DROP]);
const LOST = 'the faults hit every ready pod of default/mockb, in all clusters';

const isOf = (app: string, { metadata }: KubeObject) => metadata.labels?.[SERVICE_LABEL] === app;
const ended =
  (fields: object): Change =>
  (slice) =>
    isOf('mockb', slice)
      ? ({ ...slice, endpoints: sliceOf(slice).endpoints?.map((one) => ({ ...one, ...fields })) } as KubeObject)
      : slice;
const nobody: Change = (slice) => (isOf('mockb', slice) ? ({ ...slice, endpoints: [] } as KubeObject) : slice);
const one: Change = (slice) =>
  isOf('mockb', slice) ? ({ ...slice, endpoints: sliceOf(slice).endpoints?.slice(1) } as KubeObject) : slice;
/** The last one without its name. */
const nameless: Change = (slice) =>
  isOf('mockb', slice)
    ? ({
        ...slice,
        endpoints: sliceOf(slice).endpoints?.map((one, at) => (at === 0 ? one : { ...one, targetRef: undefined })),
      } as KubeObject)
    : slice;
const service =
  (spec: object): Change =>
  (object) =>
    object.metadata.name === 'mockb' ? { ...object, spec: { ...(object.spec as object), ...spec } } : object;
const pod =
  (change: (pod: KubeObject) => object): Change =>
  (object) =>
    object.metadata.labels?.app === 'mockb' ? { ...object, ...change(object) } : object;

const notReady = ({ status }: KubeObject) => ({ status: { ...(status as object), conditions: [] } });

/** A bench whose API servers list something else than they have, so many times for each kind. */
function lying(lies: Readonly<Record<string, Change>>, times = Number.POSITIVE_INFINITY): WholeBench {
  const bench = new WholeBench();
  for (const cluster of Object.values(bench.clusters)) {
    const told = new Map<string, number>();
    const list = cluster.list.bind(cluster);
    cluster.list = async (kind, filter) => {
      const lie = lies[kind.kind];
      const before = told.get(kind.kind) ?? 0;
      told.set(kind.kind, before + 1);
      const all = await list(kind, filter);
      return lie === undefined || before >= times ? all : all.flatMap((object) => lie(object) ?? []);
    };
  }
  return bench;
}

const untold = async (bench: WholeBench, asked = BOTH) =>
  (await bench.rulings(asked)).filter((text) => text.includes('are in none of their EndpointSlices'));

describe('whole service: EndpointSlices that contradict Services and pods', () => {
  it('are refused where ready pods of a Service are in none of them', async () => {
    const cases: [string, Record<string, Change>][] = [
      ['an empty list', { EndpointSlice: () => undefined }],
      ['all but those of one Service', { EndpointSlice: (slice) => (isOf('mockb', slice) ? undefined : slice) }],
      ['slices without endpoints', { EndpointSlice: nobody }],
      ['a part of them', { EndpointSlice: one }],
      ['as they were before the pods were ready', { EndpointSlice: ended({ conditions: { ready: false } }) }],
      ['the first of the list alone', { EndpointSlice: (slice) => (isOf('mocka', slice) ? slice : undefined) }],
    ];
    for (const [name, lies] of cases) expect((await untold(lying(lies))).join('\n'), name).to.contain('default/mockb');
  });

  it('are told with cluster, Service, pods, and where to look', async () => {
    const [first, ...more] = await untold(lying({ EndpointSlice: () => undefined }));
    expect(first).to.match(
      /^REFUSED cluster tokyo: ready pods that Services select are in none of their EndpointSlices, as these were listed: default\/mocka \(mocka-abc-a, mocka-abc-b\), default\/mockb \(.* \| .* Look: kubectl get endpointslices -n default$/,
    );
    expect(more, 'one of each cluster').to.have.length(1);
  });

  it('are asked for once more after a moment: they come later than pods', async () => {
    const rulings = await lying({ EndpointSlice: nobody }, 1).rulings(BOTH);
    expect(rulings.join()).to.contain(LOST).and.not.contain('are in none');
  });

  it('do not where nobody has to be in them', async () => {
    const cases: [string, Record<string, Change>][] = [
      ['all is well', {}],
      ['no selector', { EndpointSlice: nobody, Service: service({ selector: undefined }) }],
      ['an empty one', { EndpointSlice: nobody, Service: service({ selector: {} }) }],
      ['another name of DNS', { EndpointSlice: nobody, Service: service({ type: 'ExternalName' }) }],
      ['no pod of the family', { EndpointSlice: nobody, Service: service({ ipFamilies: ['IPv6'] }) }],
      ['pods that are not ready', { EndpointSlice: nobody, Pod: pod(notReady) }],
      [
        'pods that end',
        {
          EndpointSlice: nobody,
          Pod: pod(({ metadata }) => ({ metadata: { ...metadata, deletionTimestamp: 'now' } })),
        },
      ],
      [
        'pods without an address',
        { EndpointSlice: nobody, Pod: pod(({ status }) => ({ status: { ...(status as object), podIP: undefined } })) },
      ],
      ['a pod that is told by its address', { EndpointSlice: nameless }],
      [
        'pods that are told before they are ready',
        { Service: service({ publishNotReadyAddresses: true }), Pod: pod(notReady) },
      ],
      [
        'a Service that goes',
        {
          EndpointSlice: nobody,
          Service: (object) => ({ ...object, metadata: { ...object.metadata, deletionTimestamp: 'now' } }),
        },
      ],
    ];
    // No fault is planned for pods that nobody can hit.
    const beside = SITES.map((site): Asked => [site, 'podNetwork', { ...DROP, selector: { app: 'mocka' } }]);
    for (const [name, lies] of cases)
      expect(await untold(lying(lies), lies.Pod === undefined ? BOTH : beside), name).to.deep.equal([]);
  });

  it('are looked at of Services that a fault hits, or that have nobody ready, and of no others', async () => {
    const bench = new WholeBench();
    const asked: string[] = [];
    const { tokyo } = bench.clusters;
    const list = tokyo.list.bind(tokyo);
    tokyo.list = async (kind, filter) => {
      if (kind === KINDS.pod && filter.namespace === 'default') asked.push(filter.labelSelector ?? 'all');
      return list(kind, filter);
    };
    await bench.rulings([['tokyo', 'podNetwork', DROP]]);
    const [planned, ...guarded] = asked;
    expect([planned, guarded.filter((selector) => selector !== 'faultline.dev/enabled=true')]).to.deep.equal([
      'app=mockb',
      ['app=mockb'],
    ]);
  });

  it('cannot be told where Services or their pods may not be listed', async () => {
    const bench = new WholeBench();
    bench.clusters.osaka.before = ({ kind, verb }) => {
      if (kind === 'Service' && verb === 'list') throw new Error('403');
    };
    expect((await bench.rulings([['tokyo', 'podNetwork', DROP]])).join()).to.contain(
      'nobody can tell whether a pod is left to every service: 403',
    );
  });
});
