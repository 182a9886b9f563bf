import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { BODY_LIMIT } from '../../model/scenario.ts';
import { hiddenTexts, readSecrets } from '../secrets/secrets.ts';
import { checkScenarioFile } from './load-files.ts';
import { readBodies } from './request-bodies.ts';

const withBody = (body: string) => `apiVersion: faultline/v1alpha1
kind: Scenario
metadata: {name: bodies}
spec:
  hypothesis: It holds.
  load:
    paths:
      - name: order
        request: {path: /orders, body: ${body}}
    rate: 50/s
  phases: {baseline: 1s, hold: 1s, recover: 1s}
  faults: [{name: nothing, noop: {cluster: tokyo, namespace: default, deployment: mockb}}]
  expect: {steadyState: {good: 50%}}
`;

describe('app/files/request-bodies', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'faultline-bodies-'));
    writeFileSync(join(folder, 'order.bin'), Buffer.from([0, 255, 10]));
    writeFileSync(join(folder, 'large'), Buffer.alloc(BODY_LIMIT + 1));
  });
  after(() => rmSync(folder, { recursive: true }));

  const check = (body: string) => checkScenarioFile(withBody(body), join(folder, 'scenario.yaml'));

  function sent(body: string, env: Record<string, string> = {}): Buffer {
    const parsed = check(body);
    if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join());
    const bodies = readBodies(parsed.value, readSecrets(withBody(body), 'f', env));
    return Buffer.from(bodies.order ?? []);
  }

  it('are what is sent, byte by byte', () => {
    expect(sent('a=ü').toString()).to.equal('a=ü');
    expect([...sent('{file: ./order.bin}')]).to.deep.equal([0, 255, 10]);
    expect(sent('{env: ORDER}', { ORDER: '{"a": 1}\n' }).toString()).to.equal('{"a": 1}\n');
    const json = '{json: {user: me, password: literal-s3cret, card: {pin: x}}, secrets: {/card/pin: {env: PIN}}}';
    expect(sent(json, { PIN: '"1' }).toString()).to.equal(
      '{"user":"me","password":"literal-s3cret","card":{"pin":"\\"1"}}',
    );
  });

  it('are one frame for a call of gRPC, with an empty message where none is written', () => {
    const call = (request: string) => {
      const text = withBody('x').replace('request: {path: /orders, body: x}', `request: ${request}`);
      const parsed = checkScenarioFile(text, join(folder, 'scenario.yaml'));
      if (!parsed.ok) throw new Error(parsed.diagnostics.map(({ message }) => message).join());
      return Buffer.from(readBodies(parsed.value, []).order ?? []).toString('hex');
    };
    expect(call('{grpc: {method: s/M}, body: {file: ./order.bin}}')).to.equal('000000000300ff0a');
    expect(call('{grpc: {method: s/M}}')).to.equal('0000000000');
    expect(call('{grpc: {health: a}}')).to.equal('00000000030a0161');
  });

  it('are refused with the place of the file that is missing, none or too large', () => {
    const problems = ['./gone', '.', './large'].map((file) => {
      const parsed = check(`{file: ${file}}`);
      return parsed.ok
        ? 'valid'
        : parsed.diagnostics.map(({ code, line, column, message }) => [code, line, column, message]);
    });
    expect(problems).to.deep.equal([
      [['FILE_UNREADABLE', 9, 47, `${join(folder, 'gone')} does not exist`]],
      [['FILE_UNREADABLE', 9, 47, `${folder} is no file`]],
      [['FIELD_VALUE', 9, 47, `${join(folder, 'large')} is larger than 1 MiB`]],
    ]);
  });

  it('from the environment are hidden, and so are the texts in their JSON', () => {
    const parsed = check('{env: LOGIN}');
    if (!parsed.ok) throw new Error('not valid');
    const LOGIN = '{"user": "drill", "password": "correct horse"}';
    const hidden = hiddenTexts(readSecrets(withBody('{env: LOGIN}'), 'f', { LOGIN }), parsed.value);
    expect(hidden).to.include(LOGIN).and.to.include('correct horse').and.to.not.include('drill');
  });
});
