import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runScenario } from '../app/library.ts';
import { longDrill } from './testing/drill.ts';
import { liveSandbox } from './testing/live-sandbox.ts';

const TOKEN = 's3cr3t-of-prometheus';

const DRILL = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: ended}
spec:
  hypothesis: It ends by itself.
  load: {paths: [{name: entry, request: {path: /mock, host: mock.asm-demo.work}}], rate: 20/s}
  phases: {baseline: 3s, hold: 60s, recover: 3s}
  faults:
    - name: swap
      imageSwap: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a, image: curl:1, command: [sleep, "3600"]}
  abort:
    - prometheus: {query: burn, above: 0.5, for: 10s}
  expect: {steadyState: {good: ">= 50%"}}
`;

describe('a drill that a value of Prometheus ends', function () {
  this.timeout(120_000);

  longDrill('is undone and exits with 4; the token goes to Prometheus, and into no file', async () => {
    const live = await liveSandbox();
    const tokens = new Set<unknown>();
    let asked = 0;
    // Well for the plan and the first look of the run; it echoes whom it answers.
    const prometheus = createServer(({ headers }, answer) => {
      tokens.add(headers.authorization);
      asked += 1;
      const result = [{ metric: { to: headers.authorization }, value: [Date.now() / 1000, asked > 2 ? '0.9' : '0.1'] }];
      answer.end(JSON.stringify({ status: 'success', data: { resultType: 'vector', result } }));
    });
    await new Promise<void>((resolve) => prometheus.listen(0, '127.0.0.1', resolve));
    process.env.FAULTLINE_TEST_PROMETHEUS = TOKEN;
    try {
      const { port } = prometheus.address() as AddressInfo;
      const place = `  prometheus: {url: "http://127.0.0.1:${port}", token: {env: FAULTLINE_TEST_PROMETHEUS}}`;
      const targets = join(dirname(live.targets), 'with-prometheus.yaml');
      writeFileSync(targets, readFileSync(live.targets, 'utf8').replace(/^spec:$/m, `spec:\n${place}`));
      const file = join(dirname(live.targets), 'drill.yaml');
      writeFileSync(file, DRILL);
      const { result } = await runScenario(file, { target: targets, out: live.out });
      expect({ status: result.status, exitCode: result.exitCode }, result.reason).to.deep.equal({
        status: 'aborted',
        exitCode: 4,
      });
      expect(result.putBack.state).to.equal('put-back');
      expect(result.reason).to.match(/abort condition prometheus: burn \{to="Bearer \[redacted\]"\} was 0\.9 since/);
      expect([...tokens]).to.deep.equal([`Bearer ${TOKEN}`]);
      const folder = join(live.out, 'latest');
      for (const name of readdirSync(folder))
        expect(readFileSync(join(folder, name), 'utf8'), name).to.not.contain(TOKEN);
    } finally {
      delete process.env.FAULTLINE_TEST_PROMETHEUS;
      prometheus.closeAllConnections();
      prometheus.close();
      await live.close();
    }
  });
});
