import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { problemsOf } from '../testing/structural-schema.ts';
import { operatorManifests, type PodsSetup } from './manifests.ts';

const MODULE = 'github.com/grafana/k6-operator@v1.5.0';
const SUM = 'h1:rtEbUefalu1Es7IrKe/bQxSN2xACG8WIOXx6OLsRLK4=';

const PLAN: PodsSetup = {
  runId: '20261122t111537z-pxa7',
  namespace: 'load',
  pods: 3,
  image: 'grafana/k6:2.2.0',
  files: { 'main.ts': 'export default () => {};', 'config.json': '{}' },
  main: 'main.ts',
  config: 'config.json',
  longestMs: 90_000,
};

type Definition = {
  spec: { group: string; names: { kind: string }; versions: { name: string; schema: { openAPIV3Schema: object } }[] };
};

/** The CustomResourceDefinition that this version of the operator brings, from the Go module proxy. */
function definitionOfTestRun(): Definition {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-crd-'));
  try {
    const env = { ...process.env, GOFLAGS: '-mod=mod', GOTOOLCHAIN: 'local' };
    const text = execFileSync('go', ['mod', 'download', '-json', MODULE], { cwd: folder, env, encoding: 'utf8' });
    const { Dir, Sum } = JSON.parse(text) as { Dir: string; Sum: string };
    expect(Sum).to.equal(SUM);
    return parse(readFileSync(join(Dir, 'config/crd/bases/k6.io_testruns.yaml'), 'utf8')) as Definition;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('load/k6-operator: what the operator itself accepts', function () {
  this.timeout(120_000);
  let schema: { properties: { metadata: unknown } };

  before(() => {
    const { spec } = definitionOfTestRun();
    const version = spec.versions.find(({ name }) => `${spec.group}/${name}` === 'k6.io/v1alpha1');
    expect(spec.names.kind).to.equal('TestRun');
    schema = version?.schema.openAPIV3Schema as typeof schema;
  });

  /** All problems of a TestRun; its metadata is the API server's own, and no schema tells of it. */
  const problems = ({ metadata: _, ...rest }: Record<string, unknown>): string[] => problemsOf(rest, schema);

  it('is a TestRun of which the API server keeps every field', () => {
    const { testRun } = operatorManifests(PLAN);
    expect(Object.keys(testRun)).to.have.members(['apiVersion', 'kind', 'metadata', 'spec']);
    expect(problems(testRun)).to.deep.equal([]);
  });

  it('would be noticed if it were not', () => {
    const { testRun } = operatorManifests(PLAN);
    const spec = structuredClone(testRun.spec) as Record<string, Record<string, unknown>>;
    const { runner = {}, initializer = {}, starter = {} } = spec;
    runner.livenesProbe = runner.livenessProbe;
    runner.image = 5;
    initializer.automountServiceAccountToken = false;
    initializer.resources = { requests: { cpu: 'much' } };
    starter.metadata = { labels: { a: 1 } };
    const wrong = { ...spec, parallelism: 2 ** 31, cleanup: 'pre', script: { configMap: { file: 'x' } } };
    expect(
      problems({ ...testRun, spec: wrong }).map((problem) => problem.replace(/match .*/, 'match')),
    ).to.have.members([
      '.spec.parallelism: more than 2147483647',
      '.spec.cleanup: not one of post',
      '.spec.script.configMap.name: missing',
      '.spec.runner.livenesProbe: unknown field',
      '.spec.runner.image: integer, not string',
      '.spec.initializer.automountServiceAccountToken: boolean, not string',
      '.spec.initializer.resources.requests.cpu: does not match',
      '.spec.starter.metadata.labels.a: integer, not string',
    ]);
    expect(problems({ ...testRun, spec: {} })).to.have.members(['.spec.parallelism: missing', '.spec.script: missing']);
  });
});
