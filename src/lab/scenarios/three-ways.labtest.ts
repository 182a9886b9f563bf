import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runScenario } from '../../app/library.ts';
import type { RunResult } from '../../model/result.ts';
import type { Micros } from '../../model/units.ts';
import { requireLab } from '../testing/running-lab.ts';
import { steady } from '../testing/steady.ts';

/** `FAULTLINE_DRILLS_ON=sandbox` runs them there; FAULTLINE_DRILLS of each way. */
const TARGET = process.env.FAULTLINE_DRILLS_ON ?? 'lab';
const TIMES = Number(process.env.FAULTLINE_DRILLS ?? 3);

const HEADER = 'x-served-by';
/** The same drill, judged by where the answers say that they are from, or by the counters of the callers' proxies. */
const WAYS = {
  'the chain in the body': ['scenarios/service-failover.yaml', []],
  'a header': [
    'scenarios/service-failover.yaml',
    [`spec.load.paths.0.request.headers.x-answer-in=${HEADER}`, `spec.load.chain.from.header=${HEADER}`],
  ],
  neither: ['scenarios/ordinary-service.yaml', []],
} as const;
type Way = keyof typeof WAYS;
const NAMES = Object.keys(WAYS) as Way[];

const HIT = { path: 'entry@tokyo/ap-northeast-1a', zone: 'ap-northeast-1b' };
const SHARES_WITHIN = 0.02;

/** What the requests of the zone that was hit have shown. */
type Shown = {
  readonly verdict: string;
  readonly recovered: { readonly lo: Micros; readonly hi: Micros };
  readonly share: number;
};

function shownBy({ verdict, reason, recoveries, ladders }: RunResult): Shown {
  const lasted = recoveries.find(({ path }) => path === HIT.path)?.lasted;
  const rungs = ladders.flatMap((ladder) => ladder.rungs);
  const share = rungs.find(({ place }) => 'zone' in place && place.zone === HIT.zone)?.share;
  if (lasted === undefined || lasted.hi === null || share === undefined)
    throw new Error(`nothing was measured: ${verdict}, ${reason}`);
  return { verdict, recovered: { lo: lasted.lo, hi: lasted.hi }, share };
}

const text = ({ verdict, recovered: { lo, hi }, share }: Shown): string =>
  `${verdict}, ${(lo / 1e6).toFixed(2)} to ${(hi / 1e6).toFixed(2)} s, ${(share * 100).toFixed(1)} %`;

describe(`the flagship drill on the ${TARGET}, judged by what its answers say and by what its mesh counts`, function () {
  this.timeout(TIMES * 600_000);
  const shown = new Map<Way, Shown[]>(NAMES.map((way) => [way, []]));

  before(async () => {
    if (TARGET === 'lab') await requireLab();
    const out = mkdtempSync(join(tmpdir(), 'faultline-three-ways-'));
    try {
      for (let time = 1; time <= TIMES; time += 1) {
        for (const way of NAMES) {
          if (TARGET === 'lab') await steady();
          const [file, set] = WAYS[way];
          const { result } = await runScenario(file, { target: TARGET, out, set: [...set] });
          const one = shownBy(result);
          console.error(`    ${way}: ${text(one)}`);
          shown.get(way)?.push(one);
        }
      }
    } finally {
      rmSync(out, { recursive: true, force: true });
    }
  });

  const of = (way: Way): Shown[] => shown.get(way) ?? [];

  it('has one verdict', () => {
    expect(NAMES.flatMap(of).map(({ verdict }) => verdict)).to.deep.equal(Array(TIMES * NAMES.length).fill('pass'));
  });

  it('has recovery times that overlap', () => {
    const ranges = NAMES.map((way) => ({
      lo: Math.min(...of(way).map(({ recovered }) => recovered.lo)),
      hi: Math.max(...of(way).map(({ recovered }) => recovered.hi)),
    }));
    for (const a of ranges) for (const b of ranges) expect(a.lo).to.be.at.most(b.hi);
  });

  it(`has shares of the zone that took over within ${SHARES_WITHIN * 100} points`, () => {
    const shares = NAMES.flatMap(of).map(({ share }) => share);
    expect(Math.max(...shares) - Math.min(...shares)).to.be.at.most(SHARES_WITHIN);
  });
});
