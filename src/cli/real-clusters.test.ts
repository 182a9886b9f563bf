import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { runScenario } from '../app/library.ts';
import type { HistoryEvent } from '../model/history.ts';
import { workerManifest } from '../sandbox/testing/worker.ts';
import { longDrill } from './testing/drill.ts';
import { type LiveSandbox, liveSandbox } from './testing/live-sandbox.ts';

const A = 'ap-northeast-1a';

const drill = (faults: string, expectations: string): string => `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: real-clusters}
spec:
  hypothesis: What every real cluster has confuses nobody.
  load:
    paths: [{name: entry, request: {path: /mock, host: mock.asm-demo.work}}]
    rate: 20/s
    timeout: 2s
    good: {status: 200, chain: [mocka, mockb, mockc], latency: 1s}
  phases: {baseline: 5s, hold: 6s, recover: 2s}
  faults:
    - name: fault
      ${faults}
  expect:
    steadyState: {good: ">= 90%"}
${expectations}
`;

type Ejections = Extract<HistoryEvent, { type: 'ejections' }>;

describe('what real clusters have, in a run', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  before(async () => {
    live = await liveSandbox([workerManifest(A)]);
  });
  after(async () => live.close());

  async function run(faults: string, expectations: string) {
    const file = join(dirname(live.targets), 'drill.yaml');
    writeFileSync(file, drill(faults, expectations));
    const { result } = await runScenario(file, { target: live.targets, out: live.out });
    const lines = readFileSync(join(live.out, 'latest', 'history.ndjson'), 'utf8')
      .trim()
      .split('\n');
    const history = lines.map((line) => JSON.parse(line) as HistoryEvent);
    return { result, history };
  }
  const verdictOf = (result: Awaited<ReturnType<typeof run>>['result'], objective: string) =>
    result.findings.filter((finding) => finding.objective === objective).map(({ verdict }) => verdict);

  longDrill(
    'counts the ejections of gateways and of a worker without a Service, once each, for every port of a Service',
    async () => {
      const swap = `imageSwap: {cluster: tokyo, namespace: default, deployment: mocka-${A}, image: acs/curl:8.1.2, command: [sleep, "3600"]}`;
      const wanted = '    ejections: [{service: mocka, atLeast: 2, atMost: 2}, {service: mockb, atMost: 0}]';
      const { result, history } = await run(swap, wanted);
      expect(verdictOf(result, 'ejections'), JSON.stringify(result.findings)).to.deep.equal(['pass', 'pass']);
      const rows = history.filter((event): event is Ejections => event.type === 'ejections');
      const ofMocka = rows.filter(({ service, enforcedTotal }) => service === 'mocka' && enforcedTotal > 0);
      const callers = new Set(
        ofMocka.map(({ podNamespace, pod, port }) => `${podNamespace} ${pod.split('-')[0]} ${port}`),
      );
      expect([...callers].sort()).to.deep.equal(['default worker 8000', 'istio-system istio 8000']);
      expect(new Set(rows.map(({ port }) => port))).to.deep.equal(new Set([8000, 9090]));
    },
  );

  longDrill(
    'kills a pod that runs, not the finished one of a Job with the same labels, and hears every caller',
    async () => {
      const { result, history } = await run(
        `podKill: {cluster: tokyo, namespace: default, selector: {app: mockb, version: ${A}}, count: 2}`,
        '    ejections: {service: mockb, atMost: 0}',
      );
      const touched = JSON.stringify(history.filter(({ type }) => type === 'fault'));
      expect(touched).to.contain(`mockb-${A}-`).and.to.not.contain('import-mockb');
      expect(verdictOf(result, 'faultEffect'), result.reason).to.deep.equal(['pass']);
      const heard = history.filter((event) => event.type === 'mesh-telemetry' && event.cluster === 'tokyo').at(-1);
      const six = 'of three services in two zones, two gateways and the worker';
      expect(heard, six).to.have.nested.property('callers.known', 9);
      expect(heard, six).to.have.nested.property('callers.answered', 9);
    },
  );

  it('refuses a fault in the namespace of the gateways', async () => {
    const kill = `podKill: {cluster: tokyo, namespace: istio-system, deployment: istio-ingressgateway-${A}}`;
    const refused = await run(kill, '    errorBudget: {ratio: 50%}').then(
      () => undefined,
      (error: Error) => error.message,
    );
    expect(refused).to.contain('does not allow namespace istio-system');
  });
});
