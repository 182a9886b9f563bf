import { expect } from 'chai';
import { findingOf, judged, recovering } from '../testing/handmade.ts';
import { pathOf } from '../testing/world.ts';

const EXPECT = { recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 } };
const SETTING = { ref: 'DestinationRule default/mockb', what: 'nothing here acts on spec.x of a DestinationRule' };

const told = (at: number, ...objects: (typeof SETTING)[]) =>
  judged(
    recovering({
      expect: EXPECT,
      events: (history) => history.at(at, { type: 'not-acted-on', cluster: 'tokyo', objects }),
    }),
  );

describe('rules: configuration without effect (docs/verdict.md, N1)', () => {
  it('N1 makes the run inconclusive with that reason, whatever was measured', async () => {
    const result = await told(1e6, SETTING);
    expect(findingOf(result, `recoveryTime/${pathOf('north-a')}`).verdict).to.equal('pass');
    const finding = findingOf(result, 'configuration/target');
    expect(finding.verdict).to.equal('inconclusive');
    expect(finding.cause).to.equal(
      'DestinationRule default/mockb in tokyo: nothing here acts on spec.x of a DestinationRule',
    );
    expect(finding.evidence).to.have.length(1);
    expect(result.verdict).to.equal('inconclusive');
  });

  it('N1 also when it came in the middle of the run', async () => {
    expect((await told(20e6, SETTING)).verdict).to.equal('inconclusive');
  });

  it('N1 and says nothing where there is none', async () => {
    const result = await told(1e6);
    expect(result.findings.filter(({ objective }) => objective === 'configuration')).to.deep.equal([]);
    expect(result.verdict).to.equal('pass');
  });
});
