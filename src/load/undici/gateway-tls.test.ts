import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { PathTls, TlsMaterial } from '../../model/target.ts';
import { authority } from '../testing/authority.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { wordsIn } from '../testing/record-reader.ts';
import { runLoad } from '../testing/run-load.ts';
import { listen, type TestServer } from '../testing/test-server.ts';

const HOST = 'shop.example.com';

describe('load/undici: TLS as the targets file says', () => {
  const [own, stranger] = [authority('own'), authority('stranger')];
  const servers: TestServer[] = [];
  const seen: unknown[] = [];
  beforeEach(() => seen.splice(0));
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  async function serve(options: https.ServerOptions): Promise<number> {
    const server = https.createServer(options, ({ socket }, response) => {
      if (socket instanceof TLSSocket) seen.push([socket.servername, socket.getPeerCertificate().subject?.CN]);
      response.end(CHAIN);
    });
    const target = await listen(server);
    servers.push(target);
    return target.port;
  }

  async function send(port: number, material: TlsMaterial, tls: PathTls = {}, host = HOST) {
    const path = { ...pathTo(port, 'a', 'https'), tls };
    const load = { ...loadOf({ timeoutMs: 3000, connections: 'fresh' }, { host }), tls: { [path.id]: material } };
    const outcome = await runLoad(load, [path]);
    const outcomes = new Set(outcome.records.map(({ ended: how, error }) => error ?? how));
    return { outcomes: [...outcomes], words: wordsIn(outcome) };
  }

  it('trusts the authority of the target and no other', async () => {
    const port = await serve(own.issue(HOST));
    expect(await send(port, { ca: own.cert })).to.deep.include({ outcomes: ['response'] });
    const wrong = await send(port, { ca: stranger.cert });
    expect(wrong.outcomes).to.deep.equal(['tls']);
    expect(wrong.words).to.deep.equal(['unable to verify the first certificate (UNABLE_TO_VERIFY_LEAF_SIGNATURE)']);
    const system = await send(port, {});
    expect(system.outcomes).to.deep.equal(['tls']);
  });

  it('tells a certificate that has expired', async () => {
    const port = await serve(own.issueExpired(HOST));
    expect(await send(port, { ca: own.cert })).to.deep.equal({
      outcomes: ['tls'],
      words: ['certificate has expired (CERT_HAS_EXPIRED)'],
    });
  });

  it('asks for the server name of the target, and checks that one', async () => {
    const port = await serve(own.issue('gateway.internal'));
    const named = await send(port, { ca: own.cert }, { serverName: 'gateway.internal' });
    expect(named.outcomes).to.deep.equal(['response']);
    expect(seen[0]).to.deep.equal(['gateway.internal', undefined]);
    const unnamed = await send(port, { ca: own.cert });
    expect(unnamed.outcomes).to.deep.equal(['tls']);
    expect(unnamed.words.join()).to.contain(`Host: ${HOST}. is not in the cert's altnames: DNS:gateway.internal`);
  });

  it('shows its own certificate where one is asked for, and tells why it is refused without', async () => {
    const port = await serve({ ...own.issue(HOST), ca: own.cert, requestCert: true });
    const shown = await send(port, { ca: own.cert, client: own.issue('client.example') });
    expect(shown.outcomes).to.deep.equal(['response']);
    expect(seen[0]).to.deep.equal([HOST, 'client.example']);
    const without = await send(port, { ca: own.cert });
    expect(without.outcomes).to.deep.equal(['tls']);
    expect(without.words.join()).to.contain('certificate required');
    const wrong = await send(port, { ca: own.cert, client: stranger.issue('client.example') });
    expect(wrong.outcomes).to.not.include('response');
  });
});
