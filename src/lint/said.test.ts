import { expect } from 'chai';
import { silenceOf } from '../faults/silence.ts';
import type { Scenario } from '../model/scenario.ts';
import { expectGolden } from '../testing/golden.ts';
import { objectText } from './finding.ts';
import { RULES } from './index.ts';
import { lint } from './lint.ts';
import { FAULTY } from './testing/faulty-cases.ts';
import { drill, Mesh, promising } from './testing/mesh.ts';
import { OTHERS } from './testing/other-cases.ts';

const order = [
  { place: { zone: 'cn-hangzhou-h' }, shareAtLeast: 0.95 },
  { place: { zone: 'ap-northeast-1b' }, shareAtLeast: 0.95 },
];
const tight = (): Scenario => ({
  ...promising({
    recoveryTime: { withinMs: 900, consecutive: 5, lastingMs: 1000 },
    errorBudget: { perCaller: 0 },
    failoverOrder: [{ service: 'mockb', from: { zone: 'ap-northeast-1a' }, order }],
  }),
  faults: [
    ...drill().faults,
    {
      ...{ name: 'silent', kind: 'zoneBlackhole', afterMs: 0 },
      ...{ spec: {}, move: silenceOf({ cluster: 'tokyo', zone: 'ap-northeast-1a', namespaces: ['default'] }) },
    },
  ],
});

/** Every finding of a mesh as people get to read it. */
function said(
  name: string,
  edit: (mesh: Mesh) => void,
  scenario: Scenario | undefined,
  mesh: Mesh = new Mesh(),
): string[] {
  edit(mesh);
  const { findings } = lint(mesh.system(scenario));
  const lines = findings.map(
    ({ severity, rule, object, field, what, change }) =>
      `  ${severity} ${rule}: ${objectText(object)}: ${field}\n    ${what}\n    ${change}\n`,
  );
  return [`${name}\n`, ...lines];
}

/** Each network has one address and one pod for others. */
function eachByOne(mesh: Mesh): void {
  const status = { loadBalancer: { ingress: [{ ip: '9.9.9.9' }] } };
  for (const live of mesh.clusters) live.eastWest = live.eastWest.map((service) => ({ ...service, status }));
  mesh.apply(
    '{kind: Deployment, metadata: {name: istio-eastwestgateway, namespace: istio-system}, spec: {template: {metadata: {labels: {istio: eastwestgateway}}}}}',
    'tokyo',
  );
}

/** Hangzhou is configured by Tokyo, and has a rule and a filter all the same. */
function withIdle(mesh: Mesh): void {
  mesh.configure('hangzhou', 'tokyo');
  const metadata = { name: 'own', namespace: 'default' };
  const idle = ['DestinationRule', 'EnvoyFilter'].map((kind) => ({
    apiVersion: 'networking.istio.io/v1',
    kind,
    metadata,
  }));
  Object.assign(mesh.beside[1] ?? {}, { idle });
}

describe('what lint says', () => {
  const meshes = [...FAULTY, ...OTHERS].flatMap(({ name, edit }) => [
    ...said(name, edit, drill()),
    ...said(`${name}, without a scenario`, edit, undefined),
  ]);
  const apart = said('two networks', eachByOne, undefined, new Mesh({ networks: true }));
  const idle = said('a rule where nobody reads it', withIdle, undefined);
  const text = [...meshes, ...apart, ...idle, ...said('promises that cannot be kept', () => {}, tight())].join('');

  it('is the same as ever (UPDATE_GOLDEN=1 writes it)', () => {
    expectGolden('src/lint/testing/said.txt', text);
  });

  it('shows every rule at least once', () => {
    expect(RULES.map(({ id }) => id).filter((id) => !text.includes(` ${id}: `))).to.deep.equal([]);
  });
});
