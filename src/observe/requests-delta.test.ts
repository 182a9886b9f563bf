import { expect } from 'chai';
import type { RequestSeries } from '../mesh/requests-reader.ts';
import type { Endpoint } from '../model/target.ts';
import { requestsBetween } from './requests-delta.ts';
import { WorkloadPlaces } from './workload-places.ts';

const places = new WorkloadPlaces();
places.look(
  ['one', 'two'].map(
    (workload) => ({ cluster: 'tokyo', region: 'r', zone: 'a', namespace: 'default', workload }) as Endpoint,
  ),
);

function series(
  to: string | undefined,
  outcome: RequestSeries['outcome'],
  total: number,
  service = 'mock',
): RequestSeries {
  const workload = to === undefined ? undefined : { name: to, namespace: 'default', clusterId: '' };
  return { key: `${service} ${to} ${outcome}`, service, namespace: 'default', workload, outcome, total };
}

const between = (before: Readonly<Record<string, number>>, ...now: RequestSeries[]) =>
  requestsBetween(new Map(Object.entries(before)), now, places).map(({ service, port, hosts }) => [
    `${service}:${port}`,
    ...hosts.map((host) => {
      const { requests, served, failed, refused, zone } = host;
      return `${'workload' in host ? host.workload : ''} in ${zone} ${requests}=${served}+${failed} ${refused}`;
    }),
  ]);

describe('observe/requests-delta', () => {
  it('is what each workload has more than before; who is refused has failed', () => {
    const before = { 'mock one served': 10, 'mock one failed': 2, 'mock two served': 5 };
    expect(
      between(
        before,
        series('one', 'served', 13),
        series('one', 'failed', 4),
        series('one', 'refused', 1),
        series('two', 'served', 5),
        series('two', 'served', 7, 'other'),
      ),
    ).to.deep.equal([
      ['mock:0', 'one in a 6=3+3 1'],
      ['other:0', 'two in a 7=7+0 0'],
    ]);
  });

  it('is all of a counter that has fallen: the proxy has begun anew', () => {
    expect(between({ 'mock one served': 10 }, series('one', 'served', 4))).to.deep.equal([
      ['mock:0', 'one in a 4=4+0 0'],
    ]);
  });

  it('leaves out failures that no pod was chosen for, and knows of no answer that nobody gave', () => {
    expect(between({}, series(undefined, 'failed', 4))).to.deep.equal([]);
    expect(() => between({}, series(undefined, 'served', 1))).to.throw('do not tell who served mock');
    expect(between({ 'mock undefined served': 1 }, series(undefined, 'served', 1))).to.deep.equal([]);
  });
});
