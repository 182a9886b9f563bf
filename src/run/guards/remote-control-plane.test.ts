import { expect } from 'chai';
import { Bench } from '../testing/guard-bench.ts';
import { type Asked, WholeBench } from '../testing/whole-bench.ts';

/** A fault that is written to tokyo and hits a pod of osaka as well. */
function across(bench: Bench): Bench {
  const pod = (cluster: string) => ({ cluster, namespace: 'default', zone: 'a', workload: 'w', pod: 'x', ip: '' });
  return bench.fault('tokyo', { affected: [pod('tokyo'), pod('osaka')] });
}

describe('guards of a fault that reaches pods of another cluster', () => {
  it('want the word of the owners there, too', async () => {
    expect(await across(new Bench().enable('tokyo')).refused()).to.deep.equal([
      'cluster osaka: namespace default has no label faultline.dev/enabled=true, nor has every pod that may be hit there, and the template that it is made from | ' +
        'kubectl --context staging-osaka label namespace default faultline.dev/enabled=true',
    ]);
    expect(await across(new Bench().enable('tokyo').enable('osaka')).refused()).to.deep.equal([]);
  });

  it('want a protected context named there, too', async () => {
    const bench = across(new Bench().enable('tokyo').enable('osaka'));
    bench.context = (name) => (name === 'osaka' ? 'prod-osaka' : 'staging');
    expect((await bench.refused()).join()).to.contain('cluster osaka: context prod-osaka is protected by its name');
  });

  it('count the pods of both clusters that are hit', async () => {
    const fault: Asked = ['tokyo', 'meshFault', { selector: { app: 'mockb' } }];
    const bench = new WholeBench();
    expect(await bench.refused(fault)).to.deep.equal([]);
    bench.isRemote = true;
    expect(await bench.rulings([fault])).to.deep.equal([
      'REFUSED the faults hit every ready pod of default/mockb, in all clusters (4): meshFault-1 takes 100 % of what 2 pods in tokyo and 2 in osaka are asked | ' +
        'If an outage is meant: spec.allow.wholeServices: ["default/mockb"]',
    ]);
  });
});
