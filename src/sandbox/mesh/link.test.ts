import type { Server, ServerResponse } from 'node:http';
import { expect } from 'chai';
import type { Random } from '../../model/ports.ts';
import type { RegionLink } from '../../topologies/index.ts';
import { createSignal } from '../api/signal.ts';
import { type AddressPlan, claimAddresses } from '../nodes/addresses.ts';
import type { Network } from '../nodes/network.ts';
import { type Fate, SPARED } from '../nodes/packet-filter.ts';
import { type HttpRequest, PEER_HEADER } from '../programs/http.ts';
import { meshServer } from '../programs/http-server.ts';
import { ManualClock } from '../testing/manual-clock.ts';
import { until } from '../testing/until.ts';
import { Link } from './link.ts';

const REQUEST: HttpRequest = { method: 'GET', path: '/', host: 'mockb:8000', headers: {} };
const PATIENT = new AbortController().signal;

type Far = { readonly far?: RegionLink; readonly random?: Random };

describe('link', () => {
  let addresses: AddressPlan;
  let server: Server;
  let open = true;
  let peers: (string | string[] | undefined)[] = [];
  let hanging: ServerResponse[] = [];
  const changed = createSignal();
  let waitMs = 0;
  let fates: Fate[] = [];
  const network: Network = {
    changed,
    peer: (ip) => ({ ip }),
    allows: () => open,
    fate: (_from, _to, _port, luck) => (luck === SPARED ? undefined : fates.shift()) ?? (open ? 'carried' : 'dropped'),
    waitMs: () => waitMs,
    close: () => {},
  };
  const links: Link[] = [];

  beforeEach(async () => {
    open = true;
    waitMs = 0;
    fates = [];
    peers = [];
    hanging = [];
    addresses = await claimAddresses('single');
    server = meshServer((request, response) => {
      peers.push(request.headers[PEER_HEADER]);
      if (request.url === '/die') request.socket.destroy();
      else if (request.url === '/hang') hanging.push(response);
      else response.setHeader('x-served-by', 'us').end('hello');
    });
    await addresses.listen(server, '10.0.0.1', 8000);
  });

  afterEach(() => {
    for (const link of links.splice(0)) link.destroy();
    server.close();
    server.closeAllConnections();
  });

  function newLink(clock = new ManualClock(), { far, random = Math.random }: Far = {}): Link {
    const legs = [{ fromIp: '10.0.0.9', toIp: '10.0.0.1', port: 8000 }] as const;
    const link = new Link({ legs, connectTimeoutMs: 10_000, addresses, network, clock, random, far });
    links.push(link);
    return link;
  }

  const block = (blocked: boolean) => {
    open = !blocked;
    changed.fire();
  };

  it('brings a real answer back and says who asks', async () => {
    const sent = await newLink().send(REQUEST, PATIENT);
    expect(sent.outcome).to.deep.equal({ kind: 'response', status: 200 });
    expect(sent.response).to.deep.include({ body: 'hello', headers: { 'x-served-by': 'us' } });
    expect(peers).to.deep.equal(['10.0.0.9']);
  });

  it('tells a refused connection from one that breaks and from a caller that leaves', async () => {
    const link = newLink();
    expect((await link.send({ ...REQUEST, path: '/die' }, PATIENT)).outcome.kind).to.equal('reset');
    const leaving = new AbortController();
    const waiting = link.send({ ...REQUEST, path: '/hang' }, leaving.signal);
    await until('the request to arrive', () => hanging.length === 1);
    leaving.abort();
    expect((await waiting).outcome.kind).to.equal('abandoned');
    await until('the connection to break', () => hanging[0]?.destroyed === true);
    const kept = newLink();
    await kept.send(REQUEST, PATIENT);
    server.close();
    server.closeAllConnections();
    await until(
      'the port to close',
      async () => (await kept.send(REQUEST, PATIENT)).outcome.kind === 'connect-refused',
    );
  });

  it('lets requests on kept connections hang in a blackhole and fails those that need a new one', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    block(true);
    const results: string[] = [];
    const watch = (name: string, sent: ReturnType<Link['send']>) =>
      void sent.then(({ outcome }) => results.push(`${name} ${outcome.kind}`));
    watch('kept', link.send(REQUEST, PATIENT));
    watch('new', link.send(REQUEST, PATIENT));
    await clock.advance(9000);
    watch('late', link.send(REQUEST, PATIENT));
    await clock.advance(999);
    expect(results).to.deep.equal([]);
    await clock.advance(1);
    expect(results).to.deep.equal(['new connect-timeout', 'late connect-timeout']);
    await clock.advance(1_000_000);
    expect(results).to.have.length(2);
  });

  it('ends a call that hung when the kernel sends it again after the network is back: no sooner, and well', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    block(true);
    let ended = 0;
    const hung = link.send(REQUEST, PATIENT).then(({ outcome }) => {
      ended = clock.now() / 1000 - 1;
      return outcome;
    });
    await clock.advance(12_000);
    block(false);
    await clock.advance(599);
    expect(ended).to.equal(0);
    await clock.advance(1);
    expect(await hung).to.deep.equal({ kind: 'response', status: 200 });
    // 0.2 + 0.4 + 0.8 + 1.6 + 3.2 + 6.4 s after it was sent first.
    expect(ended).to.equal(12_600);
    expect(peers, 'it was sent once').to.have.length(2);
  });

  it('sends nothing again for a caller that has gone', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    block(true);
    const leaving = new AbortController();
    const hung = link.send(REQUEST, leaving.signal);
    await clock.advance(2_000);
    leaving.abort();
    expect((await hung).outcome.kind).to.equal('abandoned');
    block(false);
    await clock.advance(60_000);
    expect(peers).to.have.length(1);
  });

  it('ends what hangs, and what is connecting, when the calling pod is gone', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    block(true);
    const calls = [link.send(REQUEST, PATIENT), link.send(REQUEST, PATIENT)];
    await clock.advance(2_000);
    link.destroy();
    const ended = await Promise.all(calls);
    expect(ended.map(({ outcome }) => outcome.kind)).to.deep.equal(['abandoned', 'connect-timeout']);
  });

  it('holds an answer that is on its way when the network begins to drop', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    let settled = false;
    const sent = link.send({ ...REQUEST, path: '/hang' }, PATIENT).then(({ outcome }) => {
      settled = true;
      return outcome;
    });
    await until('the request to arrive', () => hanging.length === 1);
    block(true);
    hanging[0]?.end('too late');
    await until('the answer to leave', () => hanging[0]?.writableFinished === true);
    await clock.advance(1000);
    expect(settled).to.equal(false);
    block(false);
    await clock.advance(1000);
    expect(await sent, 'the answer is sent again').to.deep.equal({ kind: 'response', status: 200 });
  });

  it('goes on connecting when its caller has gone, so that a later caller fails with that attempt', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    block(true);
    const gone = new AbortController();
    void link.send(REQUEST, gone.signal);
    await clock.advance(2000);
    gone.abort();
    await clock.advance(7000);
    const later = link.send(REQUEST, PATIENT);
    await clock.advance(1000);
    expect((await later).outcome.kind).to.equal('connect-timeout');
  });

  it('connects when the kernel asks again after the network lets it', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    block(true);
    const waiting = link.send(REQUEST, PATIENT);
    await clock.advance(2500);
    block(false);
    await clock.advance(500);
    expect((await waiting).outcome).to.deep.equal({ kind: 'response', status: 200 });
    await clock.advance(20_000);
    expect((await link.send(REQUEST, PATIENT)).outcome.kind).to.equal('response');
  });

  it('sends again what was lost by chance, and keeps the connection', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    fates = ['dropped', 'dropped', 'carried'];
    let outcome = '';
    void link.send(REQUEST, PATIENT).then((sent) => {
      outcome = sent.outcome.kind;
    });
    await clock.advance(200);
    expect(outcome).to.equal('');
    await clock.advance(400);
    await until('the answer', () => outcome === 'response');
    await clock.advance(1);
    fates = ['dropped', 'carried'];
    let again = '';
    void link.send(REQUEST, PATIENT).then((sent) => {
      again = sent.outcome.kind;
    });
    await clock.advance(200);
    await until('the next answer: the connection is still good, and needs no second to come up', () => again !== '');
    expect(again).to.equal('response');
  });

  it('breaks a kept connection that is refused, and lets no new one come up', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    fates = ['refused', 'refused'];
    expect((await link.send(REQUEST, PATIENT)).outcome.kind).to.equal('reset');
    expect((await link.send(REQUEST, PATIENT)).outcome.kind).to.equal('connect-refused');
    expect((await link.send(REQUEST, PATIENT)).outcome.kind).to.equal('response');
  });

  it('lets a call wait in queues, and one that has to connect first twice as long', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    waitMs = 300;
    const ended: number[] = [];
    const timed = () => void link.send(REQUEST, PATIENT).then(() => ended.push(clock.now() / 1000));
    timed();
    await clock.advance(599);
    expect(peers).to.have.length(0);
    await clock.advance(1);
    await until('the first answer', () => ended.length === 1);
    timed();
    await clock.advance(299);
    expect(peers).to.have.length(1);
    await clock.advance(1);
    await until('the second answer', () => ended.length === 2);
  });

  /** When calls made one after the other had their answers, each counted from its beginning; `lost` says of each packet whether it is. */
  async function timesOver(far: RegionLink, calls: number, lost: readonly boolean[] = []): Promise<number[]> {
    const clock = new ManualClock();
    const luck = [...lost];
    const link = newLink(clock, { far, random: () => (luck.shift() === true ? 0 : 1) });
    const times: number[] = [];
    for (let call = 0; call < calls; call += 1) {
      const from = clock.now();
      let isOver = false;
      void link.send(REQUEST, PATIENT).then(() => {
        isOver = true;
      });
      await until('the answer', async () => {
        const before = peers.length;
        await clock.advance(100);
        await until('who got it to answer', () => peers.length === before || isOver);
        return isOver;
      });
      times.push((clock.now() - from) / 1000);
    }
    return times;
  }

  it('needs a round trip to another region for each call, and one more to connect', async () => {
    expect(await timesOver({ roundTripMs: 100, loss: 0 }, 2)).to.deep.equal([200, 100]);
  });

  it('sends nothing there for a pod that has gone meanwhile', async () => {
    const clock = new ManualClock();
    const link = newLink(clock, { far: { roundTripMs: 100, loss: 0 } });
    const sent = link.send(REQUEST, PATIENT);
    link.destroy();
    await clock.advance(200);
    expect((await sent).outcome.kind).to.equal('abandoned');
    expect(peers).to.deep.equal([]);
  });

  it('loses packets on the way there, in both directions, and sends them again a round trip and 0.2 s later', async () => {
    const far = { roundTripMs: 100, loss: 0.5 };
    const spared = [false, false];
    expect(await timesOver(far, 2, [...spared, true, ...spared])).to.deep.equal([200, 400]);
    expect(await timesOver(far, 2, [...spared, false, true, ...spared])).to.deep.equal([200, 400]);
    expect(await timesOver(far, 1, [true, ...spared])).to.deep.equal([1200]);
  });

  it('has a kept connection at once, and waits for an answer that is late; a new one that is later than its limit fails', async () => {
    const clock = new ManualClock();
    const link = newLink(clock);
    await link.send(REQUEST, PATIENT);
    await clock.advance(1);
    waitMs = 10_001;
    let connected = 0;
    let ended = '';
    const kept = link.send(REQUEST, PATIENT, () => {
      connected += 1;
    });
    void kept.then(({ outcome }) => {
      ended = outcome.kind;
    });
    expect(connected, 'its answer is late, not its connection').to.equal(1);
    const fresh = newLink(clock).send(REQUEST, PATIENT);
    await clock.advance(10_000);
    expect((await fresh).outcome.kind).to.equal('connect-timeout');
    expect(ended).to.equal('');
    await clock.advance(1);
    expect((await kept).outcome.kind).to.equal('response');
  });
});
