import { expect } from 'chai';
import { clientFault } from '../../faults/client-fault/index.ts';
import { manifest } from '../../faults/manifest/index.ts';
import { fakeContext, fakeSystem } from '../../faults/testing/fake-system.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { FaultBlock } from '../../model/scenario.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guarded } from './guard.ts';
import { oneRoute } from './one-route.ts';

type Fault = readonly [FaultKind, FaultBlock];

const HOST = 'mockb.default.svc.cluster.local';
const COMMON = { namespace: 'default', expiry: 60_000 };

const ofCallers = (host: string): Fault => [
  clientFault,
  { ...COMMON, host, callers: { app: 'mocka' }, status: 503, percent: 1 },
];

const ofObject = (spec: object, apiVersion = 'networking.istio.io/v1'): Fault => [
  manifest,
  {
    ...COMMON,
    object: { apiVersion, kind: 'VirtualService', metadata: { name: 'drill', namespace: 'default' }, spec },
    hits: { app: 'mocka' },
    effect: 'fails',
  } as unknown as FaultBlock,
];

/** What is refused of two faults, each planned in a system of its own. */
async function refused(...faults: readonly Fault[]): Promise<string[]> {
  const planned = faults.map(async ([kind, spec], index) => {
    const plan = await kind.plan({ name: `f${index + 1}`, spec }, fakeContext(fakeSystem()));
    return { kind, plan } as PlannedFault;
  });
  const rulings = await oneRoute.check({ faults: await Promise.all(planned) } as unknown as Guarded);
  return rulings.map(({ detail }) => detail);
}

describe('guards: two faults that route one host', () => {
  it('are refused, by whatever kind they do it and however the host is written', async () => {
    const what = `faults f1 and f2 would both bring the routes of ${HOST} for callers of default (cluster tokyo): only the older one counts`;
    expect(await refused(ofCallers('mockb'), ofCallers(HOST))).to.deep.equal([what]);
    for (const hosts of [['mockb'], [HOST], ['mockc', 'mockb'], ['*.default.svc.cluster.local'], ['*']]) {
      expect(await refused(ofCallers('mockb'), ofObject({ hosts })), hosts.join()).to.deep.equal([what]);
      expect(await refused(ofObject({ hosts }), ofCallers('mockb')), hosts.join()).to.have.length(1);
    }
    expect(
      await refused(ofCallers('mockb'), ofObject({ hosts: ['mockb'] }, 'networking.istio.io/v1beta1')),
    ).to.have.length(1);
  });

  it('are not, where no caller could have both, or one is for gateways alone', async () => {
    const beside = [
      { hosts: ['mockc'] },
      { hosts: ['mockb'], gateways: ['entry'] },
      { hosts: ['mockb'], exportTo: ['shop'] },
    ];
    for (const spec of beside) {
      expect(await refused(ofCallers('mockb'), ofObject(spec)), JSON.stringify(spec)).to.deep.equal([]);
    }
    expect(
      await refused(ofCallers('mockb'), ofObject({ hosts: ['mockb'], gateways: ['entry', 'mesh'] })),
    ).to.have.length(1);
    expect(await refused(ofCallers('mockb'), ofObject({ hosts: ['mockb'], exportTo: ['shop', '.'] }))).to.have.length(
      1,
    );
    expect(await refused(ofCallers('mockb'), ofObject({ hosts: ['mockb'] }, 'example.io/v1'))).to.deep.equal([]);
  });
});
