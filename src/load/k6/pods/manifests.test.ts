import { KubeConfig } from '@kubernetes/client-node';
import { expect } from 'chai';
import { kubeCluster } from '../../../kube/cluster.ts';
import { FaultlineError } from '../../../model/errors.ts';
import { KINDS, type KubeObject, LOAD_LABEL } from '../../../model/kubernetes.ts';
import { startTestServer, systemClock, type TestServer, until } from '../../../sandbox/testing/test-server.ts';
import { operatorManifests, ownershipOf, type PodsSetup } from './manifests.ts';

const RUN = '20261122t111537z-pxa7';
const NAME = `faultline-${RUN}`;
const LABEL = /^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$/;
const MIB = 1_048_576;

const plan = (changes: Partial<PodsSetup> = {}): PodsSetup => ({
  runId: RUN,
  namespace: 'load',
  pods: 3,
  image: 'grafana/k6:2.2.0',
  files: { 'main.ts': 'export default () => {};', 'config.json': '{}' },
  main: 'main.ts',
  config: 'config.json',
  longestMs: 90_500,
  ...changes,
});

type Pod = {
  image?: string;
  env?: { name: string; value: string }[];
  metadata: { labels: Record<string, string> };
  automountServiceAccountToken: string;
  securityContext: object;
  containerSecurityContext: object;
  resources?: object;
  livenessProbe?: { exec: { command: string[] }; initialDelaySeconds: number; failureThreshold: number };
};
type Spec = {
  parallelism: number;
  arguments: string;
  cleanup: string;
  script: object;
  runner: Pod;
  initializer: Pod;
  starter: Pod;
};

const specOf = (changes: Partial<PodsSetup> = {}) => operatorManifests(plan(changes)).testRun.spec as unknown as Spec;

function refusal(changes: Partial<PodsSetup>): FaultlineError {
  try {
    operatorManifests(plan(changes));
  } catch (error) {
    if (error instanceof FaultlineError) return error;
    throw error;
  }
  throw new Error('it should have been refused');
}

