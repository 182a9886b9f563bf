import http from 'node:http';
import https from 'node:https';
import { expect } from 'chai';
import { authority } from '../../load/testing/authority.ts';
import { listen, type TestServer } from '../../load/testing/test-server.ts';
import { FaultlineError } from '../../model/errors.ts';
import type { GatewayTls, TargetGateway, TlsMaterial } from '../../model/target.ts';
import { checkGateway } from './check-gateway.ts';

describe('what doctor says of a gateway', () => {
  const own = authority('own');
  let server: TestServer;
  before(async () => {
    server = await listen(https.createServer(own.issue('shop.example.com')));
  });
  after(() => server.close());

  const there = async (address: TargetGateway['address']) =>
    address.kind === 'url' ? address : { protocol: address.protocol, host: '127.0.0.1', port: server.port };

  const check = async (tls: GatewayTls, material?: TlsMaterial, port = server.port) => {
    const address = { kind: 'url', protocol: 'https', host: '127.0.0.1', port } as const;
    const { ok, detail } = await checkGateway('gateway', { zone: 'a', address, tls }, material, there);
    return [ok, detail.replace(`127.0.0.1:${port}`, 'HOST')];
  };
  const named = { serverName: 'shop.example.com' };

  it('is whether it speaks TLS as the targets file says', async () => {
    expect(await check(named, { ca: own.cert })).to.deep.equal([
      true,
      'HOST accepts connections and speaks TLS as shop.example.com',
    ]);
    expect(await check(named, { ca: authority('other').cert })).to.deep.equal([
      false,
      'HOST: unable to verify the first certificate',
    ]);
    const [ok, detail] = await check({ serverName: 'other.example' }, { ca: own.cert });
    expect(ok).to.equal(false);
    expect(detail).to.contain("is not in the cert's altnames");
    expect((await check({ ...named, insecure: true }))[0]).to.equal(true);
  });

  it('names the field of the targets file that mends it', async () => {
    const address = { kind: 'url', protocol: 'https', host: '127.0.0.1', port: server.port } as const;
    const fixOf = async (serverName: string, ca: string) =>
      (await checkGateway('gateway', { zone: 'a', address, tls: { serverName } }, { ca }, there)).fix;
    expect(await fixOf('shop.example.com', authority('other').cert)).to.contain('tls: {ca: ');
    expect(await fixOf('other.example', own.cert)).to.contain('tls: {serverName: ');
    const gone = { ...address, port: 1 };
    const { fix } = await checkGateway('gateway', { zone: 'a', address: gone, tls: named }, undefined, there);
    expect(fix).to.contain('address, port');
  });

  it('says in one line what is wrong, without the places in the sources of OpenSSL', async () => {
    const plain = await listen(http.createServer());
    const [ok, detail] = await check(named, undefined, plain.port);
    await plain.close();
    expect([ok, detail]).to.deep.equal([false, 'HOST: wrong version number']);
  });

  it('is asked at the address that its Service has, and is missing where it has none', async () => {
    const address = {
      kind: 'service',
      namespace: 'istio-system',
      name: 'ingress',
      protocol: 'http',
      port: 80,
    } as const;
    const gateway = { zone: 'a', address };
    const found = await checkGateway('gateway', gateway, undefined, there);
    expect(found.detail).to.equal(`127.0.0.1:${server.port} accepts connections`);
    const none = new FaultlineError('TARGET_UNREACHABLE', 'it has no load balancer address', { hint: 'kubectl get' });
    const missing = await checkGateway('gateway', gateway, undefined, () => Promise.reject(none));
    expect(missing).to.deep.equal({
      what: 'gateway',
      ok: false,
      detail: 'it has no load balancer address',
      fix: 'kubectl get',
    });
  });

  it('is no more than that it is there, where nobody says its name', async () => {
    const [ok, detail] = await check({});
    expect(ok).to.equal(true);
    expect(detail).to.contain('only where tls.serverName is written');
    expect((await check(named, { ca: own.cert }, 1))[0]).to.equal(false);
  });
});
