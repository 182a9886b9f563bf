import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { systemClock } from '../../run/system-clock.ts';
import { LAB_FOLDER } from '../up/state.ts';
import { labCondition } from '../up/status.ts';
import { labSide, modelSide } from './testing/side.ts';
import { type Broken, type Compared, differential } from './testing/suite.ts';

/** `FAULTLINE_OUTAGES=200 FAULTLINE_SEED=1 npm run test:differential`; a seed is one outage, the next seed another. */
const OUTAGES = Number(process.env.FAULTLINE_OUTAGES ?? 20);
const FIRST = Number(process.env.FAULTLINE_SEED ?? 1);
const AT_ONCE = 4;

function lab(command: 'up' | 'down'): void {
  const args = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'lab', command];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function line({ outage, caller, lab: real, model, disagreements }: Compared): string {
  const { seed, fault, atOnce, replicas } = outage;
  const what = `${seed} ${fault}${atOnce ? ', window off' : ''}, pods ${Object.values(replicas).join(' ')}, ${caller}`;
  const seen = `errors ${real.bad} and ${model.bad}, ejections ${real.ejections} and ${model.ejections}`;
  return [`${what}: ${seen}`, ...disagreements].join('\n      ');
}

describe(`the model and real proxies, over ${OUTAGES} outages from seed ${FIRST}`, function () {
  this.timeout(3_600_000);
  const wasUp = labCondition(LAB_FOLDER).kind === 'up';
  const compared: Compared[] = [];
  const broken: Broken[] = [];
  before(async () => {
    if (!wasUp) lab('up');
    const model = await modelSide(systemClock);
    try {
      const seeds = Array.from({ length: OUTAGES }, (_, index) => FIRST + index);
      const done = (result: readonly Compared[] | Broken): void => {
        if ('problem' in result) broken.push(result);
        else compared.push(...result);
        for (const text of 'problem' in result ? [result.problem] : result.map(line)) console.error(`    ${text}`);
      };
      await differential({ lab: labSide(systemClock), model, seeds, atOnce: AT_ONCE, done });
    } finally {
      await model.close();
    }
  });
  after(() => {
    if (!wasUp) lab('down');
  });

  it('play every outage to its end', () => {
    expect(broken.map(({ outage, problem }) => `${outage.seed}: ${problem}`)).to.deep.equal([]);
    expect(new Set(compared.map(({ outage }) => outage.seed)).size).to.equal(OUTAGES);
  });

  it('agree about what callers saw, within the tolerances of docs/mesh-model.md', () => {
    expect(compared.filter(({ disagreements }) => disagreements.length > 0).map(line)).to.deep.equal([]);
  });

  it('had something to agree about: errors, ejections, traffic that left home', () => {
    const seen = compared.map(({ lab: real }) => real);
    expect(seen.some(({ bad }) => bad > 5)).to.equal(true);
    expect(seen.some(({ ejections }) => ejections > 0)).to.equal(true);
    expect(seen.some(({ hold }) => hold.calls > hold.by['ap-northeast-1a'])).to.equal(true);
  });
});
