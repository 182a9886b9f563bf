import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';

const SRC = dirname(fileURLToPath(import.meta.url));
const EXPORT =
  /^export (?:declare )?(?:abstract )?(?:async )?(type|class|function\*?|const|let|enum|interface) (\w+)/gm;
const NAMED = /(?:import|export)\s+(?:type\s+)?\{([^}]*)\}\s*from\s+'(\.[^']+)'/g;
const AWAITED = /const \{([^}]*)\} = await import\(\s*'(\.[^']+)'/g;
const MEMBER = /import\(\s*'(\.[^']+)'\s*\)\)?\.(\w+)/g;
const SPEC = /\.(test|k6test|labtest|bench|check)\.ts$/;

/** What is read by others than the files of this tree: users of the library, and k6. */
const READ_ELSEWHERE = ['index.ts', join('load', 'k6', 'scripts'), join('load', 'k6', 'config', 'script-files.ts')];

/**
 * Pieces of a file that only it uses, and that specs look at by themselves since they are rules or formulas of their own
 * (Envoy's priorities, WCAG's contrast, the build's flags and readers of the system's files). No hooks: what only specs need
 * is in testing/.
 */
const LOOKED_AT_ALONE = [
  'app/signals/starters.ts goneOf',
  'app/signals/starters.ts readProcess',
  'app/signals/starters.ts startersOf',
  'analysis/facts/series.ts bucketFor',
  'cli/program.ts program',
  'lab/build/envoy.ts envoyRequirement',
  'lab/build/go-module.ts GO_SOURCES',
  'lab/build/host.ts librariesIn',
  'lab/build/image.ts entriesOf',
  'lab/build/istio.ts istioLdflags',
  'kube/proxy-admin.ts withoutLog',
  'lab/build/kubernetes.ts KUBERNETES_COMMANDS',
  'lab/build/kubernetes.ts kubernetesGoMod',
  'lab/build/kubernetes.ts kubernetesLdflags',
  'lab/up/probes.ts availableMemory',
  'lab/up/probes.ts fileSystemOf',
  'lab/up/probes.ts mayAdminister',
  'lab/up/proc.ts parseMounts',
  'lab/up/proc.ts parseStat',
  'lab/up/wan.ts detourCommands',
  'lab/up/wan.ts straightCommands',
  'load/k6/local/cpu.ts cpuTime',
  'mesh/locality.ts lbPriority',
  'mesh/outcome.ts APP_DOWN_TEXT',
  'predict/predict.ts predictFrom',
  'report/face.ts isSaid',
  'report/fold.ts MOST_ROWS',
  'report/palette.ts contrast',
  'report/schema/run.ts expectations',
  'report/svg/frame.ts guideLabels',
  'run/abort/query-value.ts wordOf',
].map((key) => key.replaceAll('/', sep));

type Exported = { readonly file: string; readonly name: string; readonly isType: boolean };

const FILES = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
const TEXTS = new Map(FILES.map((file) => [file, readFileSync(join(SRC, file), 'utf8')]));

function isOfSpecs(file: string): boolean {
  const folders = file.split(sep);
  return SPEC.test(file) || folders.some((one) => one === 'testing');
}

function exportsOf(file: string, text: string): Exported[] {
  return [...text.matchAll(EXPORT)].map(([, what, name = '']) => ({
    file,
    name,
    isType: what === 'type' || what === 'interface',
  }));
}

/** `file name` of everything that a file takes from others of the tree. */
function takenBy(file: string, text: string): string[] {
  const from = (path = ''): string => relative(SRC, join(SRC, dirname(file), path));
  const lists = [...text.matchAll(NAMED), ...text.matchAll(AWAITED)].flatMap(([, names = '', path]) =>
    names.split(',').map((one) => `${from(path)} ${/^(?:type )?(\w+)/.exec(one.trim())?.[1]}`),
  );
  return [...lists, ...[...text.matchAll(MEMBER)].map(([, path, name]) => `${from(path)} ${name}`)];
}

function takers(isTaker: (file: string) => boolean): Set<string> {
  return new Set([...TEXTS].filter(([file]) => isTaker(file)).flatMap(([file, text]) => takenBy(file, text)));
}

const BY_PRODUCTION = takers((file) => !isOfSpecs(file));
const BY_SPECS = takers(isOfSpecs);
const EXPORTS = [...TEXTS]
  .filter(([file]) => !SPEC.test(file) && !READ_ELSEWHERE.some((path) => file === path || file.startsWith(path + sep)))
  .flatMap(([file, text]) => exportsOf(file, text));
const keyOf = ({ file, name }: Exported): string => `${file} ${name}`;

describe('exports', () => {
  it('are of what some other file takes', () => {
    const idle = EXPORTS.map(keyOf).filter((key) => !BY_PRODUCTION.has(key) && !BY_SPECS.has(key));
    expect(idle).to.deep.equal([]);
  });

  it('that only specs take are few, and known', () => {
    const alone = EXPORTS.filter((one) => !one.isType && !isOfSpecs(one.file) && !BY_PRODUCTION.has(keyOf(one)));
    expect(alone.map(keyOf)).to.have.members(LOOKED_AT_ALONE);
  });

  it('are seen, and who takes them', () => {
    const text = [
      "import type { A } from './a.ts';",
      "import {\n  b as c,\n  type D,\n} from '../b.ts';",
      "export { e } from './e.ts';",
      "const { f } = await import('./f.ts');",
      "act(async () => (await import('./g.ts')).g);",
    ].join('\n');
    expect(takenBy(join('x', 'y.ts'), text)).to.deep.equal(
      ['x/a.ts A', 'b.ts b', 'b.ts D', 'b.ts undefined', 'x/e.ts e', 'x/f.ts f', 'x/g.ts g'].map((one) =>
        one.replaceAll('/', sep),
      ),
    );
    const found = exportsOf(
      'z.ts',
      'export const a = 1;\nexport async function b() {}\nexport type C = 1;\nconst d = 2;',
    );
    expect(found.map(({ name, isType }) => [name, isType])).to.deep.equal([
      ['a', false],
      ['b', false],
      ['C', true],
    ]);
  });
});
