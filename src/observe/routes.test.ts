import { expect } from 'chai';
import type { KubeObject } from '../model/kubernetes.ts';
import type { UnstampedEvent } from '../model/ports.ts';
import type { Json } from '../model/scenario.ts';
import { observeRoutes } from './routes.ts';

const mockb = { destination: { host: 'mockb' } };
const far = { destination: { host: 'mockb-far', port: { number: 8000 } } };

function virtualService(http: Json, hosts: string[] = ['mockb'], namespace = 'default'): KubeObject {
  const metadata = { name: 'mockb', namespace };
  return { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata, spec: { hosts, http } };
}

/** Routes in short: `default/mockb sends to default/mockb-far`. */
const CASES: Readonly<Record<string, readonly [KubeObject, readonly string[]]>> = {
  'none that leads to the Service that was called': [virtualService([{ route: [mockb] }]), []],
  'none of subsets of it': [
    virtualService([{ route: [{ destination: { host: 'mockb.default.svc.cluster.local', subset: 'v1' } }] }]),
    [],
  ],
  'a part that goes to another Service': [
    virtualService([
      {
        route: [
          { ...mockb, weight: 50 },
          { ...far, weight: 50 },
        ],
      },
    ]),
    ['sends default/mockb-far'],
  ],
  'not what has no weight among others': [
    virtualService([
      {
        route: [
          { ...mockb, weight: 100 },
          { ...far, weight: 0 },
        ],
      },
      { route: [mockb, far] },
    ]),
    [],
  ],
  'all that matches': [
    virtualService([{ match: [{ uri: { prefix: '/x' } }], route: [far] }, { route: [mockb] }]),
    ['sends default/mockb-far matched'],
  ],
  'each once': [virtualService([{ route: [far] }, { route: [far] }]), ['sends default/mockb-far']],
  'copies, in both spellings': [
    virtualService([
      { route: [mockb], mirror: { host: 'mockb', subset: 'shadow' } },
      { route: [mockb], mirrors: [{ destination: { host: 'shadow' } }] },
    ]),
    ['mirrors default/mockb', 'mirrors default/shadow'],
  ],
  'no copies of nothing': [
    virtualService([
      { route: [mockb], mirror: { host: 'mockb' }, mirrorPercentage: { value: 0 } },
      { route: [mockb], mirrors: [{ destination: { host: 'shadow' }, percentage: { value: 0 } }] },
    ]),
    [],
  ],
  'an entry that leads to a namespace that is not observed': [
    virtualService(
      [
        {
          route: [
            { destination: { host: 'mocka.edge.svc.cluster.local' }, weight: 1 },
            { ...mockb, weight: 1 },
          ],
        },
      ],
      ['shop.example'],
    ),
    ['sends edge/mocka'],
  ],
  'none to a host outside': [virtualService([{ route: [{ destination: { host: 'api.example' } }] }]), []],
  'nothing of what is malformed': [virtualService('x'), []],
};

/** What a run writes of the routes of a cluster, when it may read what is in each of its namespaces. */
async function written(items: readonly KubeObject[], isAllowed = true): Promise<UnstampedEvent[]> {
  const events: UnstampedEvent[] = [];
  const list = async (_: unknown, { namespace }: { namespace?: string }): Promise<KubeObject[]> => {
    if (!isAllowed) throw new Error('forbidden');
    return items.filter(({ metadata }) => metadata.namespace === namespace);
  };
  const history = {
    append: (event: UnstampedEvent) => {
      events.push(event);
      return { seq: 0, t: 0, wall: '' };
    },
  };
  await observeRoutes({ name: 'tokyo', list }, { namespaces: ['default'] }, history);
  return events;
}

describe('observed routes', () => {
  for (const [name, [item, told]] of Object.entries(CASES)) {
    it(`are ${name}`, async () => {
      const routes = (await written([item])).flatMap((event) => (event.type === 'routes' ? event.routes : []));
      expect(
        routes.map(({ to, mirror, matched }) => `${mirror ? 'mirrors' : 'sends'} ${to}${matched ? ' matched' : ''}`),
      ).to.deep.equal(told);
    });
  }

  it('are written with the names of their VirtualService and hosts, of all namespaces whose objects hold', async () => {
    const there = ['default', 'istio-system', 'shop'].map((name) => virtualService([{ route: [far] }], ['*'], name));
    expect(await written(there)).to.deep.equal([
      {
        type: 'routes',
        cluster: 'tokyo',
        routes: [{ virtualService: 'istio-system/mockb', hosts: ['*'], to: 'istio-system/mockb-far' }],
      },
    ]);
  });

  it('are not written where there are none, or where they may not be read', async () => {
    expect(await written([])).to.deep.equal([]);
    expect(await written([virtualService([{ route: [far] }])], false)).to.deep.equal([]);
  });
});
