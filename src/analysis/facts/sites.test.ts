import { expect } from 'chai';
import type { HistoryEvent } from '../../model/history.ts';
import type { Place } from '../../model/place.ts';
import type { Endpoint } from '../../model/target.ts';
import { historyOf } from '../testing/handmade.ts';
import { endpointsOf, ipOf } from '../testing/world.ts';
import { readFacts } from '../timeline/history.ts';
import { Sites } from './sites.ts';

/** Sites of a run with a clause that names a place, and what was observed of the cluster tokyo, one after the other. */
function sitesOf(place: Place, ...observed: readonly (readonly Endpoint[])[]): Sites {
  const order = { service: 'mockb', from: { zone: 'north-a' }, order: [{ place, shareAtLeast: 0.9 }] };
  const looks = observed.length === 0 ? [endpointsOf('tokyo')] : observed;
  const history = historyOf({ expect: { failoverOrder: [order] } }).flatMap((event): HistoryEvent[] =>
    event.type === 'endpoints' && event.cluster === 'tokyo'
      ? looks.map((endpoints, at) => ({ ...event, t: event.t + at, endpoints }))
      : [event],
  );
  return new Sites(readFacts(history.map((event, seq) => ({ ...event, seq }))));
}

const hop = (zone: string, ip = ipOf('mockb', zone, 0)) => ({ service: 'mockb', zone, ip });

describe('analysis/facts/sites', () => {
  it('are zones and no more where clauses ask for no more, whatever the address', () => {
    const sites = sitesOf({ region: 'south' });
    expect(sites.of(hop('north-a'))).to.deep.equal({ zone: 'north-a', region: 'north', name: 'north-a' });
    expect(sites.of(hop('north-a'))).to.equal(sites.of(hop('north-a', '10.9.9.9')));
  });

  it('know the cluster of an address that nobody observed by a zone that one cluster has', () => {
    const sites = sitesOf({ cluster: 'tokyo' });
    expect(sites.of(hop('north-a', '10.9.9.9'))).to.include({ cluster: 'tokyo', name: 'north-a (cluster tokyo)' });
    expect(sitesOf({ cluster: 'tokyo' }, []).of(hop('south-h', '')).cluster).to.equal('osaka');
    expect(sites.of(hop('elsewhere', '10.9.9.9')).doubt).to.contain('no endpoint was observed there');
  });

  it('know the workload of an address that was observed, and of a zone with no other', () => {
    const sites = sitesOf({ workload: 'mockb-north-a' });
    expect(sites.of(hop('north-a')).workload).to.equal('mockb-north-a');
    expect(sites.of(hop('north-a', '')).workload).to.equal('mockb-north-a');
    expect(sites.of(hop('north-a', '10.9.9.9'))).to.include({ name: 'north-a (workload not known)' });
    const two = endpointsOf('tokyo').map((one) => (one.pod.endsWith('-1') ? { ...one, workload: 'other' } : one));
    const mixed = sitesOf({ workload: 'other' }, two);
    expect(mixed.of(hop('north-a', ipOf('mockb', 'north-a', 1))).workload).to.equal('other');
    expect(mixed.of(hop('north-a', '')).doubt).to.match(/that zone is of .*other/);
  });

  it('take an address for the pod of the service that answered, where others have it as well', () => {
    const ip = ipOf('mockb', 'north-a', 0);
    const more = endpointsOf('tokyo').filter(({ service, zone }) => service === 'mocka' && zone === 'north-a');
    const shared = [...endpointsOf('tokyo'), ...more.map((one) => ({ ...one, cluster: 'osaka', ip }))];
    expect(sitesOf({ cluster: 'tokyo' }, shared).of(hop('north-a')).cluster).to.equal('tokyo');
    const both = [...shared, ...shared.filter((one) => one.ip === ip).map((one) => ({ ...one, cluster: 'osaka' }))];
    expect(sitesOf({ cluster: 'tokyo' }, both).of(hop('north-a')).doubt).to.contain(
      'that address is of tokyo and osaka',
    );
  });

  it('do not hold it against a pod that its subsets were read later than its address, but that they changed', () => {
    const later = (...told: (readonly string[] | undefined)[]) =>
      sitesOf(
        { subset: 'v1' },
        ...told.map((subsets) => endpointsOf('tokyo').map((one) => ({ ...one, ...(subsets && { subsets }) }))),
      ).of(hop('north-a'));
    expect(later(undefined, ['v1']).subsets).to.deep.equal(['v1']);
    expect(later(['v1'], ['v1', 'v2']).doubt).to.contain('is of v1 and v1, v2');
    expect(later(['v1'], undefined).doubt).to.contain('contradict each other');
  });

  it('do not take a pod for another one because it was gone from the list before its address was', () => {
    const all = endpointsOf('tokyo').map((one) => ({ ...one, subsets: ['v1'] }));
    const gone = endpointsOf('tokyo').map((one) => ({ ...one, workload: one.pod }));
    for (const place of [{ workload: 'mockb-north-a' }, { subset: 'v1' }]) {
      const site = sitesOf(place, gone, all, gone).of(hop('north-a'));
      expect([site.doubt, site.workload ?? site.subsets?.[0]]).to.deep.equal([undefined, Object.values(place)[0]]);
    }
    expect(sitesOf({ workload: 'mockb-north-a-0' }, gone).of(hop('north-a')).workload).to.equal('mockb-north-a-0');
  });
});
