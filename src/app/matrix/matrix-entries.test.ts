import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { TOPOLOGIES } from '../../topologies/index.ts';
import { matrixFiles } from './matrix-entries.ts';

const NAMES = OBJECTIVES.map(({ name }) => name);
const OWN = fileURLToPath(new URL('../../../scenarios/topologies', import.meta.url));

describe('the scenarios of the matrix', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-matrix-'));
  });
  after(() => rmSync(dir, { recursive: true }));

  it('that faultline brings are valid, one for each square, in the folder of their topology', () => {
    const files = matrixFiles([OWN], NAMES);
    const squares = files.map(({ entry }) => `${entry.topology}/${entry.failure}`);
    expect(files.map(({ file }) => file)).to.deep.equal(squares.map((square) => join(OWN, `${square}.yaml`)));
    for (const { name } of TOPOLOGIES) {
      expect(squares).to.include.members(
        ['zone', 'misconfiguration', 'dependency', 'region'].map((one) => `${name}/${one}`),
      );
    }
    expect(files.filter(({ entry }) => entry.claim === undefined)).to.deep.equal([]);
  });

  const written = (name: string, annotations: string): string => {
    const path = join(dir, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(
      path,
      `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: { name: ${name.replace(/\W/g, '-')}, annotations: { ${annotations} } }
spec:
  hypothesis: Nothing happens.
  load:
    paths: [{ name: entry, request: { method: GET, path: /, host: a.example } }]
    rate: 10/s
    good: { status: 200 }
  phases: { baseline: 5s, hold: 5s, recover: 5s }
  faults: [{ name: nothing, noop: { cluster: tokyo, namespace: default, deployment: a } }]
  expect: { recoveryTime: { within: 1s } }
`,
    );
    return path;
  };

  it('say in which square they are and how they must end, or are refused by name', () => {
    const good = written(
      'good/a.yaml',
      'matrix.faultline.dev/failure: zone, matrix.faultline.dev/expected: "fail:recoveryTime"',
    );
    expect(matrixFiles([join(dir, 'good')], NAMES)).to.deep.equal([
      {
        file: good,
        entry: { scenario: 'good-a-yaml', topology: 'multi-region', failure: 'zone', expected: 'fail:recoveryTime' },
      },
    ]);
    const refused: readonly [string, RegExp][] = [
      ['matrix.faultline.dev/failure: zone', /has no matrix.faultline.dev\/expected/],
      ['matrix.faultline.dev/expected: pass', /has no matrix.faultline.dev\/failure/],
      ['matrix.faultline.dev/failure: zone, matrix.faultline.dev/expected: passed', /passed/],
      [
        'matrix.faultline.dev/failure: zone, matrix.faultline.dev/expected: pass, sandbox.faultline.dev/topology: ring',
        /no topology is called 'ring'/,
      ],
    ];
    for (const [annotations, why] of refused)
      expect(() => matrixFiles([written('bad.yaml', annotations)], NAMES)).to.throw(why);
    expect(() => matrixFiles([join(dir, 'nowhere')], NAMES)).to.throw(/nowhere/);
    mkdirSync(join(dir, 'empty'));
    expect(() => matrixFiles([join(dir, 'empty')], NAMES)).to.throw(/no scenario/);
  });
});
