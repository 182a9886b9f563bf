import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../../model/errors.ts';
import { outsideOf } from './outside.ts';

const NODE = process.execPath;
const LIMIT = { env: [], limit: 10_000, outlives: false };

/** Answers of these paths. */
const LONG = new Map<string | undefined, string>([
  ['/long', `${'x'.repeat(3_000_000)} s3cret-value is OUT\n`],
  ['/endless', 'x'.repeat(17 * 1024 * 1024)],
]);
const program = (code: string) => ({ command: [NODE, '-e', code] });
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'none',
    ({ code, message }: FaultlineError) => `${code}: ${message}`,
  );

describe('what hooks do outside', () => {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-outside-'));
  const environment = { PATH: process.env.PATH, TOKEN: 's3cret-value', OTHER: 'hidden', XDG_STATE_HOME: folder };
  const outside = outsideOf(environment);
  after(() => rmSync(folder, { recursive: true }));

  it('is a program with the variables that are named and no other', async () => {
    const code = 'console.log(process.env.OTHER, (process.env.TOKEN ?? "").length); process.exit(3)';
    expect(await outside.act(program(code), LIMIT)).to.deep.equal({ code: 3, said: 'undefined 0', stderr: '' });
    const named = { ...LIMIT, env: ['TOKEN'] };
    expect(await outside.act(program(code), named)).to.deep.equal({ code: 3, said: 'undefined 12', stderr: '' });
  });

  it('says nothing of the values of variables', async () => {
    const code = 'console.error("it is", process.env.TOKEN); console.log("and", process.env.TOKEN)';
    const { said, stderr } = await outside.act(program(code), { ...LIMIT, env: ['TOKEN'] });
    expect(said.split('\n').sort()).to.deep.equal(['and [redacted]', 'it is [redacted]']);
    expect(stderr).to.equal('it is [redacted]');
  });

  it('ends a program at its limit, with all that it has started, and says what could not be started', async () => {
    const child =
      'require("child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1e3)"], {stdio: "inherit"})';
    expect(
      await failure(outside.act(program(`${child}; setInterval(() => {}, 1e3)`), { ...LIMIT, limit: 300 })),
    ).to.equal(`HOOK: ${NODE}: took longer than 0.3 s`);
    const { code, said } = await outside.act({ command: ['/no/such/program'] }, LIMIT);
    expect(code).to.equal(127);
    expect(said).to.contain('/no/such/program: ');
    expect(await failure(outside.act(program('0'), { ...LIMIT, env: ['MISSING'] }))).to.contain(
      'ENV_MISSING: the hook needs the environment variable MISSING, which is not set',
    );
  });

  it('seals with a key that only this user can read, and that another one does not have', async () => {
    const seal = await outside.seal('text');
    expect(await outsideOf(environment).seal('text')).to.equal(seal);
    expect(await outside.seal('other')).to.not.equal(seal);
    expect(statSync(join(folder, 'faultline', 'seal.key')).mode & 0o777).to.equal(0o600);
    expect(await outsideOf({ XDG_STATE_HOME: join(folder, 'elsewhere') }).seal('text')).to.not.equal(seal);
  });

  describe('in the surroundings of a plan', () => {
    const say = program('console.log(process.cwd(), process.env.HOME)');
    const planned = realpathSync(mkdtempSync(join(folder, 'planned-')));
    const surroundings = { programs: { folder: planned, always: { HOME: '/planned' } }, values: {} };

    it('is a program in its folder, with what it got of the environment then', async () => {
      expect((await outside.act(say, { ...LIMIT, surroundings })).said).to.equal(`${planned} /planned`);
      expect((await outside.act(say, LIMIT)).said).to.equal(`${process.cwd()} undefined`);
      const gone = { ...surroundings, programs: { folder: join(planned, 'gone'), always: {} } };
      expect(await failure(outside.act(say, { ...LIMIT, surroundings: gone }))).to.equal(
        `HOOK: ${NODE}: its folder ${planned}/gone is gone: put it back as it was`,
      );
      expect(await outside.obstacles(gone)).to.deep.equal([
        `its folder ${planned}/gone is gone: put it back as it was`,
      ]);
    });

    it('is looked for by the PATH of then', async () => {
      writeFileSync(join(planned, 'which-one'), '#!/bin/sh\necho planned\n', { mode: 0o700 });
      const always = { PATH: `${planned}:${process.env.PATH}` };
      const there = { ...surroundings, programs: { folder: planned, always } };
      expect((await outside.act({ command: ['which-one'] }, { ...LIMIT, surroundings: there })).said).to.equal(
        'planned',
      );
    });

    it('knows the values of variables by seals alone, and says which has become another or is gone', async () => {
      const header = { name: 'authorization', env: 'OTHER', prefix: '' };
      const request = { method: 'GET', url: 'http://127.0.0.1', headers: [header], body: null };
      const known = await outside.surroundings([say, request], ['TOKEN']);
      expect(known.programs).to.deep.equal({ folder: process.cwd(), always: { PATH: process.env.PATH } });
      expect(Object.keys(known.values)).to.deep.equal(['TOKEN', 'OTHER']);
      expect(JSON.stringify(known.values)).to.not.match(/s3cret-value|hidden/);
      expect(await outside.obstacles(known)).to.deep.equal([]);
      const plain = createHash('sha256').update('s3cret-value').digest('hex');
      expect(known.values.TOKEN)
        .to.match(/^[0-9a-f]{64}$/)
        .and.not.equal(plain);
      const { TOKEN, OTHER, ...rest } = environment;
      const swapped = outsideOf({ ...rest, TOKEN: OTHER, OTHER: TOKEN });
      expect(await swapped.obstacles(known)).to.have.length(2);
      expect(await outsideOf({ ...rest, TOKEN: 'changed-value' }).obstacles(known)).to.deep.equal([
        'the variable TOKEN has another value than when this was planned: set it to the one that it had then',
        'the variable OTHER is not set: set it to the value that it had when this was planned',
      ]);
      expect(await failure(outsideOf(rest).surroundings([say], ['TOKEN']))).to.contain('ENV_MISSING');
    });

    it('has no folder where all of it is requests', async () => {
      const request = { method: 'GET', url: 'http://127.0.0.1', headers: [], body: null };
      expect(await outside.surroundings([request], ['TOKEN'])).to.deep.equal({ programs: null, values: {} });
    });
  });

  describe('by HTTP', () => {
    let server: Server;
    let url: string;
    before(async () => {
      server = createServer(async (request, response) => {
        const body = Buffer.concat(await request.toArray());
        if (request.url === '/away') response.writeHead(302, { location: '/' }).end('go away');
        else if (request.url === '/never') return;
        else
          response
            .writeHead(201)
            .end(LONG.get(request.url) ?? `${request.method} ${request.headers.authorization} ${body}`);
      }).listen(0, '127.0.0.1');
      await once(server, 'listening');
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => {
      server.closeAllConnections();
      server.close();
    });
    const request = (path: string) => {
      const headers = [{ name: 'authorization', env: 'TOKEN', prefix: 'Bearer ' }];
      return { method: 'POST', url: `${url}${path}`, headers, body: 'zone=a' };
    };

    it('is one request with values from the environment, which are not in what is said', async () => {
      expect(await outside.act(request('/'), LIMIT)).to.deep.equal({
        code: 201,
        said: 'POST Bearer [redacted] zone=a',
      });
    });

    it('seeks a text in the whole answer as it came, however long, with values of variables and blanks', async () => {
      for (const [seeks, has] of [
        [' s3cret-value is OUT\n', true],
        ['s3cret-value is IN', false],
        ['[redacted]', false],
      ] as const) {
        const end = await outside.act(request('/long'), { ...LIMIT, seeks });
        expect(end.has, seeks).to.equal(has);
        expect(end.said).to.not.contain('s3cret');
      }
      expect(await failure(outside.act(request('/endless'), { ...LIMIT, seeks: 'y' }))).to.contain(
        'the answer is longer than 16777216 bytes',
      );
    });

    it('is given up at the signal, and not begun after it', async () => {
      const stop = new AbortController();
      const asked = once(server, 'request');
      const ended = failure(outside.act(request('/never'), { ...LIMIT, signal: stop.signal }));
      await asked;
      stop.abort('SIGTERM');
      expect(await ended).to.match(/^HOOK: http.*: it was ended, since the run is to end$/);
      let begun = 0;
      server.once('request', () => begun++);
      expect(await failure(outside.act(request('/'), { ...LIMIT, signal: stop.signal }))).to.contain('is to end');
      expect(begun).to.equal(0);
    });

    it('follows no redirect, and waits no longer than its limit', async () => {
      expect((await outside.act(request('/away'), LIMIT)).code).to.equal(302);
      expect(await failure(outside.act(request('/never'), { ...LIMIT, limit: 100 }))).to.match(/^HOOK: http.*timeout/);
    });
  });
});
