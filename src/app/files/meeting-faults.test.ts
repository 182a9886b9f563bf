import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checkScenarioFile } from './load-files.ts';

const TEXT = readFileSync('scenarios/service-failover.yaml', 'utf8');
const SCALE = 'scale: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a}';

/** What is wrong with the scenario when it has other faults as well. */
function problemsWith(...faults: readonly string[]): string[] {
  const more = faults.map((fault, index) => `    - {name: more${index + 1}, after: 3s, ${fault}}\n`).join('');
  const checked = checkScenarioFile(
    TEXT.replace(/^ +expect:/m, (line) => `${more}${line}`),
    'x',
  );
  const found = checked.ok ? checked.warnings : checked.diagnostics;
  return found.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${line} ${message}`);
}

describe('faults of a scenario that would change one workload', () => {
  it('are told where the second stands, by the names of both', () => {
    const [first, ...more] = problemsWith(SCALE);
    expect(first).to.match(
      /^\d+ fault more1 would change Deployment default\/mockb-ap-northeast-1a \(cluster tokyo\), as fault \S+ does: /,
    );
    expect(more).to.deep.equal([]);
  });

  it('are no problem on another workload, in another cluster, or where they leave it as it is', () => {
    expect(problemsWith(SCALE.replace('-1a', '-1b'))).to.deep.equal([]);
    expect(problemsWith(SCALE.replace('tokyo', 'hangzhou'))).to.deep.equal([]);
    expect(
      problemsWith('podKill: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a}'),
    ).to.deep.equal([]);
  });

  it('are told of two routes for one host, however it is written, for callers of one namespace', () => {
    const routes = (host: string, callers = 'mocka', namespace = 'default') =>
      `clientFault: {cluster: tokyo, namespace: ${namespace}, callers: {app: ${callers}}, host: ${host}, status: 503}`;
    expect(problemsWith(routes('mockb'), routes('mockb.default.svc.cluster.local', 'mockc')).join()).to.match(
      /^\d+ fault more2 would change the routes of mockb\.default\.svc\.cluster\.local for callers of default \(cluster tokyo\), as fault more1 does: [^,]+,[^,]+$/,
    );
    expect(problemsWith(routes('mockb'), routes('mockc'))).to.deep.equal([]);
    expect(problemsWith(routes('mockb'), routes('mockb', 'mocka', 'shop'))).to.deep.equal([]);
  });
});
