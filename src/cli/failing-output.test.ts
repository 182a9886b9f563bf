import { spawnSync } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { failingOutput } from './failing-output.ts';
import { longDrill } from './testing/drill.ts';
import { BRIEF, settings } from './testing/live-sandbox.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const FAULTLINE = `faultline() { '${process.execPath}' --disable-warning=ExperimentalWarning '${MAIN}' "$@"; }`;

/** What becomes of `faultline` in a shell. */
function inShell(script: string): { status: number | null; stdout: string; stderr: string } {
  const env = { ...process.env, NO_COLOR: '1', CI: 'true' };
  return spawnSync('sh', ['-c', `${FAULTLINE}; ${script}`], { encoding: 'utf8', env });
}

/** The exit code of a process whose stdout fails so while it is about to end with `code`, and what it says. */
function ends(code: number, error: object, isTTY = false): [code: unknown, said: string] {
  const said: string[] = [];
  const host = Object.assign(new EventEmitter(), {
    stdout: Object.assign(new EventEmitter(), { fd: -1, isTTY }),
    stderr: Object.assign(new EventEmitter(), { write: (text: string) => said.push(text) }),
    exitCode: code as number | string | null | undefined,
  });
  failingOutput(host as unknown as Parameters<typeof failingOutput>[0]);
  host.stdout.emit('error', Object.assign(new Error('why'), error));
  host.stdout.emit('error', Object.assign(new Error('again'), error));
  host.stderr.emit('error', new Error('nobody hears it'));
  host.emit('exit', code);
  return [host.exitCode, said.join('')];
}

describe('an output that fails', function () {
  this.timeout(60_000);

  it('is said, and is the exit code unless that says something worse', () => {
    const said = 'error: the result could not be written to stdout: why\n';
    for (const [code, then] of [
      [0, 7],
      [6, 7],
      [1, 1],
      [3, 3],
      [5, 5],
      [143, 143],
    ] as const) {
      expect(ends(code, { code: 'ENOSPC' }), String(code)).to.deep.equal([then, said]);
    }
    expect(ends(0, { code: 'EIO' })[0], 'a disk').to.equal(7);
  });

  it('is nothing to speak of where its reader has gone', () => {
    for (const code of ['EPIPE', 'ECONNRESET', 'ERR_STREAM_DESTROYED'])
      expect(ends(0, { code })).to.deep.equal([0, '']);
    expect(ends(0, { code: 'EIO' }, true), 'a terminal that was closed').to.deep.equal([0, '']);
  });

  it('ends no command as if it had told its result, and none that a reader leaves', () => {
    if (process.platform === 'linux' && existsSync('/dev/full')) {
      const { status, stderr } = inShell('faultline schema > /dev/full');
      expect([status, stderr]).to.deep.equal([
        7,
        'error: the result could not be written to stdout: ENOSPC: no space left on device, write\n',
      ]);
    }
    const read = inShell('{ faultline schema; echo "ends with $?" >&2; } | head -1');
    expect([read.stdout, read.stderr]).to.deep.equal(['{\n', 'ends with 0\n']);
  });

  it('is one where a file has room for a part only', () => {
    const dir = mkdtempSync(join(tmpdir(), 'faultline-part-'));
    const file = join(dir, 'schema.json');
    try {
      // One block of 512 bytes, or of 1024, as the shell counts them.
      const { status, stderr } = inShell(`ulimit -f 1; faultline schema > '${file}'`);
      expect(status, stderr).to.equal(7);
      expect(statSync(file).size).to.be.within(1, 1024);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});

describe('a record that cannot be written any more while a fault is on', function () {
  this.timeout(120_000);

  longDrill('exit 7: the fault is undone at once, and what is told is true', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'faultline-full-'));
    try {
      const words = ['run', 'scenarios/service-failover.yaml', '--out', dir, ...settings(BRIEF)];
      const { status, stdout, stderr } = inShell(
        `ulimit -f 450; faultline ${words.join(' ')} --set spec.phases.hold=60s`,
      );
      expect(status, stderr + stdout).to.equal(7);
      expect(stderr).to.match(/phase hold\n[\s\S]*error: \S+\.ndjson: cannot be written: EFBIG[\s\S]*undone/);
      expect(stdout).to.contain('nothing can be recorded any more').and.to.contain('put_back=put-back');
      const { status: recovered, stdout: left } = inShell(`faultline recover --out ${dir}`);
      expect(recovered, left).to.equal(0);
    } finally {
      rmSync(dir, { recursive: true });
    }
  });

  longDrill(
    'exit 7 as well where the folder is gone: the run knows itself that all is undone, and says so in its last line',
    async () => {
      const dir = mkdtempSync(join(tmpdir(), 'faultline-gone-'));
      try {
        const words = ['run', 'scenarios/service-failover.yaml', '--out', join(dir, 'runs'), ...settings(BRIEF)];
        const { status, stdout } = inShell(
          `faultline ${words.join(' ')} 2> ${dir}/said & run=$!; until grep -q 'phase hold' ${dir}/said; do sleep 0.2; done; ` +
            `rm -r ${dir}/runs; wait $run; code=$?; cat ${dir}/said; exit $code`,
        );
        expect(status, stdout).to.equal(7);
        expect(stdout).to.match(
          /the record cannot be judged .*; every fault was undone\n {2}Where the folder is whole/,
        );
        expect(stdout).to.match(
          /^faultline verdict=inconclusive status=failed exit=7 .* put_back=put-back .* reason=".*every fault was undone"$/m,
        );
      } finally {
        rmSync(dir, { recursive: true });
      }
    },
  );
});
