import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { mapOf } from '../api/json.ts';
import { SandboxUnderTest } from '../testing/sandbox-under-test.ts';
import { until } from '../testing/until.ts';

const A = 'ap-northeast-1a';
const HOME = `${A} ${A} ${A}`;

describe('a Service that speaks bytes', () => {
  let test: SandboxUnderTest;
  before(async () => {
    test = await SandboxUnderTest.start({ host: process.platform === 'linux' ? 'per-zone' : 'single' });
  });
  after(async () => test.sandbox.close());

  it('is served at home, loses its connections when the application is gone, and ejects nobody', async () => {
    test.change(KINDS.service, 'mockb', ({ spec }) => {
      Object.assign(mapOf(spec), { ports: [{ name: 'tcp', port: 8000, targetPort: 8000 }] });
    });
    await until('the chain to be whole', async () => (await test.chain(A)) === HOME);
    test.swap(`mockb-${A}`, 'example/curl:1', ['sleep', '3600']);
    await until('the connection to break', async () => /^-> mocka\([^)]+\)$/.test(await test.chain(A)));
    for (let call = 0; call < 10; call += 1) expect(await test.chain(A)).to.match(/^-> mocka\([^)]+\)$/);
    expect(await test.ejections(`mocka-${A}`, 'mockb')).to.equal('0 active, 0 in all');
  });
});
