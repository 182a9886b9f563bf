import { expect } from 'chai';
import { accepted, diagnosticsOf, edited, FULL, LEAST, parse, places } from './testing/fixtures.ts';

const WRITTEN = 'connections: fresh';

/** Line 19 of the full scenario is `connections: fresh`; these lines stand in its place. */
function withLoad(...lines: readonly string[]): string {
  return edited(FULL, WRITTEN, lines.join('\n    '));
}

describe('scenario/load: script, dashboard and the k6-operator', () => {
  it('reach the model as they are written', () => {
    const { load } = accepted(parse(withLoad(WRITTEN, 'engine: k6', 'script: load/main.ts', 'dashboard: true')));
    expect(load).to.include({ engine: 'k6', script: 'load/main.ts', dashboard: true, connections: 'fresh' });
    const operator = accepted(parse(withLoad(WRITTEN, 'engine: k6-operator', 'script: ./main.js'))).load;
    expect(operator).to.include({ engine: 'k6-operator', script: './main.js' });
  });

  it('leave no trace where nothing is asked', () => {
    expect(accepted(parse(withLoad(WRITTEN))).load).to.not.have.any.keys('engine', 'script', 'dashboard');
    expect(accepted(parse(withLoad('engine: undici', 'dashboard: false'))).load).to.not.have.property('dashboard');
  });

  const MISTAKES: readonly [what: string, lines: readonly string[], ...expected: string[]][] = [
    ['a script for undici', [WRITTEN, 'script: a.ts'], '20:13 FIELD_VALUE'],
    ['a script for a choice of engines', [WRITTEN, 'engine: auto', 'script: a.ts'], '21:13 FIELD_VALUE'],
    ['a script of an unknown engine only once', [WRITTEN, 'engine: k5', 'script: a.ts'], '20:13 FIELD_VALUE'],
    ['kept connections under a script', ['connections: kept', 'engine: k6', 'script: a.ts'], '19:18 FIELD_VALUE'],
    ['kept connections by default, at the script', ['engine: k6', 'script: a.ts'], '20:13 FIELD_VALUE'],
    ['kept connections from pods', ['connections: kept', 'engine: k6-operator'], '19:18 FIELD_VALUE'],
    ['kept connections by default, at the engine', ['engine: k6-operator'], '19:13 FIELD_VALUE'],
    ['a dashboard of undici', ['dashboard: true'], '19:16 FIELD_VALUE'],
    ['a dashboard of a choice of engines', ['engine: auto', 'dashboard: true'], '20:16 FIELD_VALUE'],
    ['a dashboard of many pods', [WRITTEN, 'engine: k6-operator', 'dashboard: true'], '21:16 FIELD_VALUE'],
    ['a dashboard that is no boolean', ['engine: k6', 'dashboard: yes'], '20:16 FIELD_TYPE'],
    ['two problems of one script', ['script: a.ts'], '19:13 FIELD_VALUE', '19:13 FIELD_VALUE'],
    ['a misspelt field', [WRITTEN, 'engine: k6', 'scrpt: a.ts'], '21:5 FIELD_UNKNOWN'],
  ];
  for (const [what, lines, ...expected] of MISTAKES) {
    it(`point at ${what}`, () => {
      expect(places(diagnosticsOf(parse(withLoad(...lines))))).to.deep.equal(expected);
    });
  }

  it('say why, and what to write', () => {
    const [script] = diagnosticsOf(parse(withLoad(WRITTEN, 'script: a.ts')));
    expect(script?.message).to.equal('spec.load.script needs `k6` or `k6-operator`, and the engine is `undici`');
    expect(script?.hint).to.equal('write `engine: k6`');
    const [kept] = diagnosticsOf(parse(withLoad('engine: k6-operator')));
    expect(kept?.message).to.match(
      /the engine `k6-operator` needs fresh connections: .* sends a request again by itself/,
    );
    expect(kept?.hint).to.equal('write `connections: fresh`');
    const [misspelt] = diagnosticsOf(parse(withLoad('engine: k6', 'dashbord: true')));
    expect(misspelt?.hint).to.equal('did you mean `dashboard`?');
  });

  const asScript = (path: string): string =>
    edited(LEAST, 'rate: 50/s', `rate: 50/s, engine: k6, connections: fresh, script: ${JSON.stringify(path)}`);

  for (const path of ['a.ts', './a.js', 'load/deep/a.ts', 'a b.ts', '..a/b.ts', 'a../b.js', 'é/ü.ts', '.ts/a.ts']) {
    it(`take the script ${path}`, () => {
      expect(accepted(parse(asScript(path))).load.script).to.equal(path);
    });
  }

  const NO_SCRIPTS = ['/a.ts', '../a.ts', 'a/../b.ts', './../a.ts', 'a\\b.ts', 'C:/a.ts', 'https://a.example/b.js'];
  for (const path of [
    ...NO_SCRIPTS,
    'file:a.ts',
    'a.mjs',
    'a',
    'a.ts/',
    'a\nb.ts',
    '.ts',
    '..',
    `${'a'.repeat(1022)}.ts`,
  ]) {
    it(`refuse the script ${JSON.stringify(path.slice(0, 40))}`, () => {
      expect(places(diagnosticsOf(parse(asScript(path))))).to.deep.equal(['6:106 FIELD_VALUE']);
    });
  }

  it('name what a path of a script must not have', () => {
    expect(diagnosticsOf(parse(asScript('/a.ts')))[0]?.message).to.match(
      /no absolute path, no `\.\.`, no backslash, no URL/,
    );
  });
});
