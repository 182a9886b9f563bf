import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import type { Endpoint } from '../model/target.ts';
import { analyze } from './index.ts';
import { byProxies } from './testing/by-proxies.ts';
import { outage } from './testing/outage.ts';
import { chunks } from './testing/record-file.ts';
import { CHAIN } from './testing/world.ts';

const KINDS = ['right', 'right in two stages', 'skipped zone', 'none', 'not home', 'collateral'] as const;

/** As charts name a Service; the application still prints its short name. */
const chartName = (service: string): string => `shop-${service}`;
const SERVICES = Object.fromEntries(CHAIN.map((service) => [service, `default/${chartName(service)}`]));

/** Pods of somebody else, behind a Service that is called like what answers print. */
const decoyOf = (endpoint: Endpoint): Endpoint => ({
  ...endpoint,
  namespace: 'another',
  pod: `another-${endpoint.pod}`,
  workload: `another-${endpoint.workload}`,
  ip: `192.168.${endpoint.ip.split('.').slice(2).join('.')}`,
});

/** The same run in a target whose Services have other names, and where others have theirs. */
function renamed(history: readonly HistoryEvent[], services: Readonly<Record<string, string>> | undefined) {
  return history.map((event): HistoryEvent => {
    if (event.type === 'run-start' && services !== undefined) {
      return { ...event, run: { ...event.run, scenario: { ...event.run.scenario, services } } };
    }
    if (event.type === 'endpoints') {
      const own = event.endpoints.map((one) => ({ ...one, service: chartName(one.service) }));
      return { ...event, endpoints: [...own, ...event.endpoints.map(decoyOf)] };
    }
    if (event.type !== 'ejections' && event.type !== 'calls') return event;
    return { ...event, namespace: 'default', service: chartName(event.service) };
  });
}

const told = ({ verdict, findings }: RunResult) => ({
  verdict,
  findings: findings.map(({ id, verdict: own, story, cause, measured }) => ({
    id,
    verdict: own,
    story,
    cause,
    measured,
  })),
});

describe('analysis: Services that are called otherwise than answers call them', () => {
  for (const kind of KINDS) {
    it(`finds of ${kind} what it finds where the names are the same`, async () => {
      const run = outage(kind, 1);
      const counted = byProxies(run.history, run.records, 1);
      for (const { history, records } of [run, counted]) {
        const [plain, stated] = await Promise.all([
          analyze(history, chunks(records)),
          analyze(renamed(history, SERVICES), chunks(records)),
        ]);
        expect(told(stated)).to.deep.equal(told(plain));
      }
    });
  }

  it('says that answers come from another Service than was stated', async () => {
    const run = outage('skipped zone', 1);
    const wrong = { ...SERVICES, mockb: 'another/mockb' };
    const { verdict, findings } = await analyze(renamed(run.history, wrong), chunks(run.records));
    expect(verdict).to.equal('inconclusive');
    expect(findings.find(({ objective }) => objective === 'failoverOrder')?.cause).to.match(
      /answers of mockb at 10\.1\.\d\.\d came from a pod behind shop-mockb, not behind the Service that spec.services states/,
    );
  });

  it('would find something else without the names that were stated', async () => {
    const run = outage('right', 1);
    const [plain, guessed] = await Promise.all([
      analyze(run.history, chunks(run.records)),
      analyze(renamed(run.history, undefined), chunks(run.records)),
    ]);
    expect(plain.verdict).to.equal('pass');
    expect(guessed.verdict).to.not.equal(plain.verdict);
  });
});
