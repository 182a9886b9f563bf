import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Command } from 'commander';
import { program } from './program.ts';
import { faultline } from './testing/live-sandbox.ts';

/** Commands that do something, by their whole names. */
function leaves(command: Command, before: readonly string[] = []): [name: string, command: Command][] {
  if (command.commands.length === 0) return [[before.join(' '), command]];
  return command.commands.flatMap((one) => leaves(one, [...before, one.name()]));
}

/** What these print is for a program already: a schema, a script, candidates; and of a dead-man, Kubernetes reads the exit code. */
const PROGRAMS = ['dead-man', 'schema', 'completion', 'complete'];

describe('-o json', () => {
  it('is an option of every command whose stdout people read', () => {
    const without = leaves(program()).filter(([, { options }]) => options.every(({ long }) => long !== '--output'));
    expect(without.map(([name]) => name)).to.deep.equal(PROGRAMS);
  });

  it('leaves nothing on stdout but JSON, of what was written', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'faultline-json-'));
    const file = join(dir, 'load.ts');
    const { code, stdout } = await faultline('k6', 'script', file, '-o', 'json');
    rmSync(dir, { recursive: true });
    expect(code).to.equal(0);
    expect(JSON.parse(stdout)).to.deep.equal({ script: file, written: true, module: join(dir, 'faultline.ts') });
  });
});
