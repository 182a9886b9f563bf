import http from 'node:http';
import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { SentLoad } from '../../model/ports.ts';
import { CERTIFICATE as CERT, KEY } from '../testing/certificate.ts';
import { CHAIN, loadOf, pathTo } from '../testing/load-fixture.ts';
import { wordsIn } from '../testing/record-reader.ts';
import { runLoad } from '../testing/run-load.ts';
import { listen, type TestServer } from '../testing/test-server.ts';

describe('load/undici: TLS', () => {
  const names: unknown[] = [];
  let target: TestServer;
  before(async () => {
    const server = https.createServer({ key: KEY, cert: CERT }, (req, res) => {
      names.push([req.headers.host, req.socket instanceof TLSSocket && req.socket.servername]);
      res.end(CHAIN);
    });
    target = await listen(server);
  });
  beforeEach(() => names.splice(0));
  after(() => target.close());

  const path = () => pathTo(target.port, 'a', 'https');
  const named = (host: string): SentLoad => loadOf({ timeoutMs: 3000, connections: 'fresh' }, { host });
  const trusting = (load: SentLoad): SentLoad => ({ ...load, tls: { [path().id]: { ca: CERT } } });

  it('shows and checks the name of the host, whatever the address is', async () => {
    const { records } = await runLoad(trusting(named('mock.asm-demo.work')), [path()]);
    expect(records.every((r) => r.ended === 'response' && r.fresh)).to.equal(true);
    expect(names).to.have.length(records.length);
    for (const one of names) expect(one).to.deep.equal(['mock.asm-demo.work', 'mock.asm-demo.work']);
  });

  it('shows the name without the port that the Host header may have', async () => {
    await runLoad(trusting(named('mock.asm-demo.work:8443')), [path()]);
    for (const one of names) expect(one).to.deep.equal(['mock.asm-demo.work:8443', 'mock.asm-demo.work']);
    expect(names).not.to.have.length(0);
  });

  it('accepts no certificate of another name, and none of an unknown authority', async () => {
    const outcomes = await Promise.all([
      runLoad(trusting(named('other.example')), [path()]),
      runLoad(trusting(loadOf({ timeoutMs: 3000 })), [path()]),
      runLoad(named('mock.asm-demo.work'), [path()]),
    ]);
    for (const { records } of outcomes) {
      expect(records).not.to.have.length(0);
      for (const r of records) expect(r).to.include({ ended: 'error', error: 'tls' });
    }
    const altnames = "Hostname/IP does not match certificate's altnames";
    expect(outcomes.map(wordsIn)).to.deep.equal([
      [
        `${altnames}: Host: other.example. is not in the cert's altnames: DNS:mock.asm-demo.work (ERR_TLS_CERT_ALTNAME_INVALID)`,
      ],
      [`${altnames}: IP: 127.0.0.1 is not in the cert's list: (ERR_TLS_CERT_ALTNAME_INVALID)`],
      ['self-signed certificate (DEPTH_ZERO_SELF_SIGNED_CERT)'],
    ]);
    expect(names).to.deep.equal([]);
  });

  it('tells TLS spoken to a server that has none', async () => {
    const plain = await listen(http.createServer());
    try {
      const outcome = await runLoad(loadOf(), [pathTo(plain.port, 'a', 'https')]);
      for (const r of outcome.records) expect(r).to.include({ ended: 'error', error: 'tls' });
      expect(wordsIn(outcome)).to.deep.equal(['wrong version number (ERR_SSL_WRONG_VERSION_NUMBER)']);
    } finally {
      await plain.close();
    }
  });
});
