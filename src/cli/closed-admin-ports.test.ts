import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import type { HistoryEvent } from '../model/history.ts';
import type { RunResult } from '../model/result.ts';
import { longDrill } from './testing/drill.ts';
import { grantedUser, type Planned } from './testing/granted-user.ts';
import { faultline, type LiveSandbox, liveSandbox, settings } from './testing/live-sandbox.ts';

const SCENARIO = 'scenarios/ordinary-service.yaml';
/** For a machine that many specs share. */
const UNHURRIED = ['spec.load.good.latency=2s', 'spec.expect.errorBudget.perPath=150'];

describe('an ordinary service whose admin ports nobody may read', function () {
  this.timeout(180_000);
  let live: LiveSandbox;
  before(async () => {
    live = await liveSandbox();
  });
  after(() => live.close());

  longDrill('is judged by the metrics of its callers, and that is said', async () => {
    const planned = await faultline('plan', SCENARIO, '-o', 'json', '--target', live.targets);
    const { permissions } = JSON.parse(planned.stdout) as { permissions: Planned[] };
    const granted = permissions.filter(({ subresource }) => subresource !== 'portforward');
    expect(granted.length).to.be.lessThan(permissions.length);
    const { targets } = grantedUser(live, granted);
    const run = ['run', SCENARIO, '--yes', '--target', targets, '--out', live.out, ...settings(UNHURRIED)];
    const { code, stdout } = await faultline(...run);
    const read = (file: string) => readFileSync(join(live.out, 'latest', file), 'utf8');
    const lines = read('history.ndjson').trimEnd().split('\n');
    const history = lines.map((line): HistoryEvent => JSON.parse(line));
    const hosts = history.flatMap((event) => (event.type === 'calls' ? event.hosts : []));
    expect(hosts.filter((host) => 'address' in host)).to.deep.equal([]);
    const { findings } = JSON.parse(read('result.json')) as RunResult;
    const others = findings.filter(({ objective, verdict }) => objective !== 'loadQuality' && verdict !== 'pass');
    expect(
      others.map(({ id }) => id),
      stdout,
    ).to.deep.equal([]);
    expect(code, stdout).to.be.oneOf([0, 6]);
    const details = history.flatMap((event) => (event.type === 'calls-telemetry' ? event.detail : []));
    expect(details.join('\n')).to.contain('by workload and not by host');
  });
});
