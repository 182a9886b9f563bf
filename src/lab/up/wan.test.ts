import { expect } from 'chai';
import { topologyNamed } from '../../topologies/index.ts';
import { CLUSTERS } from '../testing/clusters.ts';
import { labClusters } from '../topology.ts';
import { networkCommands } from './network.ts';
import { detourCommands, straightCommands, wanOf, worseWan } from './wan.ts';

const text = (commands: readonly (readonly string[])[]) => commands.map((command) => command.join(' '));
const from = (machine: string, lines: readonly string[]) =>
  lines.filter((line) => line.includes(`faultline-lab-${machine} `));

describe('the way between the regions', () => {
  it('leads pods and machines of the other region over the fabric, and none of the own', () => {
    const lines = from('ap-northeast-1a', text(detourCommands(CLUSTERS)));
    expect(lines.map((line) => line.split('replace ')[1])).to.deep.equal(
      ['10.211.1.0/24', '10.211.2.0/24', '10.210.0.10', '10.210.0.21', '10.210.0.22'].map(
        (range) => `${range} via 10.210.0.1`,
      ),
    );
  });

  it('leads machines alone where the other region is another network', () => {
    const two = labClusters(topologyNamed('two-networks'));
    const lines = from('ap-northeast-1a', text(detourCommands(two)));
    expect(lines.map((line) => line.split('replace ')[1])).to.deep.equal(
      ['10.210.0.10', '10.210.0.21', '10.210.0.22'].map((address) => `${address} via 10.210.0.1`),
    );
    const pods = from('ap-northeast-1a', text(straightCommands(two))).filter((line) => line.includes('/24'));
    expect(pods.map((line) => line.split('replace ')[1])).to.deep.equal(['10.212.2.0/24 via 10.210.0.42']);
  });

  it('is what the topology says, and a fault makes that worse', () => {
    const none = wanOf(topologyNamed('multi-region'));
    const own = wanOf(topologyNamed('multi-cloud'));
    expect([none, own]).to.deep.equal([
      { delayMs: 0, loss: 0 },
      { delayMs: 120, loss: 0.02 },
    ]);
    expect(worseWan('delay', '40ms', none)).to.deep.equal({ delayMs: 40 });
    expect(worseWan('delay', '40ms', own)).to.deep.equal({ delayMs: 160 });
    expect(worseWan('loss', '2%', none)).to.deep.equal({ loss: 0.02 });
    expect(worseWan('loss', '50%', own).loss).to.be.closeTo(0.51, 1e-9);
    expect(() => worseWan('loss', 'much', own)).to.throw('loss much: no share');
  });

  it('is nothing at all in a single region', () => {
    for (const name of ['single-cluster', 'single-region', 'overlapping-zones'])
      expect(detourCommands(labClusters(topologyNamed(name)))).to.deep.equal([]);
  });

  it('is straight again as it was made, on every machine', () => {
    const made = text(networkCommands(CLUSTERS)).filter((line) => / route add 10\.21[12]\./.test(line));
    const back = text(straightCommands(CLUSTERS));
    const machines = made.filter((line) => !line.includes('-fabric '));
    expect(back).to.include.members(machines.map((line) => line.replace(' add ', ' replace ')));
    const detours = text(detourCommands(CLUSTERS)).filter((line) => !line.includes('/24'));
    expect(back.filter((line) => line.includes('route del'))).to.have.length(detours.length);
  });
});
