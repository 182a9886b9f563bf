import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { systemClock } from '../../run/system-clock.ts';
import { LAB_FOLDER } from '../up/state.ts';
import { labCondition } from '../up/status.ts';
import type { Facts } from './testing/facts.ts';
import { labSide, type Side, sandboxSide } from './testing/side.ts';
import { type Compared, compare, playAll, type Unjudged } from './testing/suite.ts';

/** `FAULTLINE_OUTAGES=200 FAULTLINE_SEED=1 npm run test:differential`; a seed is one outage, the next seed another. */
const OUTAGES = Number(process.env.FAULTLINE_OUTAGES ?? 20);
const FIRST = Number(process.env.FAULTLINE_SEED ?? 1);
const AT_ONCE = 4;
/** The sandbox speaks the same model over real sockets: a few outages show that it is the same. */
const IN_SANDBOX = 4;

function lab(command: 'up' | 'down'): void {
  const args = ['--disable-warning=ExperimentalWarning', 'src/cli/main.ts', 'lab', command];
  execFileSync(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

function line({ outage, caller, seen, model, disagreements }: Compared): string {
  const { seed, fault, atOnce, replicas } = outage;
  const what = `${seed} ${fault}${atOnce ? ', window off' : ''}, pods ${Object.values(replicas).join(' ')}, ${caller}`;
  const range = (of: (facts: Facts) => number): string => {
    const values = model.map(of);
    return `${of(seen)} (${Math.min(...values)} to ${Math.max(...values)})`;
  };
  const told = `errors ${range(({ bad }) => bad)}, ejections ${range(({ ejections }) => ejections)}`;
  return [`${what}: ${told}`, ...disagreements].join('\n      ');
}

type Results = { readonly compared: Compared[]; readonly unjudged: Unjudged[] };

async function results(side: Side, count: number): Promise<Results> {
  const compared: Compared[] = [];
  const unjudged: Unjudged[] = [];
  const seeds = Array.from({ length: count }, (_, index) => FIRST + index);
  await playAll({
    side,
    seeds,
    atOnce: AT_ONCE,
    done: async (outage, played) => {
      const result = played instanceof Error ? { outage, problem: played.message } : await compare(outage, played);
      if ('problem' in result) unjudged.push(result);
      else compared.push(...result);
      for (const text of 'problem' in result ? [`${outage.seed}: ${result.problem}`] : result.map(line)) {
        console.error(`    ${text}`);
      }
    },
  });
  await side.close();
  return { compared, unjudged };
}

const disagreeing = ({ compared }: Results): string[] =>
  compared.filter(({ disagreements }) => disagreements.length > 0).map(line);

describe(`the model and real proxies, over ${OUTAGES} outages from seed ${FIRST}`, function () {
  this.timeout(3_600_000);
  const wasUp = labCondition(LAB_FOLDER).kind === 'up';
  let real: Results;
  before(async () => {
    if (!wasUp) lab('up');
    real = await results(labSide(systemClock), OUTAGES);
  });
  after(() => {
    if (!wasUp) lab('down');
  });

  it('can be held against each other for nine outages of ten: the machine does not stand still', () => {
    expect(real.unjudged.length, JSON.stringify(real.unjudged)).to.be.at.most(OUTAGES / 10);
  });

  it('agree about what callers saw, within the tolerances of docs/mesh-model.md', () => {
    expect(disagreeing(real)).to.deep.equal([]);
  });

  it('had something to agree about: errors, ejections, traffic that left home', () => {
    const seen = real.compared.map((one) => one.seen);
    expect(seen.some(({ bad }) => bad > 5)).to.equal(true);
    expect(seen.some(({ ejections }) => ejections > 0)).to.equal(true);
    expect(seen.some(({ hold }) => hold.calls > hold.by['ap-northeast-1a'])).to.equal(true);
  });
});

describe('the model and the sandbox', function () {
  this.timeout(600_000);

  it(`agree over ${IN_SANDBOX} outages`, async () => {
    const sandbox = await results(await sandboxSide(systemClock), IN_SANDBOX);
    expect(sandbox.compared).to.not.deep.equal([]);
    expect(disagreeing(sandbox)).to.deep.equal([]);
  });
});
