import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { parse } from 'yaml';
import { APP_DOWN_TEXT } from '../mesh/outcome.ts';
import { SandboxUnderTest } from './testing/sandbox-under-test.ts';
import { until } from './testing/until.ts';

const ZONES = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'];
const TOKYO_A = 'ap-northeast-1a';
const CURL = 'registry.cn-hangzhou.aliyuncs.com/acs/curl:8.1.2';
const AT_ONCE = readFileSync('scenarios/manifests/eject-at-once.yaml', 'utf8');

for (const host of ['per-zone', 'single'] as const) {
  describe(`sandbox (${host})`, () => {
    let test: SandboxUnderTest;

    before(async function () {
      if (host === 'per-zone' && process.platform !== 'linux') this.skip();
      test = await SandboxUnderTest.start({ host, manifests: [{ cluster: undefined, text: AT_ONCE }] });
    });
    after(async () => test?.sandbox.close());

    it('serves every zone within the zone, in the documented format', async () => {
      for (const zone of ZONES) expect(await test.chain(zone)).to.equal(`${zone} ${zone} ${zone}`);
      const { body } = await test.ask(TOKYO_A);
      expect(body).to.match(/^-> mocka\(version: ap-northeast-1a, ip: [\d.]+\)-> mockb\(version: /);
    });

    it('says how it is reached', () => {
      const kubeconfig = parse(test.sandbox.kubeconfig) as {
        contexts: { name: string }[];
        clusters: { cluster: object }[];
      };
      for (const { cluster } of kubeconfig.clusters) expect(cluster).to.include({ 'insecure-skip-tls-verify': true });
      expect(kubeconfig.contexts.map(({ name }) => name)).to.deep.equal(['tokyo', 'hangzhou']);
      const targets = parse(test.sandbox.targets) as {
        spec: { clusters: { uid: string; gateways: { zone: string; address: string }[] }[] };
      };
      const gateways = targets.spec.clusters.flatMap((cluster) => cluster.gateways);
      expect(gateways.map(({ zone }) => zone)).to.deep.equal(ZONES);
      expect(new Set(gateways.map(({ address }) => address)).size).to.equal(4);
      expect(new Set(targets.spec.clusters.map(({ uid }) => uid)).size).to.equal(2);
    });

    it('fails over after one error where the merge window is off, counts it, and comes home when the image is put back', async () => {
      const image = test.mockImage();
      expect(await test.ejections(`mocka-${TOKYO_A}`, 'mockb')).to.equal('0 active, 0 in all');
      test.swap(`mockb-${TOKYO_A}`, CURL, ['sleep', '3600']);
      const seen = await answersUntil(test, `${TOKYO_A} ap-northeast-1b ap-northeast-1b`);
      const bad = seen.filter((chain) => chain.includes('upstream connect error'));
      expect(bad, seen.join('\n')).to.have.length(1);
      expect(bad[0]?.endsWith(APP_DOWN_TEXT)).to.equal(true);
      expect(await test.ejections(`mocka-${TOKYO_A}`, 'mockb')).to.equal('1 active, 1 in all');
      expect(await test.chain('ap-northeast-1b')).to.equal('ap-northeast-1b ap-northeast-1b ap-northeast-1b');
      const [caller = ''] = test.podNames(`mocka-${TOKYO_A}`);
      const clusters = await test.page(caller, 15000, '/clusters?format=json');
      expect(clusters.body.split('"failed_outlier_check":true')).to.have.length(2);
      test.swap(`mockb-${TOKYO_A}`, image);
      await answersUntil(test, `${TOKYO_A} ${TOKYO_A} ${TOKYO_A}`);
    });
  });
}

describe('sandbox with Istio as it is installed', () => {
  const host = process.platform === 'linux' ? 'per-zone' : 'single';
  const away = `${TOKYO_A} ap-northeast-1b ap-northeast-1b`;

  it('spills to the next zone while a new pod is not ready', async () => {
    const test = await SandboxUnderTest.start({ host, sidecarStartMs: 60_000 });
    try {
      test.swap(`mockb-${TOKYO_A}`, CURL, ['sleep', '3600']);
      const seen = await answersUntil(test, away);
      expect(seen.slice(0, -1).filter((chain) => chain !== `${TOKYO_A} ${TOKYO_A} ${TOKYO_A}`)).to.deep.equal([]);
      const [caller = ''] = test.podNames(`mocka-${TOKYO_A}`);
      const { body } = await test.page(caller, 15000, '/clusters?format=json');
      expect(body.split('"eds_health_status":"UNHEALTHY"').length - 1, 'for both ports of the Service').to.equal(2);
    } finally {
      await test.sandbox.close();
    }
  });

  it('shows errors until the window that the rollout has opened is over, for one ejection', async () => {
    const test = await SandboxUnderTest.start({ host });
    try {
      test.swap(`mockb-${TOKYO_A}`, CURL, ['sleep', '3600']);
      const seen: string[] = [];
      await until('ten answers of the next zone in a row', async () => {
        seen.push(await test.chain(TOKYO_A));
        return seen.length > 10 && seen.slice(-10).every((chain) => chain === away);
      });
      expect(seen.filter((chain) => chain.endsWith(APP_DOWN_TEXT)).length).to.be.greaterThan(3);
      expect(await test.ejections(`mocka-${TOKYO_A}`, 'mockb')).to.equal('1 active, 1 in all');
    } finally {
      await test.sandbox.close();
    }
  });

  it('neither spills nor counts unready pods up to 1.30', async () => {
    const older = await SandboxUnderTest.start({ host, sidecarStartMs: 500, istio: '1.30' });
    try {
      older.swap(`mockb-${TOKYO_A}`, CURL, ['sleep', '3600']);
      const seen: string[] = [];
      await until('an error', async () => {
        seen.push(await older.chain(TOKYO_A));
        return seen.at(-1)?.endsWith(APP_DOWN_TEXT) === true;
      });
      expect(new Set(seen.slice(0, -1))).to.deep.equal(new Set([`${TOKYO_A} ${TOKYO_A} ${TOKYO_A}`]));
    } finally {
      await older.sandbox.close();
    }
  });
});

describe('sandbox start', () => {
  it('fails on a manifest that admission refuses, and leaves nothing behind', async () => {
    const text = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: bad, namespace: default}\nspec: {}\n';
    const host = process.platform === 'linux' ? 'per-zone' : 'single';
    const before = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
    const failed = await SandboxUnderTest.start({ host, manifests: [{ cluster: 'tokyo', text }] }).then(
      () => undefined,
      (error: Error) => error,
    );
    expect(failed?.message).to.include('Deployment.apps "bad" is invalid');
    await until('all sockets to close', () => {
      const now = process.getActiveResourcesInfo().filter((name) => name.startsWith('TCP')).length;
      return now <= before;
    });
  });
});

/** Asks the first zone again and again until it answers so; returns all answers. */
async function answersUntil(test: SandboxUnderTest, wanted: string): Promise<string[]> {
  const seen: string[] = [];
  const giveUpAt = performance.now() + 15_000;
  while (seen.at(-1) !== wanted) {
    if (performance.now() > giveUpAt) throw new Error(`never ${wanted} but ${[...new Set(seen)].join('\n')}`);
    seen.push(await test.chain(TOKYO_A));
  }
  return seen;
}
