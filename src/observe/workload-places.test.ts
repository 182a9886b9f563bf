import { expect } from 'chai';
import type { Endpoint } from '../model/target.ts';
import { WorkloadPlaces } from './workload-places.ts';

const at = (cluster: string, zone: string, workload = 'web'): Endpoint =>
  ({ cluster, region: `r-of-${cluster}`, zone, namespace: 'default', workload }) as Endpoint;
const web = (clusterId = '') => ({ name: 'web', namespace: 'default', clusterId });

describe('observe/workload-places', () => {
  it('knows the one zone of a workload, however often its endpoints are told', () => {
    const places = new WorkloadPlaces();
    places.look([at('tokyo', 'a'), at('tokyo', 'a'), at('tokyo', 'b', 'other')]);
    places.look([at('tokyo', 'a')]);
    expect(places.of(web())).to.deep.equal({ region: 'r-of-tokyo', zone: 'a' });
  });

  it('guesses no place: of a workload that is nowhere, has no zone, or has had two', () => {
    const places = new WorkloadPlaces();
    places.look([at('tokyo', 'a')]);
    const said = (name: string) => () => places.of({ ...web(), name });
    expect(said('db')).to.throw('workload default/db is behind no Service that is observed');
    places.look([at('tokyo', '', 'bare')]);
    expect(said('bare')).to.throw('workload default/bare has no zone');
    places.look([at('tokyo', 'b')]);
    expect(said('web')).to.throw('workload default/web lies in a and b');
  });

  it('tells clusters apart by what their proxies call them, and leaves none out that has not said', () => {
    const places = new WorkloadPlaces();
    places.look([at('tokyo', 'a'), at('hangzhou', 'h')]);
    expect(() => places.of(web('id-of-tokyo'))).to.throw('lies in a and h');
    places.learn('hangzhou', 'id-of-hangzhou');
    expect(places.of(web('id-of-tokyo')).zone).to.equal('a');
    places.learn('tokyo', 'id-of-tokyo');
    expect(places.of(web('id-of-hangzhou')).zone).to.equal('h');
    expect(() => places.of(web())).to.throw('lies in a and h');
    expect(() => places.of(web('id-of-nobody'))).to.throw('is behind no Service');
  });
});
