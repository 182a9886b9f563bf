import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { expect } from 'chai';
import { faultline, type LiveSandbox, liveSandbox, start } from '../../cli/testing/live-sandbox.ts';

const LITERAL = 'Bearer l1teral-s3cret';
const COOKIE = 'theme=dark; sid=c00kie-s3cret';
const FROM_ENV = 'env-s3cret/"+é';
const LATER = 'set-s3cret';
const PIN = 'p1n-s3cret "quoted"';

const scenario = `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: secrets, annotations: {note: "log in with l1teral-s3cret"}}
spec:
  hypothesis: Nobody learns l1teral-s3cret or env-s3cret/"+é.
  load:
    paths:
      - name: entry
        request:
          path: /mock?key=l1teral-s3cret
          headers:
            # x-api-key: retired-s3cret
            authorization: ${LITERAL}
            cookie: "${COOKIE}"
            x-tenant: {env: FAULTLINE_TEST_TENANT, prefix: "Basic "}
            x-later-token: placeholder
            x-session: {command: [cat, ./session.txt], refresh: 1s}
          body:
            json: {user: drill, password: b0dy-s3cret, pin: "", note: [1, {zone: z}]}
            secrets: {/pin: {env: FAULTLINE_TEST_PIN}}
    rate: 20/s
    good: {status: 200}
  phases: {baseline: 4s, hold: 1s, recover: 1s}
  faults:
    - name: mockb-down
      imageSwap: {cluster: tokyo, namespace: default, deployment: mockb-ap-northeast-1a, image: acs/curl:8.1.2, command: [sleep, "3600"]}
  expect: {steadyState: {good: 50%}}
`;

/** Servers that answer with every header they were sent, and the headers of the latest request. */
type Heard = { last?: IncomingMessage; body?: string; readonly sessions: Set<string> };

function echoes(heard: Heard) {
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    heard.last = request;
    heard.sessions.add(String(request.headers['x-session']));
    heard.body = body;
    const said = `${request.url} ${JSON.stringify(request.headers)} ${body}`;
    response.end(`-> mocka(version: z, ip: 127.0.0.1) you said ${said}`);
  };
  return [0, 1, 2, 3].map(() => createServer(answer).listen(0, '127.0.0.1'));
}

/** Text of every file below a folder. */
function everything(folder: string): string {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map(({ parentPath, name }) => readFileSync(join(parentPath, name), 'utf8')).join('\n');
}

describe('secrets of a run', function () {
  this.timeout(120_000);
  let live: LiveSandbox;
  const heard: Heard = { sessions: new Set() };
  const servers = echoes(heard);
  let file: string;
  before(async () => {
    live = await liveSandbox();
    file = join(dirname(live.targets), 'secrets.yaml');
    writeFileSync(file, scenario);
    writeFileSync(join(dirname(file), 'session.txt'), 'first-s3cret\n');
    let next = 0;
    const targets = readFileSync(live.targets, 'utf8').replace(/address: .*$/gm, () => {
      const { port } = (servers[next++ % servers.length] as Server).address() as AddressInfo;
      return `address: "127.0.0.1:${port}"`;
    });
    writeFileSync(live.targets, targets);
  });
  after(async () => {
    delete process.env.FAULTLINE_TEST_TENANT;
    delete process.env.FAULTLINE_TEST_PIN;
    for (const server of servers) server.close();
    await live.close();
  });

  const later = `spec.load.paths.0.request.headers.x-later-token=${LATER}`;
  const options = () => ['--target', live.targets, '--set', later];

  it('refuses before anything is touched when a variable is missing', async () => {
    delete process.env.FAULTLINE_TEST_TENANT;
    for (const command of ['plan', 'run']) {
      const { code, stderr } = await faultline(command, file, '--target', live.targets);
      expect(code, stderr).to.equal(3);
      expect(stderr).to.contain(`${file}:15:29`).and.to.contain('FAULTLINE_TEST_TENANT, which is not set');
      expect(stderr).to.contain(`${file}:20:35: the body needs the environment variable FAULTLINE_TEST_PIN`);
    }
    expect((await faultline('validate', file)).code).to.equal(0);
  });

  it('are sent, and stand in no file and no line, even when the target says them', async () => {
    process.env.FAULTLINE_TEST_TENANT = FROM_ENV;
    process.env.FAULTLINE_TEST_PIN = PIN;
    const { said, saw } = start(['run', file, '--yes', '--out', live.out, ...options()]);
    await saw('baseline');
    writeFileSync(join(dirname(file), 'session.txt'), 'second-s3cret\n');
    const run = await said;
    expect(heard.last?.headers, run.stderr).to.deep.include({
      authorization: LITERAL,
      cookie: COOKIE,
      'x-tenant': `Basic ${FROM_ENV}`,
      'x-later-token': LATER,
    });
    expect([...heard.sessions]).to.deep.equal(['first-s3cret', 'second-s3cret']);
    expect(heard.last).to.include({ method: 'POST' });
    const sent = { user: 'drill', password: 'b0dy-s3cret', pin: PIN, note: [1, { zone: 'z' }] };
    expect(JSON.parse(heard.body ?? '')).to.deep.equal(sent);
    expect(heard.last?.headers['content-type']).to.equal('application/json');
    expect(heard.last?.url).to.equal('/mock?key=l1teral-s3cret');
    const planned = await faultline('plan', file, '--output', 'json', ...options());
    expect(planned.code, planned.stderr).to.equal(0);
    const folder = join(live.out, 'latest');
    const all = [everything(folder), run.stdout, run.stderr, planned.stdout, planned.stderr].join('\n');
    expect([...all.matchAll(/.{0,60}s3cret.{0,20}/g)].join('\n')).to.equal('');
    expect(readFileSync(join(folder, 'requests.ndjson'), 'utf8')).to.contain('you said');
    expect(JSON.parse(readFileSync(join(folder, 'result.json'), 'utf8')).status, run.stderr).to.equal('completed');
  });

  it('are not needed to judge the record again', async () => {
    delete process.env.FAULTLINE_TEST_TENANT;
    const result = join(live.out, 'latest', 'result.json');
    const before = readFileSync(result, 'utf8');
    await faultline('analyze', join(live.out, 'latest'));
    expect(readFileSync(result, 'utf8')).to.equal(before);
  });
});
