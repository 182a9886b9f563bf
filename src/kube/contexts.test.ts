import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { contextsIn } from './contexts.ts';

describe('contexts of kubeconfig files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-contexts-'));
  after(() => rmSync(folder, { recursive: true }));

  function kubeconfig(name: string, contexts: readonly string[]): string {
    const file = join(folder, name);
    const entries = contexts.map((context) => ({ name: context, context: { cluster: 'one', user: 'me' } }));
    const clusters = [{ name: 'one', cluster: { server: 'https://127.0.0.1:1' } }];
    const users = [{ name: 'me', user: {} }];
    const text = { apiVersion: 'v1', kind: 'Config', clusters, users, contexts: entries };
    writeFileSync(file, JSON.stringify(text));
    return file;
  }

  it('are those of all files that are there, the first of each name', () => {
    const [one, two] = [kubeconfig('one', ['tokyo', 'osaka']), kubeconfig('two', ['osaka', 'hangzhou'])];
    expect(contextsIn([join(folder, 'nowhere'), one, two])).to.deep.equal([
      { context: 'tokyo', kubeconfig: one },
      { context: 'osaka', kubeconfig: one },
      { context: 'hangzhou', kubeconfig: two },
    ]);
  });

  it('of a file that cannot be read are told by its name', () => {
    const file = join(folder, 'torn');
    writeFileSync(file, 'clusters: [');
    expect(() => contextsIn([file])).to.throw(/^kubeconfig .*torn cannot be read: /);
  });
});
