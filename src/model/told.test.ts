import { expect } from 'chai';
import { hideTold } from './credentials.ts';
import type { FaultPlan } from './fault.ts';
import { wholeTraces } from './redact.ts';
import type { Json } from './scenario.ts';
import { credentialsIn, credentialsOf, hideFields, tracesOfPlans } from './told.ts';

const COMMAND = ['/app', '--db-url=postgres://svc:dbSecret@db/x', '--password', 'pwSecret', '--token=tokSecret'];

describe('credentials that a workload was told', () => {
  const TOLD: readonly (readonly [told: Json, credentials: readonly string[]])[] = [
    [COMMAND, ['dbSecret', 'pwSecret', 'tokSecret']],
    [
      ['sh', '-c', 'PGPASSWORD=hunter2 psql && app --password=x1y2 --secret "two words"'],
      ['hunter2', 'x1y2', 'two words'],
    ],
    [
      ['curl', '-H', 'Authorization: Bearer abc.def-1', '-H', 'x-api-key: 0a1b2c3d4e'],
      ['Bearer abc.def-1', '0a1b2c3d4e'],
    ],
    [
      ['wget', 'redis://:pw/with#signs@db:6379/0', 'https://only-a-t0ken@git.example'],
      ['pw/with#signs', 'only-a-t0ken'],
    ],
    [['mysql', '-uroot', '-phunter2s', '-h', 'db'], ['hunter2s']],
    [
      ['sh', '-c', "mysqldump -u root -p's3 cret' shop; curl -u joe:pa55word https://x && redis-cli -a redisPw ping"],
      ['s3 cret', 'pa55word', 'redisPw'],
    ],
    [
      ['/usr/bin/curl', '-u', 'joe:pa55word', '--proxy-user', 'p:prox1'],
      ['pa55word', 'prox1'],
    ],
    [['/usr/bin/env', 'mongosh', '-u', 'root', '-p', 'm0ngo'], ['m0ngo']],
    [
      ['app', '--dsn', 'shop:dsnPw@tcp(db:3306)/shop', 'joe:otherPw@db.example/shop'],
      ['dsnPw', 'otherPw'],
    ],
    [
      ['sh', '-c', 'openssl enc -pass pass:sslPw < a | sshpass -p "ssh pw" ssh h'],
      ['sslPw', 'ssh pw'],
    ],
    [['app', '--jwt', 'a"b\\c'], ['a"b\\c']],
    [
      {
        env: [
          { name: 'DB_PASSWORD', value: 'envSecret' },
          { name: 'ZONE', value: 'tokyo' },
        ],
      },
      ['envSecret'],
    ],
    [{ metadata: { annotations: { 'x/token': 't1', 'x/config': '{"clientSecret":"s2"}' } } }, ['t1', 's2']],
    [{ data: { 'app.properties': 'user=joe\npassword=s3\n' } }, ['s3']],
    [
      ['-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----'],
      ['-----BEGIN PRIVATE KEY-----\nMIIB\n-----END PRIVATE KEY-----'],
    ],
  ];
  for (const [told, credentials] of TOLD) {
    it(`are found and hidden: ${JSON.stringify(told).slice(0, 60)}`, () => {
      expect(credentialsIn(told)).to.have.members(credentials).and.to.have.length(credentials.length);
      const shown = hideFields(JSON.stringify(told));
      for (const one of credentials) expect(shown).to.not.contain(JSON.stringify(one).slice(1, -1));
      expect(JSON.parse(shown), 'is what it was besides').to.be.an(Array.isArray(told) ? 'array' : 'object');
    });
  }

  const HARMLESS: readonly Json[] = [
    ['/app', '--zone=ap-northeast-1a', '--service', 'mockb', '--image=registry.example/key-store:v1'],
    ['/app', '--token-file=/run/secrets/token', '--tls-private-key-file', '/etc/tls/key.pem', '--session-timeout=30s'],
    ['sh', '-c', 'app --password=$(DB_PASSWORD) --token=$TOKEN --auth=none --cookies true'],
    ['/app', '--auth-url=https://idp.example/auth', '--secret-name', 'db-credentials', '--password', '--verbose'],
    ['mysql', '-p$(PASSWORD)', '-P', '3306'],
    [
      'sh',
      '-c',
      'mysql -p; curl -u joe: https://x; curl -u "$WHO:$PW" https://y; mkdir -p /a/b; cp -p a b; nc -u host:53',
    ],
    ['chown', '-u', 'app:app', '--image=registry:5000/shop:v1@sha256:0a1b'],
    { tolerations: [{ key: 'example.com/gpu', operator: 'Exists' }], sessionAffinity: 'ClientIP' },
    { secretKeyRef: { name: 'db', key: 'password' } },
    ['listen', 'http://127.0.0.1:8080/a@b', 'joe@example.com'],
  ];
  for (const told of HARMLESS) {
    it(`are not seen in ${JSON.stringify(told).slice(0, 60)}`, () => {
      const text = JSON.stringify(told);
      expect([credentialsIn(told), hideFields(text), hideTold(text)]).to.deep.equal([[], text, text]);
    });
  }

  it('are looked for once through a long text, whatever it repeats', () => {
    for (const part of ['"', '\\"', 'a=', 'mysql -p ', 'token "']) {
      const text = part.repeat(100_000 / part.length);
      expect(hideTold(text)).to.equal(text);
    }
  });

  it('are no seals of an environment', () => {
    const values = { API_TOKEN: '0a1b2c3d4e5f6a7b' };
    expect(credentialsIn({ surroundings: { programs: null, values } })).to.deep.equal([]);
    expect(credentialsIn({ values })).to.deep.equal([values.API_TOKEN]);
  });

  it('leave a text as it was written where they are none in it', () => {
    for (const text of ['{ "image" : "a" }', '[not json', '{"a":1}', 'present'])
      expect(hideFields(text)).to.equal(text);
  });

  const plan = (command: readonly string[], more: Partial<FaultPlan> = {}): FaultPlan =>
    ({
      ...{
        kind: 'imageSwap',
        fault: 'down',
        cluster: 'tokyo',
        runId: 'r',
        namespaces: ['default'],
        cutsOff: [],
        affected: [],
      },
      objects: [],
      data: { before: { image: 'registry.example/password-store:v1', command } },
      ...more,
    }) as unknown as FaultPlan;

  it('of plans are hidden wherever they stand, but for short words and names that the plans are about', () => {
    expect(tracesOfPlans([plan(COMMAND)])).to.have.members(['dbSecret', 'pwSecret', 'tokSecret']);
    const words = ['--password', 'password-store', '--token=ab1', '--secret=checkout-svc'];
    const objects = [
      {
        cluster: 'tokyo',
        kind: 'Deployment',
        namespace: 'default',
        name: 'checkout-svc',
        change: '',
        state: 'unknown',
      },
    ];
    const told = plan(words, { objects } as Partial<FaultPlan>);
    expect(tracesOfPlans([told])).to.deep.equal([]);
    expect(credentialsOf(told)).to.have.members(['password-store', 'ab1', 'checkout-svc']);
  });

  it('are found in what became of objects as well', () => {
    const after = JSON.stringify({ image: 'a', command: ['--password', 'of-somebody-else'] });
    const object = {
      cluster: 'tokyo',
      kind: 'Deployment',
      namespace: 'default',
      name: 'db',
      change: '',
      state: 'conflict',
      after,
    };
    expect(wholeTraces(tracesOfPlans([plan([], { objects: [object] } as Partial<FaultPlan>)]))).to.deep.equal([
      'of-somebody-else',
    ]);
  });
});
