import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FinishedRun } from '../../app/drill/run-scenario.ts';
import { loadTargets } from '../../app/files/load-files.ts';
import { runScenario } from '../../app/library.ts';
import { firingQuery } from '../../model/alert.ts';
import type { HistoryEvent } from '../../model/history.ts';
import { readHistory } from '../../store/history-file.ts';
import { requireLab } from '../testing/running-lab.ts';
import { steady } from '../testing/steady.ts';
import { accessOf } from '../up/access.ts';
import { LAB_FOLDER } from '../up/state.ts';

/** `FAULTLINE_ALERT_DRILLS=20` */
const DRILLS = Number(process.env.FAULTLINE_ALERT_DRILLS ?? 1);
const RULE = 'HostLevelCircuitBreaking';
/** The rule is evaluated every two seconds; when that is done is a little later than when it is for. */
const INTERVAL_MS = 2_000;
const SLACK_MS = 500;

const alertOf = (labels: object) => JSON.stringify({ rule: RULE, labels, firesWithin: '15s', resolvesWithin: '30s' });

/** The vendor page's drill, short, with its alert. */
function settingsOf(labels: object): string[] {
  return [
    ...['spec.phases.baseline=6s', 'spec.phases.hold=16s', 'spec.phases.recover=31s', 'spec.load.rate=10/s'],
    ...['spec.expect.steadyState.good=90%', 'spec.expect.steadyState.sameZone=90%'],
    `spec.expect.alert=${alertOf(labels)}`,
  ];
}

type Span = { readonly from: number; readonly to: number };

/** When the alert was seen to change, as wall time in milliseconds, from the last question that was answered otherwise on. */
function seenIn(events: readonly HistoryEvent[]): { readonly began: Span; readonly ended: Span } {
  const told = events.filter((event) => event.type === 'alert');
  const spanOf = ({ wall, t, from }: (typeof told)[number]): Span => {
    const to = Date.parse(wall);
    return { from: to - (t - from) / 1000, to };
  };
  const first = told.find(({ firing }) => firing);
  const last = told.findLast(({ firing }) => !firing);
  if (first === undefined || last === undefined || last.t < first.t) throw new Error('it was not seen to fire and end');
  return { began: spanOf(first), ended: spanOf(last) };
}

type Matrix = { readonly data: { readonly result: readonly { readonly values: readonly [number, string][] }[] } };

/** All evaluations since `from` at which Prometheus itself has recorded that it fires, in milliseconds. */
async function recorded(prometheus: string, from: number): Promise<number[]> {
  const url = new URL(`${prometheus}/api/v1/query`);
  url.searchParams.set('query', `${firingQuery(RULE)}[10m]`);
  const { data } = (await (await fetch(url)).json()) as Matrix;
  const times = data.result.flatMap(({ values }) => values.map(([seconds]) => seconds * 1000));
  return times.filter((time) => time >= from).sort((a, b) => a - b);
}

const isIn = (time: number, { from, to }: Span): boolean => time >= from - SLACK_MS && time <= to + SLACK_MS;

describe(`alerts of the lab's Prometheus, ${DRILLS} drills`, function () {
  this.timeout(300_000);
  const out = mkdtempSync(join(tmpdir(), 'faultline-alerts-'));
  let prometheus = '';

  before(function () {
    requireLab();
    prometheus = loadTargets(accessOf(LAB_FOLDER).targets).value.prometheus?.url ?? '';
    if (prometheus === '') this.skip();
  });
  beforeEach(steady);
  after(() => rmSync(out, { recursive: true, force: true }));

  const drill = (labels: object): Promise<FinishedRun> =>
    runScenario('scenarios/service-failover.yaml', { target: 'lab', out, set: settingsOf(labels) });
  const findingsOf = ({ result }: FinishedRun) => result.findings.filter(({ objective }) => objective === 'alert');

  for (let number = 1; number <= DRILLS; number += 1) {
    it(`fires and resolves when it is said to have, ${number} of ${DRILLS}`, async () => {
      const finished = await drill({ namespace: 'default' });
      const { result, folder } = finished;
      const told = findingsOf(finished).map(({ id, verdict, measured, cause }) => ({ id, verdict, measured, cause }));
      console.error(`    ${JSON.stringify(told)}`);
      expect(result.status, result.reason).to.equal('completed');
      expect(told.map(({ verdict }) => verdict)).to.deep.equal(['pass', 'pass']);
      const { began, ended } = seenIn(readHistory(folder.history));
      const fired = await recorded(prometheus, began.from - SLACK_MS);
      expect(isIn(fired[0] ?? 0, began), `${fired[0]} in ${JSON.stringify(began)}`).to.equal(true);
      const over = (fired.at(-1) ?? 0) + INTERVAL_MS;
      expect(isIn(over, ended), `${over} in ${JSON.stringify(ended)}`).to.equal(true);
    });
  }

  it('that has other labels than are asked for is named with those', async () => {
    const finished = await drill({ namespace: 'defualt' });
    expect(finished.result.status, finished.result.reason).to.equal('completed');
    const [fires] = findingsOf(finished);
    expect(fires?.verdict, fires?.cause).to.equal('fail');
    expect(fires?.hint).to.contain('with other labels').and.to.contain('namespace="default"');
  });
});
