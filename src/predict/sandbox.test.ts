import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { runScenario } from '../app/library.ts';
import { type LiveSandbox, liveSandbox } from '../cli/testing/live-sandbox.ts';
import type { ComparedValue, PredictionReview } from '../model/prediction.ts';
import type { RunResult } from '../model/result.ts';

const RATE = 20;
const SETTINGS = [
  `spec.load.rate=${RATE}/s`,
  'spec.phases.baseline=3s',
  'spec.phases.hold=5s',
  'spec.phases.recover=1s',
  'spec.expect.steadyState.good=20%',
  'spec.expect.steadyState.sameZone=20%',
];

/** A machine with other things to do answers late, and what fails in that time was not predicted. */
const LATE = { count: 0.6 * RATE, s: 0.6, '%': 12 };

const STANDSTILL_MS = 400;

const TOO_FEW = `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: mockb, namespace: default }
spec:
  host: mockb
  trafficPolicy:
    outlierDetection: { consecutive5xxErrors: 1, baseEjectionTime: 5m, interval: 30s, maxEjectionPercent: 10 }
`;

const IMPATIENT = `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: mockb, namespace: default }
spec:
  hosts: [mockb]
  http: [{ timeout: 0.5s, route: [{ destination: { host: mockb } }] }]
`;

/** Manifests that are of this spec alone. */
const OWN: Readonly<Record<string, string>> = { 'too-few': TOO_FEW, impatient: IMPATIENT };

const manifest = (name: string): string => readFileSync(`scenarios/manifests/${name}.yaml`, 'utf8');

type Configuration = {
  readonly name: string;
  readonly scenario: string;
  readonly manifests?: readonly string[];
  /** What stands in the scenario's file, and what in its place. */
  readonly instead?: readonly [text: string, by: string];
};

/** `npm run test:truth` plays them; the fast suite has no room for a whole run here. */
const CONFIGURATIONS: readonly Configuration[] =
  process.env.FAULTLINE_SEEDS === undefined
    ? []
    : [
        {
          name: 'no outlierDetection',
          scenario: 'no-outlier-detection',
          manifests: ['mockb-without-outlier-detection'],
        },
        { name: 'the merge window off', scenario: 'service-failover', manifests: ['eject-at-once'] },
        { name: 'a maxEjectionPercent below one host', scenario: 'service-failover', manifests: ['too-few'] },
        { name: 'a sidecar that answers 503', scenario: 'mesh-fault' },
        { name: 'refused packets', scenario: 'pod-network' },
        {
          name: 'packets that are later than the timeout of the route',
          scenario: 'pod-network',
          manifests: ['impatient'],
          instead: ['packets: refuse', 'delay: 900ms'],
        },
        {
          name: 'dropped packets and a timeout of the route',
          scenario: 'pod-network',
          manifests: ['impatient'],
          instead: ['packets: refuse', 'packets: drop'],
        },
        { name: 'two pods at home', scenario: 'same-zone-failover', manifests: ['second-mockb'] },
      ];

/** Whether a measured value lies in its range, or as far beside it as a busy machine makes it. */
function isNear({ unit, predicted, measured }: ComparedValue): boolean {
  if (measured === undefined) return true;
  const high = (hi: number | null): number => hi ?? Number.POSITIVE_INFINITY;
  return measured.lo <= high(predicted.hi) + LATE[unit] && high(measured.hi) >= predicted.lo - LATE[unit];
}

describe('what was predicted of a run in the sandbox', function () {
  this.timeout(120_000);

  for (const { name, scenario, manifests = [], instead } of CONFIGURATIONS) {
    it(`is what it measures: ${name}`, async () => {
      const texts = manifests.map((one) => OWN[one] ?? manifest(one));
      const live = await liveSandbox(texts);
      try {
        const result = await resultOf(live, fileOf(live, scenario, instead), SETTINGS);
        if (result.status !== 'completed' && stoodStill(result)) return;
        const review = reviewOf(result);
        if (stoodStill(result)) return;
        const measured = review.compared.filter(({ state }) => state !== 'not-measured');
        // A range holds nine values of ten: of several one may lie beside its own.
        const missed = measured.filter((value) => !isNear(value));
        expect(missed.slice(1), JSON.stringify(missed)).to.deep.equal([]);
        expect(measured.some(({ id, predicted }) => id.includes('/bad/') && predicted.hi !== 0)).to.equal(true);
      } finally {
        await live.close();
      }
    });
  }
});

function fileOf({ out }: LiveSandbox, name: string, instead: Configuration['instead']): string {
  const file = `scenarios/${name}.yaml`;
  if (instead === undefined) return file;
  const edited = join(out, `${name}.yaml`);
  mkdirSync(out, { recursive: true });
  writeFileSync(edited, readFileSync(file, 'utf8').replace(...instead));
  return edited;
}

async function resultOf({ targets, out }: LiveSandbox, file: string, set: readonly string[]): Promise<RunResult> {
  return (await runScenario(file, { target: targets, out, set: [...set] })).result;
}

/** A good answer takes milliseconds. A machine that needed far longer for one, or could not send, is no witness. */
function stoodStill({ latency, status }: RunResult): boolean {
  return status === 'refused' || latency.some(({ max }) => max > STANDSTILL_MS);
}

function reviewOf({ status, reason, prediction }: RunResult): PredictionReview {
  expect(status, reason).to.equal('completed');
  if (prediction === undefined) throw new Error('nothing was predicted');
  expect(prediction.predicted.state, JSON.stringify(prediction.predicted)).to.equal('predicted');
  return prediction;
}
