import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { expect } from 'chai';
import { authority } from '../load/testing/authority.ts';
import type { RunResult } from '../model/result.ts';
import { longDrill } from './testing/drill.ts';
import { type JsonApi, jsonApi } from './testing/json-api.ts';
import { faultline, type LiveSandbox, liveSandbox, settings } from './testing/live-sandbox.ts';

const EXAMPLE = resolve('scenarios/examples/json-api.yaml');
const TOKEN = 't0ken-of-the-shop';
const HOST = 'shop.example.com';

/** Text of every file below a folder. */
function everything(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('\n');
}

describe('an ordinary service: scenarios/examples/json-api.yaml', function () {
  this.timeout(180_000);
  const own = authority('the shop');
  const apis: JsonApi[] = [];
  let live: LiveSandbox;
  let folder: string;

  before(async () => {
    live = await liveSandbox();
    folder = dirname(live.targets);
    writeFileSync(join(folder, 'ca.pem'), own.cert);
    writeFileSync(join(folder, 'other.pem'), authority('somebody else').cert);
    const client = own.issue('the drill');
    writeFileSync(join(folder, 'client.pem'), client.cert);
    const secure = { ...own.issue(HOST), ca: own.cert, requestCert: true, rejectUnauthorized: false };
    const text = readFileSync(live.targets, 'utf8');
    const gateways = [...text.matchAll(/address: "?([\d.]+):(\d+)/g)];
    for (const [, host = '', port = ''] of gateways)
      apis.push(await jsonApi(secure, TOKEN, { host, port: Number(port) }));
    process.env.SHOP_TOKEN = TOKEN;
    process.env.SHOP_CLIENT_KEY = client.key;
  });
  after(async () => {
    delete process.env.SHOP_TOKEN;
    delete process.env.SHOP_CLIENT_KEY;
    await Promise.all(apis.map((api) => api.close()));
    await live.close();
  });

  /** The targets file with the API in front of each gateway, and this about TLS. */
  function targetsWith(tls: string): string {
    let next = 0;
    const file = join(folder, 'shop.yaml');
    const text = readFileSync(live.targets, 'utf8')
      .replace(/address: .*$/gm, () => `address: "https://127.0.0.1:${apis[next++]?.port}"`)
      .replace(/^( +)(region: .*)$/gm, `$1$2\n$1tls: ${tls}`);
    writeFileSync(file, text);
    return file;
  }

  async function drill(tls: string, ...set: string[]) {
    const run = await faultline(
      'run',
      EXAMPLE,
      '--yes',
      '--out',
      live.out,
      '--target',
      targetsWith(tls),
      ...settings(set),
    );
    const latest = join(live.out, 'latest');
    const result = JSON.parse(readFileSync(join(latest, 'result.json'), 'utf8')) as RunResult;
    return { ...run, result, summary: readFileSync(join(latest, 'summary.md'), 'utf8') };
  }

  /** For a machine that many specs share. */
  const UNHURRIED = [
    'spec.load.rate=4/s',
    'spec.load.timeout=8s',
    'spec.load.good.latency=6s',
    'spec.phases.baseline=8s',
  ];
  const BRIEF = ['spec.phases.baseline=3s', 'spec.phases.hold=2s', 'spec.phases.recover=1s'];
  const causes = ({ budget }: RunResult) => new Set(budget.groups.map(({ cause, text }) => `${cause}: ${text}`));

  longDrill('passes, and posts what the scenario says', async () => {
    const tls = '{ca: ./ca.pem, cert: ./client.pem, key: {env: SHOP_CLIENT_KEY}}';
    const { code, result, stdout, stderr } = await drill(tls, ...UNHURRIED);
    // A machine that is too busy to send on time makes the load doubtful, which says nothing of what is tried here.
    const others = result.findings.filter(
      ({ objective, verdict }) => objective !== 'loadQuality' && verdict !== 'pass',
    );
    expect(
      others.map(({ id }) => id),
      stdout,
    ).to.deep.equal([]);
    expect(code, stdout).to.equal(result.verdict === 'pass' ? 0 : 6);
    const posted = new Set(apis.flatMap(({ orders }) => [...orders]));
    expect([...posted]).to.deep.equal(['application/json {"sku":4711,"items":[{"name":"tea","count":2}]}']);
    expect(new Set(apis.flatMap(({ clients }) => [...clients]))).to.deep.equal(new Set(['the drill']));
    const said = everything(join(live.out, 'latest')) + stdout + stderr;
    expect(said).to.not.contain('not checked').and.to.not.contain(TOKEN);
    expect(said).to.not.contain(process.env.SHOP_CLIENT_KEY?.split('\n')[1]);
    expect(said).to.contain('own authority, client certificate');
  });

  it('is refused for an answer that says what it should not, by name', async () => {
    for (const api of apis) api.status = 'queued';
    const { code, stdout, summary } = await drill('{ca: ./ca.pem}', ...BRIEF);
    for (const api of apis) api.status = 'placed';
    expect(code, stdout).to.equal(3);
    for (const text of [stdout, summary]) expect(text).to.contain('is "queued", not "placed"');
  });

  it('is refused with a wrong token, and nobody learns which', async () => {
    process.env.SHOP_TOKEN = 'wr0ng-token-of-somebody';
    const { code, stdout, stderr, summary } = await drill('{ca: ./ca.pem}', ...BRIEF);
    process.env.SHOP_TOKEN = TOKEN;
    expect(code, stdout).to.equal(3);
    expect(summary).to.contain('status 401');
    expect(stdout + stderr + summary).to.not.contain('wr0ng-token');
  });

  it('is refused with the authority of somebody else', async () => {
    const { code, result, stdout, summary } = await drill('{ca: ./other.pem}', ...BRIEF);
    expect(code, stdout).to.equal(3);
    const words = 'self-signed certificate in certificate chain';
    for (const cause of causes(result)) expect(cause).to.contain(`tls: ${words}`);
    for (const text of [stdout, summary]) expect(text).to.contain(`tls: ${words}`);
    expect(summary).to.contain('tls: {ca: ');
  });

  longDrill('runs without a check of certificates, and says so wherever it is told', async () => {
    const { result, stdout, stderr, summary } = await drill('{insecure: true}', ...BRIEF);
    expect(result.budget.bad + result.budget.good, stdout).to.be.greaterThan(0);
    for (const text of [stdout, stderr, summary]) expect(text).to.match(/certificate of 4 gateways .* is not checked/s);
  });
});
