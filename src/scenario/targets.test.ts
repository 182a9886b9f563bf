import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect } from 'chai';
import { formatDiagnostics } from './format.ts';
import { parseTargets } from './targets.ts';
import { accepted, diagnosticsOf, edited, places } from './testing/fixtures.ts';

const TEXT = `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: sandbox}
spec:
  namespaces: [default, istio-system]
  clusters:
    - name: tokyo
      region: ap-northeast-1
      kubeconfig: ./kube/config
      context: admin@tokyo
      uid: 0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90
      gateways:
        - {zone: ap-northeast-1a, address: "127.0.0.11:8080"}
        - {zone: ap-northeast-1b, service: {namespace: istio-system, name: ingress-1b, port: 80}}
    - name: hangzhou
      region: cn-hangzhou
      kubeconfig: ~/.kube/config
      context: hangzhou
      gateways:
        - {zone: cn-hangzhou-h, address: "https://[::1]"}
`;

const LOAD_CLUSTER = `  loadCluster:
    kubeconfig: load.conf
    context: load
    uid: 1b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90
    namespace: faultline-load
    pods: 8
    image: registry.example:5000/k6@sha256:ab
`;

function parse(text: string) {
  return parseTargets(text, 'somewhere/targets.yaml');
}

describe('scenario/targets', () => {
  it('has the lock of its clusters where it says', () => {
    const text = TEXT.replace('spec:\n', 'spec:\n  lockNamespace: drills\n');
    expect(accepted(parse(text)).lockNamespace).to.equal('drills');
  });

  it('tells neither user nor password of an address that is refused, and points at the same place', () => {
    const prometheus = 'https://joe:pr0m/Passw0rd@p.example';
    const text = TEXT.replace('127.0.0.11:8080', 'http://joe:gwPassw0rd@g.example:80').replace(
      'spec:\n',
      `spec:\n  prometheus: {url: "${prometheus}"}\n`,
    );
    const problems = diagnosticsOf(parse(text));
    const shown = formatDiagnostics(problems, text, { color: false });
    expect(problems).to.have.length(2);
    expect(shown).to.not.match(/joe|Passw0rd/);
    expect(shown).to.contain('not `http://[redacted]@g.example:80`');
    expect(shown).to.contain(`url: "https://${'•'.repeat(17)}@p.example"`);
  });

  it('resolves addresses and paths', () => {
    expect(accepted(parse(TEXT))).to.deep.equal({
      name: 'sandbox',
      annotations: {},
      namespaces: ['default', 'istio-system'],
      lockNamespace: 'default',
      observe: { namespaces: ['default', 'istio-system'] },
      clusters: [
        {
          name: 'tokyo',
          region: 'ap-northeast-1',
          kubeconfig: resolve('somewhere/kube/config'),
          context: 'admin@tokyo',
          uid: '0b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90',
          gateways: [
            { zone: 'ap-northeast-1a', address: { kind: 'url', protocol: 'http', host: '127.0.0.11', port: 8080 } },
            {
              zone: 'ap-northeast-1b',
              address: { kind: 'service', protocol: 'http', namespace: 'istio-system', name: 'ingress-1b', port: 80 },
            },
          ],
        },
        {
          name: 'hangzhou',
          region: 'cn-hangzhou',
          kubeconfig: join(homedir(), '.kube/config'),
          context: 'hangzhou',
          gateways: [{ zone: 'cn-hangzhou-h', address: { kind: 'url', protocol: 'https', host: '::1', port: 443 } }],
        },
      ],
    });
  });

  it('lets faults touch only the namespace default when nothing is said', () => {
    expect(accepted(parse(edited(TEXT, '  namespaces: [default, istio-system]\n', ''))).namespaces).to.deep.equal([
      'default',
    ]);
  });

  it('knows who is told of runs, and has no address of theirs', () => {
    const hooks =
      '  webhooks:\n    - {kind: json, url: {env: HOOK}}\n    - {kind: grafana, url: {env: G}, token: {env: T}, on: [verdict]}\n';
    expect(accepted(parse(TEXT + hooks)).webhooks).to.deep.equal([
      { kind: 'json', url: { env: 'HOOK' }, on: ['start', 'put-back', 'verdict'] },
      { kind: 'grafana', url: { env: 'G' }, token: { env: 'T' }, on: ['verdict'] },
    ]);
    expect(places(diagnosticsOf(parse(TEXT + edited(hooks, '{env: HOOK}', 'https://chat'))))[0]).to.contain('22:');
  });

  const NEVER = `  never:
    - {because: change freeze, timeZone: Europe/Zurich, dates: {from: 2026-12-18, to: 2027-01-04}}
    - {because: market, timeZone: Asia/Tokyo, days: [mon, fri], hours: {from: "08:30", to: "24:00"}}
`;

  it('knows when no drill may go on', () => {
    expect(accepted(parse(TEXT + NEVER)).never).to.deep.equal([
      { because: 'change freeze', timeZone: 'Europe/Zurich', dates: { from: '2026-12-18', to: '2027-01-04' } },
      { because: 'market', timeZone: 'Asia/Tokyo', days: ['mon', 'fri'], hours: { from: 510, to: 1440 } },
    ]);
  });

  it('refuses a calendar that would keep nobody from anything, or not as it was meant', () => {
    const found = (part: string, replacement: string) =>
      places(diagnosticsOf(parse(edited(TEXT + NEVER, part, replacement))));
    expect(found('Europe/Zurich', 'Europe/Zurick')).to.deep.equal(['22:42 FIELD_VALUE']);
    expect(found('to: 2027-01-04', 'to: 2025-01-04')).to.deep.equal(['22:57 FIELD_VALUE']);
    expect(found('2026-12-18', '2026-02-30')).to.deep.equal(['22:71 FIELD_VALUE']);
    expect(found('"24:00"', '"08:30"')).to.deep.equal(['23:65 FIELD_VALUE']);
    expect(found('"24:00"', '"24:30"')[0]).to.contain('23:');
    expect(found('"24:00"', '1440')[0]).to.contain('23:');
    expect(found(', dates: {from: 2026-12-18, to: 2027-01-04}', '')[0]).to.contain('22:');
    expect(found('mon, fri', 'monday')[0]).to.contain('23:');
    expect(found('timeZone: Asia/Tokyo, ', '')[0]).to.contain('23:');
    expect(found('because: market, ', '')[0]).to.contain('23:');
  });

  const OBSERVE = `  observe:
    namespaces: [default, shop]
    gateways:
      - {namespace: istio-system, selector: {istio: ingressgateway, app.kubernetes.io/name: gw}}
`;

  it('watches more than faults may touch where the file says so', () => {
    const { namespaces, observe } = accepted(parse(TEXT + OBSERVE));
    expect(namespaces).to.deep.equal(['default', 'istio-system']);
    expect(observe).to.deep.equal({
      namespaces: ['default', 'shop'],
      gateways: [{ namespace: 'istio-system', selector: { istio: 'ingressgateway', 'app.kubernetes.io/name': 'gw' } }],
    });
  });

  it('tells gateways that nobody has named from none at all', () => {
    const named = (text: string) => accepted(parse(`${TEXT}  observe: ${text}\n`)).observe;
    expect(named('{}')).to.deep.equal({ namespaces: ['default', 'istio-system'] });
    expect(named('{gateways: []}')).to.deep.equal({ namespaces: ['default', 'istio-system'], gateways: [] });
  });

  const OBSERVE_MISTAKES: readonly [what: string, part: string, replacement: string, ...expected: string[]][] = [
    ['an observed namespace twice', 'shop]', 'default]', '22:27 NAME_DUPLICATE'],
    [
      'a gateway without labels',
      ', selector: {istio: ingressgateway, app.kubernetes.io/name: gw}',
      '',
      '24:9 FIELD_MISSING',
    ],
    ['a gateway of any pod', '{istio: ingressgateway, app.kubernetes.io/name: gw}', '{}', '24:35 FIELD_MISSING'],
    ['a label value that is a selector', 'ingressgateway,', '"a,b",', '24:53 FIELD_VALUE'],
    ['a label name that is a selector', 'istio: ingressgateway', '"istio in (a)": b', '24:46 FIELD_VALUE'],
  ];
  for (const [what, part, replacement, ...expected] of OBSERVE_MISTAKES) {
    it(`points at ${what}`, () => {
      const text = TEXT + edited(OBSERVE, part, replacement);
      expect(places(diagnosticsOf(parse(text)))).to.deep.equal(expected);
    });
  }

  it('reads the dead-man, and has none where none is named', () => {
    const deadMan = { image: 'registry.example:5000/faultline@sha256:ab', serviceAccount: 'faultline-dead-man' };
    const text = `  deadMan: {image: '${deadMan.image}', serviceAccount: ${deadMan.serviceAccount}}\n`;
    expect(accepted(parse(TEXT + text)).deadMan).to.deep.equal(deadMan);
    expect(accepted(parse(TEXT))).to.not.have.property('deadMan');
    const mistakes: [string, string][] = [
      ['{image: a b, serviceAccount: x}', '21:20 FIELD_VALUE'],
      ['{image: a, serviceAccount: X}', '21:39 FIELD_VALUE'],
      ['{image: a}', '21:3 FIELD_MISSING'],
    ];
    for (const [written, ...expected] of mistakes) {
      expect(places(diagnosticsOf(parse(`${TEXT}  deadMan: ${written}\n`))), written).to.deep.equal(expected);
    }
  });

  it('knows no load cluster where none is named', () => {
    expect(accepted(parse(TEXT))).to.not.have.property('loadCluster');
  });

  it('reads the load cluster', () => {
    const { loadCluster } = accepted(parse(TEXT + LOAD_CLUSTER));
    expect(loadCluster).to.deep.equal({
      kubeconfig: resolve('somewhere/load.conf'),
      context: 'load',
      uid: '1b8a3c1e-5f7d-4c2b-9a61-2f4d8e7c1b90',
      namespace: 'faultline-load',
      pods: 8,
      image: 'registry.example:5000/k6@sha256:ab',
    });
  });

  it('has defaults for the load cluster', () => {
    const text = `${TEXT}  loadCluster: {kubeconfig: ~/.kube/config, context: tokyo, namespace: load}\n`;
    expect(accepted(parse(text)).loadCluster).to.deep.equal({
      kubeconfig: join(homedir(), '.kube/config'),
      context: 'tokyo',
      namespace: 'load',
      pods: 2,
      image: 'grafana/k6:2.2.0',
    });
  });

  const ADDRESSES: readonly [text: string, host: string, port: number, protocol: string][] = [
    ['gw.example:80', 'gw.example', 80, 'http'],
    ['http://gw.example', 'gw.example', 80, 'http'],
    ['https://gw.example:8443/', 'gw.example', 8443, 'https'],
    ['[fd00::1]:8080', 'fd00::1', 8080, 'http'],
  ];
  for (const [text, host, port, protocol] of ADDRESSES) {
    it(`reads the address ${text}`, () => {
      const { clusters } = accepted(parse(edited(TEXT, '127.0.0.11:8080', text)));
      expect(clusters[0]?.gateways[0]?.address).to.deep.equal({ kind: 'url', host, port, protocol });
    });
  }

  const MISTAKES: readonly [what: string, part: string, replacement: string, ...expected: string[]][] = [
    ['a scenario', 'kind: Targets', 'kind: Scenario', '2:7 KIND_UNKNOWN'],
    ['a namespace of Kubernetes', 'default,', 'kube-system,', '5:16 FIELD_VALUE'],
    ['a namespace twice', 'istio-system]', 'default]', '5:25 NAME_DUPLICATE'],
    ['no namespace', '[default, istio-system]', '[]', '5:3 FIELD_VALUE'],
    ['a cluster name twice', 'name: hangzhou', 'name: tokyo', '15:13 NAME_DUPLICATE'],
    [
      'one context as two clusters',
      '~/.kube/config\n      context: hangzhou',
      './kube/config\n      context: admin@tokyo',
      '18:16 NAME_DUPLICATE',
    ],
    [
      'one uid as two clusters, however it is written',
      'context: hangzhou\n',
      'context: hangzhou\n      uid: 0B8A3C1E-5f7d-4c2b-9a61-2f4d8e7c1b90\n',
      '19:12 NAME_DUPLICATE',
    ],
    ['no context', '      context: hangzhou\n', '', '15:7 FIELD_MISSING'],
    ['a misspelt field', 'kubeconfig: ./', 'kubeConfig: ./', '9:7 FIELD_UNKNOWN'],
    ['a UID that is none', '0b8a3c1e-5f7d', '0b8a3c1e', '11:12 FIELD_VALUE'],
    ['no port', '127.0.0.11:8080', '127.0.0.11', '13:44 FIELD_VALUE'],
    ['a port that cannot be', '127.0.0.11:8080', '127.0.0.11:65536', '13:44 FIELD_VALUE'],
    ['an address with a path', '127.0.0.11:8080', 'http://a/b', '13:44 FIELD_VALUE'],
    ['an address with a user', '127.0.0.11:8080', 'http://u@a', '13:44 FIELD_VALUE'],
    ['an IPv6 address without brackets', '127.0.0.11:8080', '::1:8080', '13:44 FIELD_VALUE'],
    ['an IPv6 address that cannot be', '127.0.0.11:8080', '[:::1]:8080', '13:44 FIELD_VALUE'],
    [
      'an address and a Service',
      'address: "127.0.0.11:8080"',
      'address: "a:1", service: {namespace: a, name: b, port: 1}',
      '13:51 FIELD_VALUE',
    ],
    ['neither address nor Service', ', address: "127.0.0.11:8080"', '', '13:11 FIELD_MISSING'],
    ['an address twice', 'https://[::1]', 'http://127.0.0.11:8080', '20:42 NAME_DUPLICATE'],
    ['a gateway zone twice', 'zone: ap-northeast-1b', 'zone: ap-northeast-1a', '14:18 NAME_DUPLICATE'],
    ['a zone in two regions', 'zone: cn-hangzhou-h', 'zone: ap-northeast-1a', '20:18 FIELD_VALUE'],
    ['an unknown protocol', 'port: 80}', 'port: 80, protocol: tcp}', '14:108 FIELD_VALUE'],
  ];
  for (const [what, part, replacement, ...expected] of MISTAKES) {
    it(`points at ${what}`, () => {
      expect(places(diagnosticsOf(parse(edited(TEXT, part, replacement))))).to.deep.equal(expected);
    });
  }

  const LOAD_MISTAKES: readonly [what: string, part: string, replacement: string, ...expected: string[]][] = [
    ['kube-system', 'faultline-load', 'kube-system', '25:16 FIELD_VALUE'],
    ['kube-public', 'faultline-load', 'kube-public', '25:16 FIELD_VALUE'],
    ['kube-node-lease', 'faultline-load', 'kube-node-lease', '25:16 FIELD_VALUE'],
    ['no namespace', '    namespace: faultline-load\n', '', '21:3 FIELD_MISSING'],
    ['no kubeconfig', '    kubeconfig: load.conf\n', '', '21:3 FIELD_MISSING'],
    ['no context', '    context: load\n', '', '21:3 FIELD_MISSING'],
    ['no pods at all', 'pods: 8', 'pods: 0', '26:11 FIELD_VALUE'],
    ['too many pods', 'pods: 8', 'pods: 65', '26:11 FIELD_VALUE'],
    ['half a pod', 'pods: 8', 'pods: 1.5', '26:11 FIELD_TYPE'],
    ['an image with a space', 'k6@sha256:ab', 'k6 ab', '27:12 FIELD_VALUE'],
    ['a UID that is none', 'uid: 1b8a3c1e', 'uid: 1', '24:10 FIELD_VALUE'],
    ['a misspelt field', 'namespace: faultline-load', 'namspace: a', '25:5 FIELD_UNKNOWN'],
  ];
  for (const [what, part, replacement, ...expected] of LOAD_MISTAKES) {
    it(`points at ${what} of the load cluster`, () => {
      const text = TEXT + edited(LOAD_CLUSTER, part, replacement);
      expect(places(diagnosticsOf(parse(text)))).to.deep.equal(expected);
    });
  }
});
