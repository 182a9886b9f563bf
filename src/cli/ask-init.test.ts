import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect } from 'chai';
import { askInit, type InitOptions } from './ask-init.ts';

const CONTEXTS = ['blue', 'green'].map((name) => `{name: ${name}, context: {cluster: c, user: u}}`).join(', ');
const KUBECONFIG = `apiVersion: v1
kind: Config
clusters: [{name: c, cluster: {server: "https://127.0.0.1:1"}}]
users: [{name: u, user: {token: x}}]
contexts: [${CONTEXTS}]
`;

describe('what init asks in a terminal', () => {
  let dir: string;
  before(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-ask-'));
    writeFileSync(join(dir, 'kubeconfig'), KUBECONFIG);
  });
  after(() => rmSync(dir, { recursive: true }));

  async function asked(options: InitOptions, ...lines: string[]) {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const answer = askInit(
      { kubeconfig: join(dir, 'kubeconfig'), ...options },
      { stop: new AbortController().signal, input, output },
    );
    for (const line of lines) {
      await new Promise((resolve) => setImmediate(resolve));
      input.write(`${line}\n`);
    }
    input.end();
    const done = await answer.catch((error: Error) => error.message);
    return { done, shown: String(output.read() ?? '') };
  }

  it('is what the scenario is for, and then which contexts', async () => {
    const { done, shown } = await asked({}, '2', 'green,1');
    expect(done).to.have.nested.property('options.fromContext', 'green,blue');
    expect(done).to.have.property('chooseService');
    expect(shown).to.contain('1) the embedded sandbox').and.to.contain('2) green');
    const sandbox = await asked({}, '');
    expect(sandbox.done).to.not.have.nested.property('options.fromContext');
    const service = await asked({ service: 'shop' }, '1');
    expect(service.done, 'a service is never of the sandbox').to.have.nested.property('options.fromContext', 'blue');
  });

  it('is nothing that an option says, and nothing where there is no context', async () => {
    for (const options of [{ target: 't.yaml' }, { fromContext: 'blue' }, { kubeconfig: join(dir, 'none') }]) {
      const { done, shown } = await asked(options);
      expect(done).to.have.property('options');
      expect(shown).to.equal('');
    }
  });

  it('ends without an answer, and nothing is written', async () => {
    expect((await asked({})).done).to.equal('nothing was chosen: nothing was written');
  });
});
