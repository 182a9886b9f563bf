import { execFile, execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { deployment, NAMESPACE, type Opened, rule, until } from './kube-tools.ts';
import type { JsonMap } from './raw-api.ts';

/** Where kubectl is pointed at. */
export type KubectlContext = { readonly kubeconfig: string; readonly context: string };

/** What kubectl rests on is asked of the API by itself as well: without it nothing is left out. */
export function hasKubectl(): boolean {
  try {
    execFileSync('kubectl', ['version', '--client'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

type Said = { readonly code: number; readonly out: string; readonly err: string };

function run(where: KubectlContext, args: readonly string[], input?: JsonMap): Promise<Said> {
  const options = ['--kubeconfig', where.kubeconfig, '--context', where.context, '--namespace', NAMESPACE];
  return new Promise((resolve) => {
    const child = execFile('kubectl', [...options, ...args], { timeout: 60_000 }, (error, out, err) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
    });
    child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
  });
}

/** What people type, typed: kubectl says the same of either server. */
export function kubectlContract(at: Opened, where: () => KubectlContext): void {
  const kubectl = (args: string, input?: JsonMap) => run(where(), args.split(' '), input);
  const ok = async (args: string, input?: JsonMap): Promise<string> => {
    const { code, out, err } = await kubectl(args, input);
    expect(code, `kubectl ${args}: ${err}`).to.equal(0);
    return out.trim();
  };

  it('applies, changes and deletes a Deployment', async () => {
    const object = deployment('typed');
    expect(await ok('apply -f -', object)).to.equal('deployment.apps/typed created');
    expect(await ok('apply -f -', object)).to.equal('deployment.apps/typed unchanged');
    expect(await ok('rollout status deployment/typed --timeout=50s')).to.contain('successfully rolled out');
    expect(await ok('scale deployment/typed --replicas=2')).to.equal('deployment.apps/typed scaled');
    expect(await ok('rollout restart deployment/typed')).to.equal('deployment.apps/typed restarted');
    expect(await ok('rollout status deployment/typed --timeout=50s')).to.contain('successfully rolled out');
    expect(await ok('label deployment/typed tier=front')).to.equal('deployment.apps/typed labeled');
    expect(await ok('annotate deployment/typed note=x')).to.equal('deployment.apps/typed annotated');
    expect(await ok('set image deployment/typed web=x.example/y:1 --dry-run=server')).to.contain('(server dry run)');
    expect((await ok('get deployment typed -o wide')).split('\n')[0]).to.match(
      /^NAME +READY +UP-TO-DATE +AVAILABLE +AGE +CONTAINERS +IMAGES +SELECTOR$/,
    );
    expect(await ok('get deployment typed -o jsonpath={.spec.replicas}')).to.equal('2');
    expect(await ok('describe deployment typed')).to.match(/^Name: +typed$/m);
    expect(await ok('delete deployment typed')).to.contain('deployment.apps "typed" deleted');
    await until('the pods to go', async () => (await ok('get pods -l app=typed -o name')) === '');
  });

  it('shows who holds a lease, and freezes a cluster by a ConfigMap', async () => {
    const apiVersion = 'coordination.k8s.io/v1';
    const spec = { holderIdentity: 'run-1/host/1' };
    await ok('create -f -', { apiVersion, kind: 'Lease', metadata: { name: 'shown' }, spec });
    const [head = '', row = ''] = (await ok('get leases shown')).split('\n');
    expect(head).to.match(/^NAME +HOLDER +AGE$/);
    expect(row).to.match(/^shown +run-1\/host\/1 +\d+s$/);
    await ok('create configmap faultline-freeze --from-literal=reason=incident');
    expect(await ok('get configmap faultline-freeze -o jsonpath={.data.reason}')).to.equal('incident');
    await ok('delete configmap faultline-freeze --wait=false');
  });

  it('is refused what is misspelt, and told of it when asked to go on', async () => {
    const outlierDetection = { consecutive5xxError: 1 };
    const misspelt = rule('typed', { host: 'web', trafficPolicy: { outlierDetection } });
    const refused = await kubectl('apply --validate=strict -f -', misspelt);
    expect(refused.code).to.equal(1);
    const unknown = 'unknown field "spec.trafficPolicy.outlierDetection.consecutive5xxError"';
    expect(refused.err)
      .to.contain('Error from server (BadRequest)')
      .and.to.contain(`strict decoding error: ${unknown}`);
    const warned = await kubectl('apply --validate=warn -f -', misspelt);
    expect([warned.code, warned.out.trim()]).to.deep.equal([0, 'destinationrule.networking.istio.io/typed created']);
    expect(warned.err).to.contain(`Warning: ${unknown}`);
    await ok('delete destinationrule typed');
    expect((await at.api.call('GET', '/version')).status).to.equal(200);
  });

  it('may ask what it may', async () => {
    expect(await ok('auth can-i patch deployments.apps')).to.equal('yes');
    expect(await ok('api-resources --api-group=networking.istio.io -o name')).to.contain(
      'destinationrules.networking.istio.io',
    );
  });
}
