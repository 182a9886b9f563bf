import { expect } from 'chai';
import { RULES } from './index.ts';
import { lint } from './lint.ts';
import { sarifOf } from './sarif.ts';
import { drill, Mesh } from './testing/mesh.ts';

const broken = () => {
  const mesh = new Mesh().apply('{kind: DestinationRule, metadata: {name: mockb}, spec: {host: mockb}}', 'hangzhou');
  mesh.unread.push({ what: 'roots', cluster: 'tokyo', reason: 'forbidden' });
  return lint(mesh.system(drill()));
};

describe('SARIF of lint', () => {
  it('is a run of version 2.1.0 with all rules, and a result for each finding', () => {
    const report = broken();
    const { version, runs } = sarifOf(report, { version: '1.2.3' });
    const [run] = runs;
    expect([version, run?.tool.driver.name, run?.tool.driver.version]).to.deep.equal(['2.1.0', 'faultline', '1.2.3']);
    expect(run?.tool.driver.rules.map(({ id }) => id)).to.deep.equal(RULES.map(({ id }) => id));
    expect(run?.results.map(({ ruleId }) => ruleId)).to.deep.equal(report.findings.map(({ rule }) => rule));
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(RULES[ruleIndex]?.id).to.equal(ruleId);
  });

  it('says level, object, field and change', () => {
    const [result] = sarifOf(broken(), { version: '1' }).runs[0]?.results ?? [];
    expect(result?.level).to.equal('error');
    expect(result?.locations[0]?.logicalLocations[0]?.fullyQualifiedName).to.equal(
      'hangzhou/DestinationRule/default/mockb/spec.trafficPolicy.outlierDetection',
    );
    expect(result?.message.text).to.include('have outlierDetection in another cluster').and.include('Change: ');
    expect(result?.locations[0]).to.not.have.property('physicalLocation');
    const levels = new Set(sarifOf(broken(), { version: '1' }).runs[0]?.results.map(({ level }) => level));
    expect([...levels].sort()).to.deep.equal(['error', 'note']);
  });

  it('points at the file that led here, as a URI', () => {
    const [result] = sarifOf(broken(), { version: '1', file: 'my drills\\a.yaml' }).runs[0]?.results ?? [];
    expect(result?.locations[0]).to.deep.include({
      physicalLocation: { artifactLocation: { uri: 'my%20drills/a.yaml' }, region: { startLine: 1 } },
    });
  });

  it('tells what could not be told', () => {
    const [invocation] = sarifOf(broken(), { version: '1' }).runs[0]?.invocations ?? [];
    expect(invocation?.toolExecutionNotifications.map(({ message }) => message.text)).to.deep.equal([
      'cluster tokyo: forbidden (trust-roots-differ)',
    ]);
  });
});
