import { expect } from 'chai';
import { Errors } from 'typebox/value';
import type { Finding } from '../../model/finding.ts';
import { wordsOf } from '../../model/objective.ts';
import type { Json } from '../../model/scenario.ts';
import { renderHtml, renderJunit, renderMarkdown, serializeResult } from '../../report/index.ts';
import { resultSchema } from '../../report/result-schema.ts';
import { adviseSamples, parseScenario, pathsOf, sampleNeeds, scenarioSchema } from '../../scenario/index.ts';
import { accepted, diagnosticsOf, ENGINES, edited, FAULTS, FULL, LEAST } from '../../scenario/testing/fixtures.ts';
import { integer, mapping, quantity } from '../../schema/builders.ts';
import { clause } from '../../schema/clause.ts';
import { dnsLabel } from '../../schema/names.ts';
import { forEditors } from '../../schema/schema.ts';
import { analyze } from '../index.ts';
import { type Handmade, historyOf, recordsOf, recovering } from '../testing/handmade.ts';
import { chunks } from '../testing/record-file.ts';
import { ORDER } from '../testing/world.ts';
import { finding } from './finding.ts';
import { OBJECTIVES } from './index.ts';
import { type Criterion, objective } from './objective.ts';
import { putBack } from './put-back.ts';
import { recoveryTime } from './recovery-time.ts';
import { steadyAfter } from './steady-after.ts';
import { steadyState } from './steady-state.ts';

type Volume = { readonly service: string; readonly requests: number; readonly share?: number };

/** All that an objective has to state. */
const volume = objective({
  name: 'volume',
  title: 'Volume of requests',
  fromRequests: true,
  clause: clause({
    schema: mapping('Requests that a run must have at least.', {
      required: { service: dnsLabel('Whose.', 'mockb'), atLeast: integer('Fewest requests.', 1, 1_000_000, 1000) },
      optional: { share: quantity('atLeast', 'Share of them.', { example: '>= 99%' }) },
    }),
    read: (written): Volume | undefined =>
      written && {
        service: written.service,
        requests: written.atLeast,
        ...(written.share === undefined ? {} : { share: written.share }),
      },
    check: ({ service }, problems) => problems.service(['service'], service),
    advise: ({ requests }, { load }, warn) => {
      if (load.ratePerSecond < requests / 100) warn(['load', 'rate'], 'too slow for volume', 'use a higher one');
    },
    shares: ({ share }) =>
      share === undefined ? [] : [{ path: ['share'], name: 'volume.share', share, when: 'hold' }],
  }),
  judge: (it, { service, requests }) => {
    const sent = it.paths.reduce((sum, path) => sum + path.records, 0);
    return [
      finding({
        objective: 'volume',
        subject: service,
        verdict: sent >= requests ? 'pass' : 'fail',
        title: 'The volume was there',
        story: `${sent} requests.`,
        measured: { lo: sent, hi: sent, unit: 'count' },
        target: { op: '>=', value: requests, unit: 'count' },
        samples: sent,
        evidence: [],
      }),
    ];
  },
});

const LIST = [...OBJECTIVES, volume];

const asking = (text: string): string => edited(LEAST, 'expect: {steadyState: {}}', `expect: {volume: ${text}}`);
const read = (text: string) => parseScenario(text, 'f', FAULTS, LIST, ENGINES);
const judgedBy = (objectives: readonly Criterion[], run: Handmade) =>
  analyze(historyOf(run), chunks(recordsOf(run).file), { objectives });
const RUN: Handmade = { expect: { volume: { service: 'mockb', requests: 100 } } };
const only = (findings: readonly Finding[]): Finding[] => findings.filter(({ objective: name }) => name === 'volume');

