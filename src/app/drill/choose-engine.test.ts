import { expect } from 'chai';
import type { FoundK6 } from '../../load/k6/binary.ts';
import { localK6Kind } from '../../load/k6/local/kind.ts';
import { podsK6Kind } from '../../load/k6/pods/kind.ts';
import { undiciKind } from '../../load/undici/kind.ts';
import type { FaultlineError } from '../../model/errors.ts';
import type { PodCluster } from '../../model/ports.ts';
import type { Load } from '../../model/scenario.ts';
import type { Target } from '../../model/target.ts';
import { chooseEngine } from './choose-engine.ts';

const USABLE: FoundK6 = { path: '/opt/k6', from: 'cache', version: '2.2.0', extension: true, problem: undefined };
const STOCK: FoundK6 = { ...USABLE, path: '/bin/k6', extension: false };

function load(change: Partial<Load>): Load {
  return {
    paths: [],
    ratePerSecond: 100,
    timeoutMs: 1000,
    connections: 'kept',
    chain: { from: { kind: 'body' }, hop: '{service}@{zone}' },
    good: { status: 200, chain: [], latencyMs: 1000 },
    ...change,
  };
}

const TARGET: Target = {
  name: 't',
  clusters: [],
  namespaces: [],
  lockNamespace: 'default',
  observe: { namespaces: [] },
};
const POD_TARGET: Target = {
  ...TARGET,
  loadCluster: { kubeconfig: '', context: 'load', namespace: 'n', pods: 2, image: 'grafana/k6' },
};

async function choose(change: Partial<Load>, paths: number, found: readonly FoundK6[], target = POD_TARGET) {
  const kinds = [undiciKind, localK6Kind(async () => found), podsK6Kind] as const;
  const ports = { openCluster: () => ({}) as PodCluster };
  const script = change.script === undefined ? undefined : { main: change.script, files: new Map() };
  const sent = load(change);
  const rate = sent.ratePerSecond * paths;
  const { engine, why } = await chooseEngine({ load: sent, target, runId: 'r', script, ports }, rate, kinds);
  return { name: engine.name, level: why?.level, text: why?.text };
}

describe('app/drill/choose-engine', () => {
  it('takes undici where nothing is said, without a word', async () => {
    expect(await choose({ ratePerSecond: 5000 }, 4, [USABLE])).to.deep.equal({
      name: 'undici',
      level: undefined,
      text: undefined,
    });
  });

  it('leaves to auto what undici carries, and takes k6 past that', async () => {
    const within = await choose({ engine: 'auto' }, 10, [USABLE]);
    expect(within.name).to.equal('undici');
    expect(within.text).to.equal('load by undici: it carries 1000 requests/s over kept connections (up to 1000/s)');
    const past = await choose({ engine: 'auto' }, 11, [STOCK, USABLE]);
    expect(past).to.deep.equal({
      name: 'k6',
      level: 'info',
      text: 'load by k6 2.2.0 (/opt/k6): 1100 requests/s over kept connections are past what undici carries (1000/s)',
    });
    expect((await choose({ engine: 'auto', connections: 'fresh' }, 6, [USABLE])).name).to.equal('k6');
    expect((await choose({ engine: 'auto', connections: 'fresh' }, 5, [USABLE])).name).to.equal('undici');
  });

  it('warns when auto wants a k6 that is not there', async () => {
    const { name, level, text } = await choose({ engine: 'auto' }, 11, [STOCK]);
    expect({ name, level }).to.deep.equal({ name: 'undici', level: 'warning' });
    expect(text).to.match(/\/bin\/k6: it has no faultline extension, .* Run: faultline k6 build \(it needs Go/);
  });

  it('takes a k6 without the extension for fresh connections only', async () => {
    const words = 'load by k6 2.2.0 (/bin/k6) without the extension: the scenario asks for it';
    expect((await choose({ engine: 'k6', connections: 'fresh' }, 1, [STOCK])).text).to.equal(words);
    expect((await choose({ engine: 'auto', connections: 'fresh' }, 6, [STOCK])).name).to.equal('k6');
    expect((await choose({ engine: 'k6', connections: 'fresh' }, 1, [STOCK, USABLE])).text).to.contain('/opt/k6');
    const refusal = await choose({ engine: 'k6' }, 1, [STOCK]).catch((error: Error) => error);
    expect((refusal as Error).message).to.contain('hides errors on kept connections');
  });

  it('runs a script with any k6, and leaves pods to the load cluster', async () => {
    const scripted = { engine: 'k6', connections: 'fresh', script: 'my.ts' } as const;
    expect((await choose(scripted, 1, [STOCK, USABLE])).text).to.contain('(/bin/k6) with the script my.ts');
    expect((await choose({ engine: 'k6-operator', connections: 'fresh' }, 1, [])).name).to.equal('k6-operator');
    const pods = { engine: 'k6-operator', connections: 'fresh' } as const;
    expect((await choose(pods, 1, [])).text).to.equal(
      'load by k6 from pods of the load cluster: the scenario asks for it',
    );
    const refusal = await choose(pods, 1, [], TARGET).catch((error: Error) => error);
    expect(refusal).to.include({ code: 'LOAD' });
    expect((refusal as Error).message).to.contain('target t has no loadCluster');
  });

  it('says nothing of the default, also where it is named, and refuses what is no engine', async () => {
    expect(await choose({ engine: 'undici' }, 1, [])).to.include({ name: 'undici', text: undefined });
    const refusal = await choose({ engine: 'wrk' }, 1, []).catch((error: Error) => error);
    expect(refusal).to.include({ code: 'LOAD', message: 'There is no load engine wrk.' });
  });

  it('takes k6 when it is asked for, or refuses', async () => {
    expect((await choose({ engine: 'k6' }, 1, [USABLE])).text).to.equal(
      'load by k6 2.2.0 (/opt/k6): the scenario asks for it',
    );
    const refusal = await choose({ engine: 'k6' }, 1, []).catch((error: Error) => error);
    expect(refusal).to.include({ code: 'LOAD' });
    expect((refusal as FaultlineError).hint).to.match(/faultline k6 build .*Go.* install k6 2/);
    expect((refusal as Error).message).to.contain('no k6 was found');
  });
});
