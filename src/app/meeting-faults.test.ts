import { readFileSync } from 'node:fs';
import { expect } from 'chai';
import { checkScenarioFile } from './load-files.ts';

const TEXT = readFileSync('scenarios/service-failover.yaml', 'utf8');
const SCALE = 'scale: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a}';

/** What is wrong with the scenario when it has another fault as well. */
function problemsWith(fault: string): string[] {
  const checked = checkScenarioFile(
    TEXT.replace(/^( +)expect:/m, `$1  - {name: second, after: 3s, ${fault}}\n$1expect:`),
    'x',
  );
  const found = checked.ok ? checked.warnings : checked.diagnostics;
  return found.filter(({ severity }) => severity === 'error').map(({ line, message }) => `${line} ${message}`);
}

describe('faults of a scenario that would change one workload', () => {
  it('are told where the second stands, by the names of both', () => {
    const [first, ...more] = problemsWith(SCALE);
    expect(first).to.match(
      /^\d+ fault second would change Deployment default\/mockb-ap-northeast-1a \(cluster tokyo\), as fault \S+ does: /,
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
});