describe('an objective that is one more entry of the list', () => {
  it('has its clause in the schema of scenarios, behind those of the others', () => {
    const clausesOf = (schema: Json): Json => {
      const at = (value: Json, key: string): Json => (value as { [key: string]: Json })[key] ?? expect.fail(key);
      return ['properties', 'spec', 'properties', 'expect', 'properties'].reduce(at, schema);
    };
    const clauses = clausesOf(scenarioSchema(FAULTS, LIST, ENGINES));
    expect(clauses).to.deep.equal({
      ...(clausesOf(scenarioSchema(FAULTS, OBJECTIVES, ENGINES)) as object),
      volume: forEditors(volume.clause.schema),
    });
    expect(Object.keys(clauses as object).at(-1)).to.equal('volume');
  });

  it('is read into the expectations, which have nothing of it where it is not asked for', () => {
    expect(accepted(read(asking('{service: mockb, atLeast: 7}'))).expect.volume).to.deep.equal({
      service: 'mockb',
      requests: 7,
    });
    expect(accepted(read(LEAST)).expect).to.not.have.property('volume');
  });

  it('is validated by its schema and its own checks, at the place of the mistake', () => {
    const told = (text: string) => diagnosticsOf(read(text)).map(({ line, column, code }) => [line, column, code]);
    expect(told(asking('{service: mockb}'))).to.deep.equal([[9, 12, 'FIELD_MISSING']]);
    const [mistake] = diagnosticsOf(
      read(edited(FULL, '    failback:', '    volume: {service: mockx, atLeast: 1}\n    failback:')),
    );
    expect(mistake).to.deep.include({
      code: 'NAME_UNKNOWN',
      message: 'the service `mockx` is not in spec.load.good.chain',
    });
    expect(mistake?.line).to.equal(FULL.split('\n').findIndex((line) => line.includes('failback')) + 1);
  });

  it('advises of the load, and counts the samples of its share', () => {
    const scenario = accepted(read(asking('{service: mockb, atLeast: 6000, share: 99%}')));
    const [warning] = diagnosticsOf(read(asking('{service: mockb, atLeast: 6000}')));
    expect(warning).to.deep.include({ severity: 'warning', line: 6, message: 'too slow for volume' });
    const paths = pathsOf([{ zone: 'zone-a', name: 'entry' }]);
    expect(sampleNeeds(scenario, LIST, paths).at(-1)).to.deep.include({
      name: 'volume.share',
      needed: 368,
      available: 0,
    });
    expect(adviseSamples(scenario, LIST, paths).map(({ message }) => message)).to.include(
      'volume.share >= 99% needs 368 requests; 1 path sends 0 in the hold after the recovery',
    );
  });

  it('is judged, and only where the scenario asks for it', async () => {
    expect(only((await judgedBy(LIST, RUN)).findings).map(({ verdict }) => verdict)).to.deep.equal(['pass']);
    const more = { expect: { volume: { service: 'mockb', requests: 1e6 } } };
    const failed = await judgedBy(LIST, more);
    expect(failed.verdict).to.equal('fail');
    expect(failed.reasonFinding).to.equal('volume/mockb');
    expect(only((await judgedBy(LIST, {})).findings)).to.deep.equal([]);
  });

  it('has its words in every report, and its name in the schema of results', async () => {
    const result = await judgedBy(LIST, RUN);
    for (const render of [renderHtml, renderJunit, renderMarkdown]) {
      expect(render(result, LIST)).to.include('Volume of requests').and.to.include('The volume was there');
    }
    const json = JSON.parse(serializeResult(result));
    expect(Errors(resultSchema(LIST), json)).to.deep.equal([]);
    expect(Errors(resultSchema(OBJECTIVES), json)).to.not.deep.equal([]);
  });

  it('X5 is not lost on a reader that does not know it', async () => {
    const result = await judgedBy(LIST, RUN);
    for (const render of [renderHtml, renderJunit, renderMarkdown]) {
      expect(render(result, OBJECTIVES)).to.include('volume').and.to.include('The volume was there');
    }
    const [told] = only((await judgedBy(OBJECTIVES, RUN)).findings);
    expect(told).to.deep.include({ id: 'volume/judge', verdict: 'inconclusive', title: 'volume could not be judged' });
  });
});

const EVERYTHING: Handmade = recovering({
  expect: {
    steadyState: { goodAtLeast: 0.9, sameZoneAtLeast: 0.9 },
    failoverOrder: [ORDER],
    recoveryTime: { withinMs: 5000, consecutive: 5, lastingMs: 1000 },
    errorBudget: { perPath: 30, perCaller: 30, ratio: 0.2 },
    latency: [{ phase: 'hold', quantile: 0.5, limitMs: 500 }],
    shares: [
      { service: 'mockb', from: { zone: 'north-b' }, to: [{ place: { zone: 'north-b' }, share: 1 }], tolerance: 0.05 },
    ],
    unaffected: { except: [{ zone: 'north-a' }] },
    ejections: [{ service: 'mockb', atMost: 4 }],
    alert: [{ rule: 'Broken', labels: {}, firesWithinMs: 5000, onlyThese: false }],
    failback: { withinMs: 5000 },
  },
  events: (history) =>
    history.at(1e6, {
      type: 'not-acted-on',
      cluster: 'tokyo',
      objects: [{ ref: 'StatefulSet default/db', what: 'x' }],
    }),
});

describe('the list of objectives', () => {
  it('has no two entries that cannot be told apart', () => {
    const keys = OBJECTIVES.map((entry) => `${entry.name}/${'subject' in entry ? entry.subject : ''}`);
    expect(keys).to.deep.equal([...new Set(keys)]);
  });

  it('has only judges that speak, and in their own name', async () => {
    const spoken: string[][] = [];
    const heard = OBJECTIVES.map(
      (entry: Criterion): Criterion => ({
        ...entry,
        judge: (it, shared) => {
          const findings = entry.judge(it, shared).filter((one) => one !== undefined);
          for (const one of findings) {
            expect(one.objective).to.equal(entry.name);
            expect(one.id.startsWith(`${entry.name}/`), one.id).to.equal(true);
          }
          spoken.push([entry.name, `${findings.length > 0}`]);
          return findings;
        },
      }),
    );
    const { findings } = await judgedBy(heard, EVERYTHING);
    expect(spoken).to.deep.equal(OBJECTIVES.map(({ name }) => [name, 'true']));
    const names = findings.map(({ objective: name }) => name);
    expect([...new Set(names)]).to.deep.equal([...new Set(OBJECTIVES.map(({ name }) => name))]);
  });

  it('gives a finding the words of its own entry', () => {
    const about = (id: string) => wordsOf({ id, objective: id.split('/')[0] ?? '' }, OBJECTIVES);
    expect(about('steadyState/good')).to.equal(steadyState);
    expect(about('steadyState/after')).to.equal(steadyAfter);
    expect(about('recoveryTime/entry@a')).to.equal(recoveryTime);
    expect(about('putBack/all')).to.equal(putBack);
    expect(about('other/x')).to.deep.equal({ name: 'other', title: 'other' });
  });
});
