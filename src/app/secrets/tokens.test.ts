import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { Clock } from '../../model/ports.ts';
import { accepted, diagnosticsOf, edited, FULL, parse } from '../../scenario/testing/fixtures.ts';
import type { Secrets } from './secrets.ts';
import { openTokens } from './tokens.ts';

const withHeaders = (headers: string) => edited(FULL, 'headers: {x-a: y}', `headers: ${headers}`);
/** A program that prints what a file beside the scenario holds. */
const PRINT = JSON.stringify([process.execPath, '-e', "process.stdout.write(require('fs').readFileSync('token'))"]);

/** Sleeps until the spec says so. */
function steppedClock(): { clock: Clock; step(): Promise<void>; sleeping(): number } {
  const waiting: (() => void)[] = [];
  const clock = {
    sleep: (_: number, signal?: AbortSignal) =>
      new Promise<void>((resolve) => {
        waiting.push(resolve);
        signal?.addEventListener('abort', () => resolve());
      }),
  } as unknown as Clock;
  const step = async (): Promise<void> => {
    for (const wake of waiting.splice(0)) wake();
    while (waiting.length === 0) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, step, sleeping: () => waiting.length };
}

describe('app/secrets/tokens', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-tokens-'));
    file = join(folder, 'scenario.yaml');
    writeFileSync(join(folder, 'token'), 't0ken-one\n');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const valuesOf = (secrets: Secrets) => secrets.map(({ value, secret }) => [value, secret]);
  const failure = (headers: string) =>
    openTokens(withHeaders(headers), file).then(
      () => 'read',
      (error: Error) => error.message,
    );

  it('are what files hold and commands print, without a line end, behind their prefix', async () => {
    const text = withHeaders(`{authorization: {file: token, prefix: "Bearer "}, x-b: {command: ${PRINT}}}`);
    const { secrets } = await openTokens(text, file);
    expect(valuesOf(secrets)).to.deep.equal([
      ['Bearer t0ken-one', 't0ken-one'],
      ['t0ken-one', 't0ken-one'],
    ]);
    expect(secrets.map(({ place }) => place)).to.deep.equal([{ header: 'authorization' }, { header: 'x-b' }]);
  });

  it('are what a command has printed when it ends, whoever still holds its output', async () => {
    const command = JSON.stringify(['sh', '-c', 'sleep 300 & echo $!']);
    const { secrets } = await openTokens(withHeaders(`{x-b: {command: ${command}}}`), file);
    process.kill(Number(secrets[0]?.value), 'SIGKILL');
  });

  it('say what cannot be read, where, and nothing of what was said', async () => {
    const said = (script: string) => `{x-b: {command: [${process.execPath}, -e, ${JSON.stringify(script)}]}}`;
    expect(await failure('{x-b: {file: gone}}')).to.equal(
      `${file}:12:87: the header x-b needs the file gone, which is not there`,
    );
    expect(await failure('{x-b: {command: [no-such-program]}}')).to.contain(
      'the command no-such-program, which is not there',
    );
    const failed = await failure(said("console.log('s3cret'); console.error('s3cret'); process.exit(3)"));
    expect(failed).to.contain('which ended with exit code 3').and.to.not.contain('s3cret');
    const killed = await failure(said("console.error('s3cret'); process.kill(process.pid, 'SIGTERM')"));
    expect(killed).to.contain('which was ended by SIGTERM').and.to.not.contain('s3cret');
    expect(await failure(said("console.log('a\\nb')"))).to.contain('more than a header can hold');
    expect(await failure(said(''))).to.contain('which says nothing');
  });

  it('are read again as often as the scenario says, and stay as they were when that fails', async () => {
    const text = withHeaders(`{x-a: {file: token, refresh: 10m}, x-b: {command: ${PRINT}}}`);
    const tokens = await openTokens(text, file);
    const { clock, step, sleeping } = steppedClock();
    const heard: unknown[] = [];
    const stop = tokens.follow(
      clock,
      (secrets) => heard.push(valuesOf(secrets)),
      (trouble) => heard.push(trouble),
    );
    expect(sleeping()).to.equal(1);
    await step();
    writeFileSync(join(folder, 'token'), 't0ken-two');
    await step();
    rmSync(join(folder, 'token'));
    await step();
    stop();
    expect(heard).to.deep.equal([
      [
        ['t0ken-two', 't0ken-two'],
        ['t0ken-one', 't0ken-one'],
      ],
      'the header x-a needs the file token, which is not there; the value before is sent on',
    ]);
  });

  it('are said in a scenario, whose record has none of them and which needs an engine that can change them', () => {
    const text = withHeaders('{authorization: {command: [vault, print], refresh: 1m, prefix: "Bearer "}}');
    const scenario = accepted(parse(text));
    const request = scenario.load.paths[0]?.request;
    expect(request?.headers).to.deep.equal({ authorization: 'Bearer [redacted]' });
    expect(request?.refreshed).to.deep.equal(['authorization']);
    expect(scenario.source.text).to.equal(text);
    const problems = (of: string) => diagnosticsOf(parse(of)).map(({ message }) => message);
    expect(
      problems(edited(text, 'connections: fresh', 'connections: fresh\n    engine: k6-operator')).join(),
    ).to.contain('headers.authorization.refresh needs `undici` or `k6`');
    expect(problems(withHeaders('{x-a: {env: A, refresh: 1m}}'))).to.deep.equal([
      'the environment never changes: only a file or a command is read again',
    ]);
    expect(problems(withHeaders('{x-a: {env: A, file: b}}'))).to.have.length(1);
    expect(readFileSync(join(folder, 'token'), 'utf8')).to.contain('one');
  });
});
