import { HttpMethod, KubeConfig, RequestContext } from '@kubernetes/client-node';
import { expect } from 'chai';
import { Connections, type Reuse } from './connections.ts';

type Dispatcher = NonNullable<ReturnType<RequestContext['getDispatcher']>> & { readonly closed: boolean };

/** Connections of a client to a server that nobody calls: only which dispatcher a request gets is looked at. */
class Bench {
  readonly config = new KubeConfig();
  readonly connections: Connections;

  constructor(caData = '') {
    this.load(caData);
    this.connections = new Connections(this.config);
  }

  load(caData: string): void {
    const own = caData === '' ? {} : { caData };
    this.config.loadFromClusterAndUser(
      { name: 'c', server: 'https://1.2.3.4', skipTLSVerify: false, ...own },
      { name: 'u', token: 't' },
    );
  }

  async open(reuse: Reuse): Promise<{ dispatcher: Dispatcher; over(answered: boolean): void }> {
    const context = new RequestContext('https://1.2.3.4/', HttpMethod.GET);
    const way = await this.connections.open(context, reuse);
    return { dispatcher: context.getDispatcher() as Dispatcher, over: (answered) => way.over(answered) };
  }
}

describe('bundles of connections', () => {
  it('are one for all reads, while they go on and between them', async () => {
    const bench = new Bench();
    const [one, two] = [await bench.open('kept'), await bench.open('kept')];
    one.over(true);
    two.over(true);
    const three = await bench.open('kept');
    expect(two.dispatcher).to.equal(one.dispatcher);
    expect(three.dispatcher).to.equal(one.dispatcher);
    expect(three.dispatcher.closed).to.equal(false);
  });

  it('are another for each write, open while it goes on and closed after it', async () => {
    const bench = new Bench();
    const kept = await bench.open('kept');
    const [one, two] = [await bench.open('own'), await bench.open('own')];
    expect(new Set([kept.dispatcher, one.dispatcher, two.dispatcher]).size).to.equal(3);
    expect([one.dispatcher.closed, two.dispatcher.closed]).to.deep.equal([false, false]);
    one.over(true);
    expect([one.dispatcher.closed, two.dispatcher.closed, kept.dispatcher.closed]).to.deep.equal([true, false, false]);
    two.over(false);
    expect([two.dispatcher.closed, kept.dispatcher.closed]).to.deep.equal([true, false]);
    expect((await bench.open('kept')).dispatcher).to.equal(kept.dispatcher);
  });

  it('of reads are left when one has no answer, and closed when the last of them is over', async () => {
    const bench = new Bench();
    const [one, two] = [await bench.open('kept'), await bench.open('kept')];
    one.over(false);
    const three = await bench.open('kept');
    expect(three.dispatcher).to.not.equal(one.dispatcher);
    expect(two.dispatcher.closed).to.equal(false);
    two.over(false);
    expect(two.dispatcher.closed).to.equal(true);
    expect((await bench.open('kept')).dispatcher, 'those that came after are not left for it').to.equal(
      three.dispatcher,
    );
  });

  it('of reads are left when they would be made in another way, and closed when nobody uses them', async () => {
    const bench = new Bench('AAAA');
    const [one, two] = [await bench.open('kept'), await bench.open('kept')];
    one.over(true);
    bench.load('BBBB');
    const other = await bench.open('kept');
    expect(other.dispatcher).to.not.equal(one.dispatcher);
    expect(two.dispatcher.closed).to.equal(false);
    two.over(true);
    expect(two.dispatcher.closed).to.equal(true);
    expect((await bench.open('kept')).dispatcher).to.equal(other.dispatcher);
  });

  it('are none where the client would connect as it does by itself', async () => {
    const bench = new Bench();
    bench.config.applySecurityAuthentication = async () => {};
    const { dispatcher, over } = await bench.open('kept');
    expect(dispatcher).to.equal(undefined);
    over(false);
  });
});
