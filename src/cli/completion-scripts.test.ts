import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { SCRIPTS } from './completion-scripts.ts';

/** Types each line and presses Tab: what is offered, or the line that came of it where a shell shows that alone. */
type Tab = (lines: readonly string[]) => string[];

/** A spec of a shell that a machine need not have: CI installs them, and where one is missing that is said in its place. */
function withShell(shell: string, title: string, spec: () => void): void {
  if (spawnSync(shell, ['-c', 'true']).error === undefined) it(`${shell} ${title}`, spec);
  else before(() => console.error(`    ${shell} is not on this machine: what its script does there was not tried`));
}

describe('the script for', function () {
  this.timeout(30_000);
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'faultline-shells-'));
    for (const [shell, script] of Object.entries(SCRIPTS)) writeFileSync(join(dir, shell), `${script}\n`);
  });
  afterEach(() => rmSync(dir, { recursive: true }));

  /** A faultline that says these lines whatever it is asked, and keeps what it was. */
  function standIn(lines: readonly string[]): void {
    writeFileSync(join(dir, 'lines'), lines.map((line) => `${line}\n`).join(''));
    writeFileSync(join(dir, 'faultline'), `#!/bin/sh\nprintf '%s|' "$@" >> asked\necho >> asked\ncat lines\n`);
    chmodSync(join(dir, 'faultline'), 0o755);
  }

  const asked = (): string[][] =>
    readFileSync(join(dir, 'asked'), 'utf8')
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split('|').slice(2, -1));

  /** What a shell prints, without a word of complaint. */
  function said(shell: string, args: readonly string[]): string[] {
    const env = { ...process.env, PATH: `${dir}:${process.env.PATH}`, HOME: dir };
    const { stdout, stderr, error } = spawnSync(shell, args, { encoding: 'utf8', env, cwd: dir });
    expect([error, stderr]).to.deep.equal([undefined, '']);
    return stdout.split('\n').slice(0, -1);
  }

  /** `words` are the line as bash takes it apart. */
  function bash(words: readonly string[]): string[] {
    const text = `source bash; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _faultline; printf '%s\\n' "\${COMPREPLY[@]}"`;
    return said('bash', ['-c', text, 'bash', 'faultline', ...words]);
  }

  const fish: Tab = (lines) => {
    const text = 'source fish; for line in $argv; complete -C "$line"; end';
    return said('fish', ['--no-config', '-c', text, ...lines]).map((one) => one.split('\t')[0] ?? '');
  };

  /** In a terminal of its own, since only there zsh completes; `^G` says the line and empties it. */
  const zsh: Tab = (lines) => {
    const setUp = `autoload -U compinit; compinit -u -D; source zsh; PS1=
said() { print -r -- "<$BUFFER>"; BUFFER= }; zle -N said; bindkey '^G' said; print READY`;
    writeFileSync(join(dir, 'set-up'), setUp);
    const text = `zmodload zsh/zpty; zpty it zsh -f -i; zpty -w it 'source ./set-up'; zpty -r it seen '*READY'$'\\r'
for line in "$@"; do zpty -w -n it "$line"$'\\t\\x07'; zpty -r it seen '*<*>*'; print -r -- "$seen"; done; zpty -d it`;
    const seen = said('zsh', ['-f', '-c', text, 'zsh', ...lines]).join('\n');
    return [...seen.matchAll(/<(.*)>/g)].map(([, line = '']) => line);
  };

  const hostile = ['$(touch owned)', '`touch owned`', 'a b.yaml', '*', "it's", '~x'];
  const quoted = ['\\$\\(', '\\`', 'a\\ ', '"a ', "'a "];
  const meant = ['$(', '`', 'a ', 'a ', 'a '].map((word) => ['run', word]);

  it('bash offers names as they are, replaces what bash takes for the word, asks for what quotes mean', () => {
    standIn(['validate\tcheck files', ...hostile]);
    expect(bash(['run', ''])).to.deep.equal(['validate', ...hostile]);
    for (const word of quoted) bash(['run', word]);
    expect(asked().slice(1)).to.deep.equal(meant);
    standIn(['spec.load.engine=k6', 'arn:aws']);
    expect(bash(['run', '--set', 'spec.load.engine', '=', 'k'])).to.include('k6');
    expect(bash(['init', '--from-context', 'arn', ':'])).to.include('aws');
    expect(existsSync(join(dir, 'owned'))).to.equal(false);
  });

  withShell('fish', 'offers names as they are, asks for what quotes mean', () => {
    standIn(['validate\tcheck files', ...hostile]);
    expect(fish(['faultline run '])).to.have.members(['validate', ...hostile]);
    fish(quoted.map((word) => `faultline run ${word}`));
    expect(asked().slice(1)).to.deep.equal(meant);
    expect(existsSync(join(dir, 'owned'))).to.equal(false);
  });

  withShell('zsh', 'writes names so that they stay what they are, asks for what quotes mean', () => {
    standIn(['validate\tcheck files', ...hostile]);
    const words = ['v', '\\$', '\\`', 'a', '\\*', 'i', '\\~', ...quoted];
    const lines = zsh(words.map((word) => `faultline run ${word}`)).slice(0, -quoted.length);
    expect(asked().slice(-quoted.length)).to.deep.equal(meant);
    const printed = lines.map((line) => line.replace('faultline run', 'print -r --')).join('\n');
    expect(said('zsh', ['-f', '-c', printed])).to.deep.equal(['validate', ...hostile]);
    expect(existsSync(join(dir, 'owned'))).to.equal(false);
  });
});
