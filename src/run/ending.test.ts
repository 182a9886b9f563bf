import { expect } from 'chai';
import { notingCluster } from '../faults/testing/noting-cluster.ts';
import { namesOf } from '../model/cluster-roles.ts';
import type { Cluster } from '../model/ports.ts';
import { endingCluster } from './ending.ts';
import { alteredCluster } from './testing/altered-cluster.ts';

const READS = [...namesOf('read'), ...namesOf('permit')];
const WRITES = namesOf('write');
const REFUSAL = 'FaultlineError: nothing more is asked: it is over';

/** A cluster until its end. */
function stand(change: Partial<Cluster> = {}) {
  const noting = notingCluster();
  const end = new AbortController();
  return { ...noting, end, ending: endingCluster(alteredCluster(noting.cluster, change), end.signal) };
}

const failureOf = async (asked: Promise<unknown>) => String(await asked.catch((error: unknown) => error));

describe('a cluster until its end', () => {
  for (const name of [...READS, ...WRITES]) {
    it(`answers to ${name} before it, and is asked for nothing after it`, async () => {
      const { ending, end, reached, ask } = stand();
      expect(await ask(ending, name)).to.equal(`answer to ${name}`);
      end.abort('it is over');
      expect(await failureOf(ask(ending, name))).to.equal(REFUSAL);
      expect(reached).to.have.length(1);
    });
  }

  for (const name of READS) {
    it(`keeps nobody waiting for the answer to ${name}`, async () => {
      const { ending, end, ask } = stand({ [name]: () => new Promise(() => {}) });
      const asked = failureOf(ask(ending, name));
      end.abort('it is over');
      expect(await asked).to.equal(REFUSAL);
    });
  }

  for (const name of WRITES) {
    it(`tells what became of a ${name} that is on its way`, async () => {
      const answer = Promise.withResolvers<string>();
      const { ending, end, ask } = stand({ [name]: () => answer.promise });
      const asked = ask(ending, name);
      end.abort('it is over');
      answer.resolve('done');
      expect(await asked).to.equal('done');
    });
  }

  for (const name of namesOf('lasting')) {
    it(`ends what ${name} has begun, and lets nothing begin by it`, async () => {
      const { ending, end, reached, ask } = stand();
      const { signal } = new AbortController();
      // Whichever of its arguments is the signal.
      const args = Array.from({ length: 5 }, () => signal);
      const signals = () => reached.map((one) => (one.args as AbortSignal[]).some(({ aborted }) => aborted));
      await ask(ending, name, ...args);
      expect(signals()).to.deep.equal([false]);
      end.abort('it is over');
      await ask(ending, name, ...args);
      expect(signals()).to.not.include(false);
    });
  }

  it('asks the admin port of a proxy for nothing after it', async () => {
    const asked: string[] = [];
    const proxyAdmin: Cluster['proxyAdmin'] = () => ({ get: async (path) => `${asked.push(path)}` });
    const { ending, end } = stand({ proxyAdmin });
    const where = { namespace: 'default', pod: 'one' };
    const admin = ending.proxyAdmin(where, new AbortController().signal);
    await admin.get('/clusters');
    end.abort('it is over');
    expect(await failureOf(admin.get('/clusters'))).to.equal(REFUSAL);
    expect(asked).to.deep.equal(['/clusters']);
  });
});
