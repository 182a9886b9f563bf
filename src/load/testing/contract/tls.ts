import https from 'node:https';
import { TLSSocket } from 'node:tls';
import { expect } from 'chai';
import type { PathTls, TlsMaterial } from '../../../model/target.ts';
import { authority } from '../authority.ts';
import { CHAIN, loadOf, pathTo } from '../load-fixture.ts';
import { listen, type TestServer } from '../test-server.ts';
import { outcomesOf, type Subject, sender } from './subject.ts';

const HOST = 'shop.example.com';

/** TLS to gateways. */
export function tlsContract(subject: Subject): void {
  const run = sender(subject);

  describe('TLS as the targets file says', () => {
    const [own, other] = [authority('own'), authority('other')];
    const servers: TestServer[] = [];
    const seen = new Set<string>();
    beforeEach(() => seen.clear());
    afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

    async function serve(options: https.ServerOptions): Promise<number> {
      const server = https.createServer(options, ({ socket }, response) => {
        if (socket instanceof TLSSocket) seen.add(`${socket.servername} ${socket.getPeerCertificate().subject?.CN}`);
        response.end(CHAIN);
      });
      const target = await listen(server);
      servers.push(target);
      return target.port;
    }

    type Gateway = { port: number; material?: TlsMaterial; tls?: PathTls };
    async function outcomes(gateways: readonly Gateway[]): Promise<string[][]> {
      const paths = gateways.map(({ port, tls = {} }, index) => {
        const zone = `z${index}`;
        return { ...pathTo(port, zone, 'https'), tls, id: `entry${index}@t/${zone}` };
      });
      const tls = Object.fromEntries(paths.map(({ id }, index) => [id, gateways[index]?.material ?? {}]));
      return Object.values(outcomesOf(await run({ ...loadOf({ timeoutMs: 3000 }, { host: HOST }), tls }, paths)));
    }

    it('trusts the authority of the target, shows its certificate, and asks for its name', async () => {
      const requiring = { ca: own.cert, requestCert: true };
      const port = await serve({ ...own.issue('gateway.internal'), ...requiring });
      const material = { ca: own.cert, client: own.issue('the drill') };
      const tls = { serverName: 'gateway.internal' };
      expect(await outcomes([{ port, material, tls }])).to.deep.equal([['response 200']]);
      expect([...seen]).to.deep.equal(['gateway.internal the drill']);
      expect(await outcomes([{ port, material }])).to.deep.equal([['tls']]);
      expect(await outcomes([{ port, material: { ca: own.cert }, tls }])).to.deep.equal([['tls']]);
    });

    it('checks nothing where the target says insecure, by that alone', async () => {
      const port = await serve(other.issueExpired('elsewhere.example'));
      expect(await outcomes([{ port, tls: { insecure: true } }])).to.deep.equal([['response 200']]);
      expect(await outcomes([{ port }])).to.deep.equal([['tls']]);
    });

    if (subject.tlsByGateway) {
      it('keeps gateways apart', async () => {
        const [a, b] = [await serve(own.issue(HOST)), await serve(other.issue(HOST))];
        const [ofA, ofB] = [{ ca: own.cert }, { ca: other.cert }];
        const gateways = [
          { port: a, material: ofA },
          { port: b, material: ofB },
          { port: b, material: ofA },
          { port: b, material: ofA, tls: { insecure: true } as const },
        ];
        expect(await outcomes(gateways)).to.deep.equal([['response 200'], ['response 200'], ['tls'], ['response 200']]);
      });
    }
  });
}
