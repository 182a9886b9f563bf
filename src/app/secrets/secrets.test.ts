import { expect } from 'chai';
import fc from 'fast-check';
import { FaultlineError } from '../../model/errors.ts';
import type { RunHeader } from '../../model/history.ts';
import type { UnstampedEvent } from '../../model/ports.ts';
import { REDACTED, redactor } from '../../model/redact.ts';
import type { RecordedScenario } from '../../model/scenario.ts';
import type { Topology } from '../../model/target.ts';
import { accepted, edited, FULL, parse } from '../../scenario/testing/fixtures.ts';
import { hideSettings } from '../files/hidden-settings.ts';
import { applySettings } from '../files/settings.ts';
import {
  hiddenTexts,
  readSecrets,
  redactEvent,
  redactHeader,
  redactScenario,
  refuseToldSecrets,
  reveal,
} from './secrets.ts';

const TOPOLOGY: Topology = { clusters: [], paths: [] };
const HEADERS = '{authorization: "Bearer l1teral-s3cret", x-a: {env: TENANT, prefix: "Key "}}';
const TEXT = edited(FULL, '{x-a: y}', HEADERS);

/** Everything that can say a secret in an event. */
const events = (said: string): UnstampedEvent[] => [
  { type: 'notice', level: 'info', text: said },
  { type: 'load', counts: [], lateP99: 0, degraded: ['a', said] },
  { type: 'run-end', status: 'refused', reason: said },
  { type: 'fault', fault: 'f', step: 'not-proven', detail: said },
  { type: 'steady-state', when: 'before', holds: false, detail: said },
  { type: 'mesh-telemetry', cluster: 'c', readable: false, detail: said },
  { type: 'blind', from: 0, to: 1, detail: said },
  {
    type: 'kube-event',
    cluster: 'c',
    object: { kind: 'Pod', name: 'p' },
    warning: true,
    reason: 'Unhealthy',
    message: said,
    count: 1,
  },
];

function refusalOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultlineError) return `${error.code} ${error.message}`;
  }
  return 'none';
}

function messageOf(act: () => unknown): string {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultlineError && error.code === 'ENV_MISSING') return error.message;
  }
  return 'none';
}

