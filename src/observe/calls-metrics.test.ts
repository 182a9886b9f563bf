import { expect } from 'chai';
import { FaultlineError } from '../model/errors.ts';
import { metricsPage as page, type Sent } from './testing/metrics-page.ts';
import { observedCallers } from './testing/observed-callers.ts';
import { node, ObservedCluster, pod, slice } from './testing/observed-cluster.ts';

const SCOPE = { namespaces: ['default'], gateways: [] };
const REFUSED = new FaultlineError('PERMISSION_DENIED', 'port-forward: 403; exec: 403');
const SEEN = slice('mock', [{ pod: 'mock-a-0' }, { pod: 'mock-b-0', zone: 'b' }]);
const PODS = [pod('mock-a-0', { sidecar: 'none' }), pod('mock-b-0', { sidecar: 'none', zone: 'b' }), SEEN, node('b')];

/** A caller whose admin port is closed, and whose metrics have these pages, second by second from the second one on. */
function metrics(...pages: readonly (readonly Sent[] | string)[]): ObservedCluster {
  const cluster = observedCallers(pod('web-0'), ...PODS);
  cluster.admin = () => {
    throw REFUSED;
  };
  let asked = 0;
  cluster.answer = (_, __, path) => {
    if (!path.includes('istio_')) return '';
    const now = pages[Math.min(asked++, pages.length - 1)] ?? '';
    return typeof now === 'string' ? now : page(...now);
  };
  return cluster;
}

const seconds = (cluster: ObservedCluster) =>
  cluster.of('calls').map(({ pod: caller, service, port, from, to, hosts }) => [
    `${caller} ${service}:${port} ${from / 1e6}-${to / 1e6}`,
    ...hosts.map((host) => {
      const { requests, served, failed, refused, region, zone } = host;
      return `${'workload' in host ? host.workload : ''} in ${region}/${zone} ${requests}=${served}+${failed} ${refused}`;
    }),
  ]);
const told = (cluster: ObservedCluster) =>
  cluster.of('calls-telemetry').map(({ callers, detail }) => [callers.answered, detail]);

