import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { isUnread, neverBlock, type Stream, writeReadable } from './unread.ts';

function reader(writableLength: number): Stream & { read: string[] } {
  const read: string[] = [];
  return { read, writableLength, write: (text: string) => read.push(text) };
}

describe('output that nobody reads', () => {
  it('is kept up to a bound, and left out beyond it', () => {
    for (const [unread, kept] of [
      [0, 1],
      [1 << 20, 1],
      [(1 << 20) + 1, 0],
    ] as const) {
      const stream = reader(unread);
      writeReadable(stream, 'x');
      expect(stream.read, `${unread}`).to.have.length(kept);
      expect(isUnread(stream)).to.equal(unread > 0);
    }
  });

  it('never blocks where it goes to a terminal, and is left alone elsewhere', () => {
    const said: unknown[] = [];
    const _handle = { setBlocking: (on: boolean) => said.push(on) };
    neverBlock({ ...reader(0), isTTY: true, _handle } as Stream);
    neverBlock({ ...reader(0), _handle } as Stream);
    neverBlock({ ...reader(0), isTTY: true, _handle: null } as Stream);
    expect(said).to.deep.equal([false]);
  });

  it('is all that a process waits for in the end: it ends with a socket open', async () => {
    const code = `
      const { endSoon } = await import(process.argv.at(-1));
      const { createServer } = await import('node:net');
      createServer().listen(0, '127.0.0.1');
      process.stdout.write('x'.repeat(2_000_000));
      process.exitCode = 5;
      endSoon([process.stdout], false);
    `;
    const UNREAD = fileURLToPath(new URL('./unread.ts', import.meta.url));
    const words = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code, UNREAD];
    const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'ignore'] });
    let read = 0;
    child.stdout.on('data', (piece: Buffer) => {
      read += piece.length;
    });
    const [exit] = await once(child, 'close');
    expect([exit, read]).to.deep.equal([5, 2_000_000]);
  });

  // `script` (util-linux) gives its command a terminal, and waits itself while nobody reads what it prints.
  const SCRIPT = '/usr/bin/script';
  const UNREAD = fileURLToPath(new URL('./unread.ts', import.meta.url));
  if (process.platform === 'linux' && existsSync(SCRIPT)) {
    it('keeps no process from going on, nor from ending at a signal', async () => {
      const dir = mkdtempSync(join(tmpdir(), 'faultline-unread-'));
      const note = join(dir, 'note');
      const code = `
        const { endSoon, neverBlock } = await import(process.argv.at(-2));
        neverBlock(process.stderr);
        process.stderr.write('x'.repeat(2_000_000));
        const { writeFileSync } = await import('node:fs');
        writeFileSync(process.argv.at(-1), 'it goes on');
        process.on('exit', () => writeFileSync(process.argv.at(-1), 'it has ended'));
        endSoon([process.stderr], true);
      `;
      const words = [process.execPath, '--disable-warning=ExperimentalWarning', '--input-type=module', '-e', code];
      const command = [...words, UNREAD, note].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ');
      const child = spawn(SCRIPT, ['-qfc', command, '/dev/null'], { stdio: ['ignore', 'pipe', 'ignore'] });
      const said = (): string => (existsSync(note) ? readFileSync(note, 'utf8') : '');
      const deadline = Date.now() + 15_000;
      while (said() !== 'it has ended' && Date.now() < deadline) await new Promise((next) => setTimeout(next, 50));
      child.kill('SIGKILL');
      const last = said();
      rmSync(dir, { recursive: true });
      expect(last).to.equal('it has ended');
    });
  }
});