describe('secrets', () => {
  it('are in clear only in the load that is sent, and every text that says one is hidden', () => {
    const secret = fc.stringMatching(/^[A-Za-z0-9+/_"\\]{8,30}$/).filter((text) => !REDACTED.includes(text));
    fc.assert(
      fc.property(secret, (value) => {
        const said = `before ${value} after`;
        const text = edited(TEXT, 'It holds.', JSON.stringify(said)).replace('/other', `/other?k=${encodeURI(value)}`);
        const scenario = accepted(parse(text));
        const secrets = readSecrets(text, 'f', { TENANT: value });
        const hidden = hiddenTexts(secrets, scenario, TOPOLOGY);
        const sent = reveal(scenario.load, secrets, { hidden });
        expect(sent.paths[0]?.request.headers).to.deep.equal({
          authorization: 'Bearer l1teral-s3cret',
          'x-a': `Key ${value}`,
        });
        const redact = redactor(hidden);
        const header = redactHeader(
          { scenario: scenario as RecordedScenario, command: `run --set spec.hypothesis=${said}` } as RunHeader,
          redact,
        );
        const record = JSON.stringify([header, events(said).map((event) => redactEvent(event, redact, 'recover it'))]);
        expect(record).to.not.contain(JSON.stringify(value).slice(1, -1)).and.to.not.contain('l1teral');
      }),
      { numRuns: 30 },
    );
  });

  it('do not change the names that a run is judged by', () => {
    const text = edited(FULL, '{x-a: y}', '{x-session-zone: zone-a, x-auth-to: mockb}');
    const scenario = accepted(parse(text));
    expect(hiddenTexts(readSecrets(text, 'f', {}), scenario, TOPOLOGY)).to.deep.equal([]);
    const named = edited(FULL, '{x-a: y}', '{x-auth-to: mirror-svc, x-auth-as: canary-set, x-auth-of: HostBreaks}');
    const secrets = readSecrets(named, 'f', {});
    expect(hiddenTexts(secrets, scenario, TOPOLOGY)).to.have.length.above(2);
    const shares = [{ service: 'mirror-svc', from: {}, to: [{ place: { subset: 'canary-set' }, share: 1 }] }];
    const clauses = { ...scenario.expect, shares, alert: [{ rule: 'HostBreaks' }] };
    expect(hiddenTexts(secrets, { ...scenario, expect: clauses }, TOPOLOGY)).to.deep.equal([]);
  });

  it('are in no event of a fault, and a command that holds one gives way to the recovery', () => {
    const redact = redactor(['pwSecretGG']);
    const command = 'kubectl patch x -p pwSecretGG';
    const object = {
      cluster: 'c',
      kind: 'Deployment',
      namespace: 'n',
      name: 'x',
      change: 'command',
      state: 'conflict',
    } as const;
    const fields = '{"command":["--password","of-a-colleague"]}';
    const step: UnstampedEvent = {
      ...{ type: 'fault', fault: 'f', step: 'undo-conflict', detail: `has pwSecretGG and --token "abc"` },
      objects: [{ ...object, before: '{"command":["pwSecretGG"]}', after: fields }],
      commands: [command, 'kubectl get x'],
    };
    expect(redactEvent(step, redact, 'faultline recover')).to.deep.include({
      detail: 'has [redacted] and --token "[redacted]"',
      objects: [{ ...object, before: '{"command":["[redacted]"]}', after: '{"command":["--password","[redacted]"]}' }],
      commands: ['faultline recover', 'kubectl get x'],
    });
    const left: UnstampedEvent = {
      type: 'leftovers',
      cluster: 'c',
      objects: [{ ref: 'n/x', command, held: command }],
      unread: command,
    };
    const { unread, ...rest } = redactEvent(left, redact, 'faultline recover') as typeof left;
    expect(rest).to.deep.include({ objects: [{ ref: 'n/x', command: 'faultline recover', held: redact(command) }] });
    expect(unread).to.equal(redact(command)).and.contain(REDACTED);
  });

  it('of what a fault is told are in no record of its scenario', () => {
    const scenario = accepted(parse(FULL)) as RecordedScenario;
    const [fault] = scenario.faults;
    if (fault === undefined) throw new Error('there is a fault');
    const told = {
      ...scenario,
      faults: [{ ...fault, spec: { ...fault.spec, command: ['a', '--password=pwSecretGG'] } }],
    };
    const [shown] = redactScenario(told, redactor(['pwSecretGG'])).faults;
    expect(shown?.spec).to.deep.equal({ ...fault.spec, command: ['a', `--password=${REDACTED}`] });
  });

  it('are told to no fault, in whatever field', () => {
    const text = edited(TEXT, 'x-a: {env: TENANT', 'x-b: {env: TENANT');
    const scenario = accepted(parse(text));
    const hidden = hiddenTexts(readSecrets(text, 'f', { TENANT: 's3cret-of-ours' }), scenario, TOPOLOGY);
    const told = (spec: object) =>
      refusalOf(() =>
        refuseToldSecrets({ faults: [{ name: 'one', kind: 'meshFault', afterMs: 0, spec: spec as never }] }, hidden),
      );
    const refused = 'FAULT_REFUSED the fault one holds the value of a secret of this scenario';
    expect(told({ headers: { 'x-drill': 's3cret-of-ours' } })).to.equal(refused);
    expect(told({ object: { data: { a: ['Key s3cret-of-ours'] } } })).to.equal(refused);
    expect(told({ headers: { 'x-drill': 'Bearer l1teral-s3cret' } })).to.equal(refused);
    expect(told({ headers: { 'x-drill': '1' } })).to.equal('none');
    expect(() => refuseToldSecrets(scenario, hidden)).not.to.throw();
    const word = (spec: object) =>
      refusalOf(() =>
        refuseToldSecrets({ faults: [{ name: 'one', kind: 'scale', afterMs: 0, spec: spec as never }] }, ['default']),
      );
    expect(word({ namespace: 'default' }), 'a word is no secret that was told').to.equal('none');
  });

  const UNUSABLE: readonly [what: string, env: Record<string, string>, said: string][] = [
    ['missing', {}, 'which is not set'],
    ['empty', { TENANT: ' ' }, 'which is empty'],
    ['of two lines', { TENANT: 's3cret\n' }, 'which holds a line break'],
    ['beyond Latin-1', { TENANT: 's3cret…' }, 'which holds a line break or a character'],
  ];
  for (const [what, env, said] of UNUSABLE) {
    it(`a variable that is ${what} is refused with its place`, () => {
      const message = messageOf(() => readSecrets(TEXT, 'drill.yaml', env));
      expect(message).to.contain('drill.yaml:12:').and.to.contain(`TENANT, ${said}`).and.to.not.contain('s3cret');
    });
  }

  it('stand in no error about a setting', () => {
    const setting = 'spec.load.paths.7.request.headers.x-token=s3cret';
    expect(() => applySettings('spec: {load: 5}', [setting])).to.throw(FaultlineError, /x-token=\[redacted\]:/);
    for (const told of [
      'load.token="s3cret',
      'load.token=!s3cret',
      'spec.x={token: |s3cret',
      'token:s3cret',
      'token=@s3cret',
    ])
      expect(settingRefusal(told), told).to.not.match(/s3cret/);
  });

  function settingRefusal(setting: string): string {
    try {
      return applySettings('spec: {load: 5}', [setting]) && '';
    } catch (error) {
      return error instanceof FaultlineError ? `${error.message} ${error.hint}` : String(error);
    }
  }

  const at = 'spec.load.paths.0.request';
  const SETTINGS: readonly [setting: string, shown: string][] = [
    ['spec.load.rate=10/s', 'spec.load.rate=10/s'],
    [`${at}.headers.x-a=b`, `${at}.headers.x-a=b`],
    [`${at}.headers.X-Token=Bearer: s3cret`, `${at}.headers.X-Token=${REDACTED}`],
    [`${at}.headers.x-token={env: TOKEN}`, `${at}.headers.x-token={env: TOKEN}`],
    [`${at}.headers.x-token.env=TOKEN`, `${at}.headers.x-token.env=TOKEN`],
    [`${at}.headers={x-token: s3cret, x-a: b}`, `${at}.headers={x-token: "${REDACTED}", x-a: b}`],
    [
      'spec.load.paths=[{name: a, request: {path: /, headers: {cookie: s3cret}}}]',
      `spec.load.paths=[{name: a, request: {path: /, headers: {cookie: "${REDACTED}"}}}]`,
    ],
    [`${at}={headers: {cookie: s3cret`, `${at}={headers: {cookie: "${REDACTED}"`],
    ['no setting', 'no setting'],
    // Places and shapes that nothing reads.
    ['load.headers.authorization=Bearer s3cret', `load.headers.authorization=${REDACTED}`],
    ['spec.load.headers[0].tokn=s3cret', `spec.load.headers[0].tokn=${REDACTED}`],
    ['spec.x=Bearer s3cret', `spec.x=${REDACTED}`],
    ['spec.x={password: s3cret', `spec.x={password: "${REDACTED}"`],
    ['authorization: Bearer s3cret', `authorization: "${REDACTED}"`],
    [`${at}.headers.x-token.fromEnv=s3cret`, `${at}.headers.x-token.fromEnv=${REDACTED}`],
    [`${at}.headers.x-token.env=s3-cret`, `${at}.headers.x-token.env=${REDACTED}`],
  ];
  for (const [setting, shown] of SETTINGS) {
    it(`records --set ${setting} as ${shown}`, () => expect(hideSettings([setting])).to.deep.equal([shown]));
  }
});