describe('load/k6-operator: manifests', () => {
  it('puts all files into one ConfigMap and lets every pod run the main one', () => {
    const { configMap, testRun } = operatorManifests(plan());
    expect(configMap).to.deep.equal({
      ...KINDS.configMap,
      metadata: { name: NAME, namespace: 'load', labels: { [LOAD_LABEL]: RUN } },
      immutable: true,
      data: plan().files,
    });
    expect(testRun).to.include(KINDS.testRun);
    expect(testRun.metadata).to.deep.equal(configMap.metadata);
    expect(specOf()).to.deep.include({
      parallelism: 3,
      script: { configMap: { name: NAME, file: 'main.ts' } },
      cleanup: 'post',
    });
    expect(specOf().runner.image).to.equal('grafana/k6:2.2.0');
    expect(specOf().initializer.image).to.equal('grafana/k6:2.2.0');
  });

  it('survives the splitting of arguments and the shell lines of the initializer', () => {
    const {
      arguments: text,
      runner,
      initializer,
    } = specOf({ config: 'Own_config-2.json', files: { 'main.ts': '', 'Own_config-2.json': '' } });
    const words = text.split(' ');
    expect(words).to.have.members(['--no-color', '--summary-mode=disabled', '--log-format=json']);
    const environment = {
      K6_NO_USAGE_REPORT: 'true',
      K6_AUTO_EXTENSION_RESOLUTION: 'false',
      GODEBUG: 'http2client=0',
      FAULTLINE_CONFIG: '/test/Own_config-2.json',
    };
    for (const { env = [] } of [runner, initializer]) {
      expect(Object.fromEntries(env.map(({ name, value }) => [name, value]))).to.deep.equal(environment);
    }
  });

  it('gives every pod the label of the run, no token, no sidecar and no rights', () => {
    const { runner, initializer, starter } = specOf();
    for (const pod of [runner, initializer, starter]) {
      expect(pod.metadata.labels).to.deep.equal({ [LOAD_LABEL]: RUN, 'sidecar.istio.io/inject': 'false' });
      expect(pod.automountServiceAccountToken).to.equal('false');
      const user = { runAsNonRoot: true, runAsUser: 12_345, runAsGroup: 12_345 };
      expect(pod.securityContext).to.deep.equal({ ...user, seccompProfile: { type: 'RuntimeDefault' } });
      expect(pod.containerSecurityContext).to.deep.include({
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
        readOnlyRootFilesystem: pod !== initializer,
      });
    }
  });

  it('asks for what a k6 needs, and caps nothing', () => {
    const { runner, initializer } = specOf();
    expect(runner.resources).to.deep.equal({ requests: { cpu: '500m', memory: '256Mi' } });
    expect(initializer.resources).to.deep.equal({ requests: { cpu: '100m', memory: '128Mi' } });
  });

  it('ends every runner ten minutes after the longest time of its load', () => {
    expect(specOf().runner.livenessProbe).to.deep.equal({
      exec: { command: ['sh', '-c', 'exit 1'] },
      initialDelaySeconds: 691,
      failureThreshold: 1,
    });
  });

  it('takes a name from which the operator can make its own', () => {
    const longest = 'r'.repeat(35);
    const { name = '' } = operatorManifests(plan({ runId: longest })).testRun.metadata;
    for (const derived of ['service-9999', '9999', 'initializer-xxxxx', 'starter-xxxxx']) {
      expect(`${name}-${derived}`).to.match(LABEL);
    }
    for (const runId of [`${longest}r`, 'Run', 'run-', 'a.b', 'a b']) {
      expect(refusal({ runId }).message).to.contain(`faultline-${runId}`);
    }
  });

  it('refuses more than a ConfigMap holds, counted in bytes, and says what to do', () => {
    const files = (bytes: number) => ({ 'main.ts': 'é'.repeat((bytes - 2) / 2), 'config.json': '{}' });
    operatorManifests(plan({ files: files(MIB) }));
    const error = refusal({ files: files(MIB + 2) });
    expect(error.code).to.equal('LOAD');
    expect(error.message).to.contain('1048578 bytes').and.contain(`main.ts with ${MIB}`);
    expect(error.hint).to.contain('Leave out');
  });

  it('refuses names of files that are no keys or that a shell reads, and files that are not there', () => {
    for (const name of ['lib/a.ts', 'a b.ts', '$(id).ts', '"', '', '..', '..data', 'x'.repeat(254)]) {
      const error = refusal({ files: { ...plan().files, [name]: '' } });
      expect(error.code).to.equal('LOAD');
      expect(error.message, name).to.contain(JSON.stringify(name));
    }
    expect(refusal({ main: 'other.ts' }).message).to.contain('no file other.ts');
    expect(refusal({ config: 'other.json' }).message).to.contain('no file other.json');
  });
});

describe('load/k6-operator: manifests at an API server', () => {
  let api: TestServer;
  before(async () => {
    api = await startTestServer();
    api.store.create({ ...KINDS.namespace, metadata: { name: 'load' } });
  });
  after(() => api.close());

  function cluster() {
    const config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: api.server.url, skipTLSVerify: true }],
      users: [{ name: 'u', token: 'secret' }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u' }],
      currentContext: 'x',
    });
    return kubeCluster({ name: 'load', region: 'r', config, clock: systemClock });
  }

  it('are stored as they are, and go together', async () => {
    const { configMap, testRun } = operatorManifests(plan());
    const load = cluster();
    await load.create(configMap);
    const stored = await load.create(testRun);
    const ref = ({ apiVersion, kind }: KubeObject) => ({ apiVersion, kind, namespace: 'load', name: NAME });
    await load.patch(ref(configMap), ownershipOf(stored));
    expect((await load.get(ref(testRun)))?.spec).to.deep.equal(testRun.spec);
    const owned = await load.get(ref(configMap));
    expect(owned?.data).to.deep.equal(configMap.data);
    expect(owned?.metadata.ownerReferences).to.deep.equal([{ ...KINDS.testRun, name: NAME, uid: stored.metadata.uid }]);
    expect(await load.list(KINDS.testRun, { namespace: 'load', labelSelector: `${LOAD_LABEL}=${RUN}` })).to.have.length(
      1,
    );
    await load.delete(ref(testRun));
    await until('the ConfigMap is gone, too', async () => (await load.get(ref(configMap))) === undefined);
  });

  it('have no owner that nobody has stored', () => {
    expect(() => ownershipOf(operatorManifests(plan()).testRun)).to.throw(FaultlineError, 'has no UID');
  });
});
