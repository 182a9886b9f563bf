import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { checkScenarioFile } from './load-files.ts';

const OBJECT = { apiVersion: 'chaos-mesh.org/v1alpha1', kind: 'NetworkChaos', metadata: { name: 'a', namespace: 'b' } };

const scenario = (fields: string) => `
apiVersion: faultline/v1alpha1
kind: Scenario
metadata: { name: files }
spec:
  hypothesis: It holds.
  load: { paths: [{ name: entry, request: { path: / } }], rate: 50/s, good: { status: 200 } }
  phases: { baseline: 20s, hold: 20s, recover: 10s }
  faults:
    - name: late
      manifest: { cluster: tokyo, hits: { app: a }, effect: degrades, ${fields} }
  expect: { steadyState: { good: ">= 99%" } }
`;

describe('the file of a fault', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-fault-files-'));
  const put = (name: string, text: string) => writeFileSync(join(folder, name), text);
  after(() => rmSync(folder, { recursive: true }));

  const check = (fields: string) => checkScenarioFile(scenario(fields), join(folder, 'files.yaml'));
  const problem = (fields: string): string => {
    const parsed = check(fields);
    if (parsed.ok) return 'none';
    return parsed.diagnostics.map(({ code, message, line }) => `${code} ${line} ${message}`).join();
  };

  it('stands beside the scenario, and its content is in the fault in place of its name', () => {
    put('object.yaml', `# of Chaos Mesh\n${JSON.stringify(OBJECT)}\n`);
    const parsed = check('file: ./object.yaml');
    const spec = parsed.ok ? parsed.value.faults[0]?.spec : parsed.diagnostics;
    expect(spec).to.deep.include({ object: OBJECT }).and.to.not.have.property('file');
  });

  it('is there, is one document of YAML, and is small', () => {
    expect(problem('file: ./gone.yaml')).to.match(/^FILE_UNREADABLE 11 .*gone\.yaml/);
    put('two.yaml', 'a: 1\n---\nb: 2\n');
    expect(problem('file: ./two.yaml')).to.match(/^FILE_UNREADABLE 11 .*two\.yaml: .*multiple documents/);
    put('twice.yaml', 'a: 1\na: 2\n');
    expect(problem('file: ./twice.yaml')).to.match(/twice\.yaml: Map keys must be unique/);
    put('big.yaml', `a: ${'x'.repeat(70_000)}\n`);
    expect(problem('file: ./big.yaml')).to.match(/big\.yaml is larger than 64 KiB/);
  });

  it('is not there beside the object itself', () => {
    expect(problem(`file: ./object.yaml, object: ${JSON.stringify(OBJECT)}`)).to.not.equal('none');
    expect(problem(`object: ${JSON.stringify(OBJECT)}`)).to.equal('none');
  });
});