describe('observed calls, where admin ports are closed', () => {
  it('are told by the metrics of the proxy: by workload, where that lies', async () => {
    const cluster = metrics(
      [{ to: 'mock-a', times: 100 }],
      [
        { to: 'mock-a', times: 103 },
        { to: 'mock-a', times: 2, status: 503, flags: 'UF,URX' },
      ],
      [
        { to: 'mock-a', times: 103 },
        { to: 'mock-a', times: 3, status: 503, flags: 'UF,URX' },
        { to: 'mock-b', times: 7 },
      ],
      [
        { to: 'mock-a', times: 103 },
        { to: 'mock-b', times: 9 },
        { times: 5, status: 503, flags: 'UH' },
      ],
    );
    await cluster.start(SCOPE).run(4_500);
    expect(cluster.ways, 'no way is kept that leads nowhere').to.deep.equal([]);
    expect(cluster.of('calls-telemetry').at(-1)?.callers).to.deep.equal({
      known: 1,
      asked: 1,
      answered: 1,
      byWorkload: 1,
    });
    expect(seconds(cluster)).to.deep.equal([
      ['web-0 mock:0 1-2', 'mock-a in ap-northeast-1/a 5=3+2 2'],
      ['web-0 mock:0 2-3', 'mock-a in ap-northeast-1/a 1=0+1 1', 'mock-b in ap-northeast-1/b 7=7+0 0'],
      ['web-0 mock:0 3-4', 'mock-b in ap-northeast-1/b 2=2+0 0'],
    ]);
    expect(told(cluster)).to.deep.equal([
      [
        1,
        "1 of 1 calling proxy tell whom they call; 1 of them by workload and not by host, from Istio's metrics, since their admin ports are closed (port-forward: 403; exec: 403)",
      ],
    ]);
  });

  it('count a series that begins anew from zero, and no other with it', async () => {
    const cluster = metrics(
      [
        { to: 'mock-a', times: 50 },
        { to: 'mock-a', times: 9, status: 503 },
      ],
      [
        { to: 'mock-a', times: 50 },
        { to: 'mock-a', times: 1, status: 503 },
      ],
      [
        { to: 'mock-a', times: 51 },
        { to: 'mock-a', times: 2, status: 503 },
      ],
    );
    await cluster.start(SCOPE).run(3_500);
    expect(seconds(cluster)).to.deep.equal([['web-0 mock:0 1-3', 'mock-a in ap-northeast-1/a 3=1+2 0']]);
    expect(cluster.of('calls').map(({ anew }) => anew)).to.deep.equal([true]);
  });

  it('are not known where a workload lies in two zones, and are made up for where that passes', async () => {
    const both = [
      { to: 'mock-a', times: 1 },
      { to: 'spread', times: 1 },
    ];
    const cluster = metrics(both, [
      { to: 'mock-a', times: 4 },
      { to: 'spread', times: 5 },
    ]);
    cluster.put(slice('mock', [{ pod: 'mock-a-0' }, { pod: 'spread-0' }, { pod: 'spread-1', zone: 'b' }]));
    cluster.put(pod('spread-0', { sidecar: 'none' }), pod('spread-1', { sidecar: 'none', zone: 'b' }));
    await cluster.start(SCOPE).run(9_500);
    expect(seconds(cluster)).to.deep.equal([]);
    expect(told(cluster).at(-1)).to.deep.equal([
      0,
      '0 of 1 calling proxy tell whom they call; 1 could not be read (port-forward: 403; exec: 403; and its metrics tell workloads, and workload default/spread lies in a and b)',
    ]);
  });

  it('are of the next reading where an endpoint is seen later than its answers', async () => {
    const cluster = metrics(
      [{ to: 'mock-a', times: 1 }],
      [
        { to: 'mock-a', times: 2 },
        { to: 'new', times: 3 },
      ],
    );
    cluster.start(SCOPE);
    await cluster.clock.sleep(2_500);
    expect(seconds(cluster)).to.deep.equal([]);
    cluster.put(
      slice('mock', [{ pod: 'mock-a-0' }, { pod: 'new-0', zone: 'b' }]),
      pod('new-0', { sidecar: 'none', zone: 'b' }),
    );
    await cluster.run(1_000);
    expect(seconds(cluster)).to.deep.equal([
      ['web-0 mock:0 1-3', 'mock-a in ap-northeast-1/a 1=1+0 0', 'new in ap-northeast-1/b 3=3+0 0'],
    ]);
  });

  for (const [what, id] of [
    ['where Istio tells which that is', 'id-of-hangzhou'],
    ['and not known where both have one ID', 'id-of-tokyo'],
  ] as const) {
    it(`are those of their own cluster, ${what}`, async () => {
      const cluster = metrics([{ to: 'mock-a', times: 1 }], [{ to: 'mock-a', times: 2 }], [{ to: 'mock-a', times: 4 }]);
      const other = new ObservedCluster('hangzhou').put(node('h'), pod('mock-a-0', { zone: 'h', sidecar: 'none' }));
      other.put(slice('mock', [{ pod: 'mock-a-0', zone: 'h' }]), pod('web-1', { zone: 'h' }));
      other.admin = cluster.admin;
      other.answer = () => page({ to: 'mock-a', times: 1 }).replaceAll('id-of-tokyo', id);
      await cluster.start(SCOPE, undefined, [other]).run(5_500);
      const own = seconds(cluster).filter(([caller]) => caller?.startsWith('web-0'));
      if (id === 'id-of-tokyo') {
        expect(told(cluster).at(-1)?.[1]).to.contain('lies in a and h');
        expect(own).to.deep.equal([]);
      } else {
        expect(own.at(-1)).to.deep.equal(['web-0 mock:0 2-3', 'mock-a in ap-northeast-1/a 2=2+0 0']);
      }
    });
  }

  it('are read from the admin port again and again where that has answered once, whatever it says later', async () => {
    const cluster = metrics([{ to: 'mock-a', times: 1 }]);
    let asked = 0;
    cluster.admin = () => {
      asked += 1;
      if (asked > 1) throw REFUSED;
      return '{}';
    };
    await cluster.start(SCOPE).run(20_500);
    expect(told(cluster).at(-1)).to.deep.equal([
      0,
      '0 of 1 calling proxy tell whom they call; 1 could not be read (port-forward: 403; exec: 403)',
    ]);
  });

  it('are read from metrics after three answers that no port-forward gives, and not after errors that may pass', async () => {
    for (const [code, answered] of [
      ['KUBE_API', 1],
      ['TARGET_UNREACHABLE', 0],
    ] as const) {
      const cluster = metrics([{ to: 'mock-a', times: 1 }]);
      let asked = 0;
      cluster.admin = () => {
        asked += 1;
        throw new FaultlineError(code, 'no upgrade');
      };
      await cluster.start(SCOPE).run(12_500);
      expect([told(cluster).at(-1)?.[0], asked], code).to.deep.equal([answered, answered === 1 ? 3 : 4]);
    }
  });
});
