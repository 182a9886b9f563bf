import { expect } from 'chai';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import type { FlowPart, RunResult } from '../../model/result.ts';
import { visibleText } from '../testing/markup.ts';
import { FIXTURES } from '../testing/results/index.ts';
import { AFTER, BEFORE, DURING } from '../testing/results/pass.ts';
import { viewOf } from '../view.ts';
import { flowPictures } from './flows.ts';

const pass = FIXTURES.pass ?? expect.fail('pass');
const stages = FIXTURES.stages ?? expect.fail('stages');
const drawn = (result: RunResult): string => flowPictures(viewOf(result, OBJECTIVES)).text;
const said = (result: RunResult): string => visibleText(drawn(result)).replace(/\s+/g, ' ');
const flowing = (...parts: FlowPart[]): RunResult => ({ ...pass, flows: [{ service: 'mockb', parts }] });

describe('report/flows', () => {
  it('says what was hit, who took over, what failed, and whether all is as before', () => {
    expect(said(pass)).to.include(
      'mockb was hit in ap-northeast-1a (mockb-down). ap-northeast-1b took 100% of the calls from ap-northeast-1a. 1 of 4,819 requests failed. At the end every zone is served at home.',
    );
    expect(
      said(flowing(BEFORE, { ...DURING, calls: DURING.calls.slice(1) }, { ...AFTER, calls: DURING.calls })),
    ).to.include(
      'no good call came from ap-northeast-1a. 1 of 4,819 requests failed. At the end 100% of the calls from ap-northeast-1a still went elsewhere.',
    );
    expect(said(flowing(BEFORE, { ...DURING, calls: BEFORE.calls }))).to.include('Calls went on as before.');
    const failing = FIXTURES.fail ?? expect.fail('fail');
    expect(said({ ...failing, flows: pass.flows ?? [] })).to.include('1,107 of 4,813 requests failed, within 22.2 s.');
  });

  it('draws a map for each part, with an arrow for each flow and a mark on what was hit', () => {
    const svgs = drawn(pass).match(/<svg class="map".*?<\/svg>/gs) ?? [];
    expect(svgs).to.have.length(3);
    expect(svgs.map((svg) => svg.includes('✗ hit, 1,014 calls made'))).to.deep.equal([false, true, false]);
    const curves = svgs.map((svg) => svg.match(/<path d="M176 [\d.]+C/g)?.length);
    expect(curves).to.deep.equal([4, 4, 4]);
  });

  it('draws each stage, and keeps further services behind a fold', () => {
    expect(drawn(stages).match(/<figure /g)).to.have.length(8);
    expect(said(stages)).to.include('The same of mockc').and.to.include('cn-hangzhou-h took 50%');
  });

  it('gives each cluster its own box where several have a zone of one name', () => {
    const { topology } = pass.run;
    const clusters = topology.clusters.map((one) => ({ ...one, region: 'r', zones: ['ap-northeast-1a'] }));
    const [tokyo, hangzhou] = ['ap-northeast-1a (tokyo)', 'ap-northeast-1a (hangzhou)'];
    const both = [tokyo, hangzhou].flatMap((from) => [tokyo, hangzhou].map((to) => ({ from, to, n: 50 })));
    const result = {
      ...flowing(
        { ...BEFORE, calls: both },
        { ...DURING, hit: [tokyo], calls: both.filter(({ to }) => to === hangzhou) },
        { ...AFTER, calls: both },
      ),
      run: { ...pass.run, topology: { ...topology, clusters } },
    };
    const svgs = drawn(result).match(/<svg class="map".*?<\/svg>/gs) ?? [];
    expect(svgs).to.have.length(3);
    for (const svg of svgs) {
      expect(svg.match(/<rect x="1"[^>]*width="5"/g)).to.have.length(2);
      expect(svg).to.include('ap-northeast-1a (tokyo)').and.to.include('ap-northeast-1a (hangzhou)');
    }
    expect(svgs.map((svg) => svg.includes('✗ hit, '))).to.deep.equal([false, true, false]);
    for (const svg of svgs) {
      const labels = [...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*>[\d.]+%</g)].map(([, x, y]) => [
        Number(x),
        Number(y),
      ]) as [number, number][];
      const width = Number(/viewBox="0 0 (\d+)/.exec(svg)?.[1]);
      for (const [at, [x, y]] of labels.entries()) {
        expect(x + 46, 'inside of the picture').to.be.at.most(width);
        for (const [x2, y2] of labels.slice(at + 1)) {
          expect(Math.abs(x - x2) >= 46 || Math.abs(y - y2) >= 13, 'over another').to.equal(true);
        }
      }
    }
    expect(said(result).slice(0, 700)).to.include(
      `mockb was hit in ${tokyo} (mockb-down). ${hangzhou} took 100% of the calls from ${tokyo}. 1 of`,
    );
    expect(said(result)).to.include('At the end every zone is served at home.');
  });

  it('cuts the zone and not the cluster where a name has no room in its box', () => {
    const name = 'northamerica-northeast1-a (blue)';
    const calls = [{ from: name, to: name, n: 9 }];
    expect(drawn(flowing({ ...BEFORE, calls }))).to.include('>northamerica-north… (blue)<');
  });

  it('shows the eight zones that matter where there are many, and says how many more there are', () => {
    const many = Array.from({ length: 30 }, (_, index) => ({ from: `zone-${index}`, to: `zone-${index}`, n: 9 }));
    const moved = { from: 'zone-20', to: 'zone-21', n: 4 };
    const result = flowing(
      { ...BEFORE, calls: many },
      { ...DURING, hit: ['zone-20'], calls: [...many.slice(1, 20), moved] },
    );
    const [map = ''] = drawn(result).match(/<svg class="map".*?<\/svg>/s) ?? [];
    expect(map.match(/calls? made</g)).to.have.length(8);
    expect(map).to.include('zone-20').and.to.include('zone-21');
    expect(said(result)).to.include('22 other zones in the numbers below');
  });

  it('draws the first of many stages and the last ones, and says how many it leaves out', () => {
    const many = Array.from({ length: 9 }, (_, index) => ({ ...DURING, faults: [`fault-${index}`] }));
    const result = flowing(BEFORE, ...many, AFTER);
    expect([...drawn(result).matchAll(/<figcaption>([^<]*)/g)].map(([, title]) => title)).to.deep.equal([
      'Before',
      ...['fault-0', 'fault-7', 'fault-8'].map((name) => `While ${name} was on`),
      'At the end',
    ]);
    expect(said(result)).to.include('6 stages in between are in result.json.');
  });

  it('is absent where nothing was hit, or the result is of before there were flows', () => {
    const { flows: _, ...old } = pass;
    expect([drawn(old), drawn({ ...pass, flows: [] })]).to.deep.equal(['', '']);
  });

  describe('between two networks', () => {
    const through = 'gateway into vpc-hangzhou';
    const [a, b, h, k] = ['ap-northeast-1a', 'ap-northeast-1b', 'cn-hangzhou-h', 'cn-hangzhou-k'] as const;
    const across = (calls: FlowPart['calls']) => flowing(BEFORE, { ...DURING, calls }, AFTER);
    const arrows = (result: RunResult): number[] =>
      (drawn(result).match(/<svg class="map".*?<\/svg>/gs) ?? []).map(
        (svg) => (svg.match(/<path d="M176 [\d.]+C/g) ?? []).length,
      );

    it('draws the gateway as a box of its own: what comes to it, and whom it passes it on to', () => {
      const result = across([
        { from: a, to: h, n: 60, through },
        { from: a, to: k, n: 20, through },
        { from: b, to: h, n: 20, through },
        { from: h, to: h, n: 100 },
      ]);
      expect(arrows(result)).to.deep.equal([4, 5, 4]);
      expect(drawn(result)).to.contain('passed 100 good calls on').and.to.contain('>80%<').and.to.contain('>20%<');
      expect(said(result)).to.contain('between networks');
      expect(said(result)).to.contain(
        'cn-hangzhou-h (through the gateway into vpc-hangzhou) took 75% of the calls from ap-northeast-1a',
      );
    });

    it('ends at the gateway where nobody tells who served behind it', () => {
      const result = across([{ from: a, to: through, n: 80, through }]);
      expect(arrows(result)).to.deep.equal([4, 1, 4]);
      expect(said(result)).to.contain('whom the gateway into vpc-hangzhou chose took 100% of the calls');
      expect(drawn(result)).to.not.contain('no known region');
    });
  });
});
