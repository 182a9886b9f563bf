import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runScenario } from '../app/library.ts';
import { longDrill } from './testing/drill.ts';
import { liveSandbox } from './testing/live-sandbox.ts';

const TUNNELLED = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: {name: mockc, namespace: default}
spec:
  host: mockc
  trafficPolicy:
    outlierDetection: {consecutive5xxErrors: 1, interval: 30s, baseEjectionTime: 5m, maxEjectionPercent: 100}
    loadBalancer: {warmup: {duration: 30s}}
`;

const DRILL = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: without-effect}
spec:
  hypothesis: A killed pod costs nothing.
  load:
    paths: [{name: entry, request: {path: /mock, host: mock.asm-demo.work}}]
    rate: 20/s
    timeout: 2s
    good: {status: 200, chain: [mocka, mockb, mockc], latency: 1s}
  phases: {baseline: 4s, hold: 4s, recover: 1s}
  faults:
    - name: killed
      podKill: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a}
  expect:
    steadyState: {good: ">= 90%"}
`;

describe('a run against a mesh that ignores a setting', function () {
  this.timeout(60_000);

  longDrill('is inconclusive, and says which setting it is', async () => {
    const live = await liveSandbox([TUNNELLED]);
    after(() => live.close());
    const file = join(dirname(live.targets), 'drill.yaml');
    writeFileSync(file, DRILL);
    const { result } = await runScenario(file, { target: live.targets, out: live.out });
    const finding = result.findings.find(({ objective }) => objective === 'configuration');
    expect(finding?.cause).to.equal(
      'DestinationRule default/mockc in tokyo: ' +
        'nothing here acts on spec.trafficPolicy.loadBalancer.warmup of a DestinationRule',
    );
    expect(result.verdict).to.equal('inconclusive');
    expect(readFileSync(join(live.out, 'latest', 'summary.md'), 'utf8')).to.contain('loadBalancer.warmup');
  });
});
