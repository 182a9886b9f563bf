import { expect } from 'chai';
import {
  APPS,
  CORE,
  deployment,
  MERGE,
  made,
  metadataOf,
  NAMESPACE,
  type Opened,
  refusal,
  until,
} from './kube-tools.ts';
import type { JsonMap } from './raw-api.ts';

/** What controllers and subresources do. */
export function actionContract(at: Opened): void {
  it('makes pods of a Deployment, scales it by its subresource, and evicts as a budget allows', async () => {
    await made(at, `${APPS}/deployments`, deployment('web'));
    const ready = async () => {
      const { body } = await at.api.call('GET', `${APPS}/deployments/web`);
      return ((body.status ?? {}) as JsonMap).readyReplicas ?? 0;
    };
    await until('a pod', async () => (await ready()) === 1);
    const scale = await at.api.call('GET', `${APPS}/deployments/web/scale`);
    expect([scale.body.kind, scale.body.spec]).to.deep.equal(['Scale', { replicas: 1 }]);
    await at.api.call('PUT', `${APPS}/deployments/web/scale`, { ...scale.body, spec: { replicas: 2 } });
    await until('two pods', async () => (await ready()) === 2);
    const budget = `/apis/policy/v1/namespaces/${NAMESPACE}/poddisruptionbudgets`;
    await made(at, budget, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
    });
    await until('the budget', async () => {
      const { body } = await at.api.call('GET', `${budget}/web`);
      return ((body.status ?? {}) as JsonMap).currentHealthy === 2;
    });
    const { body } = await at.api.call('GET', `${CORE}/pods?labelSelector=app%3Dweb`);
    const name = String(metadataOf((body.items as JsonMap[])[0] ?? {}).name);
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: NAMESPACE } };
    const refused = await at.api.call('POST', `${CORE}/pods/${name}/eviction`, eviction);
    expect(refusal(refused)).to.equal(
      "429 TooManyRequests: Cannot evict pod as it would violate the pod's disruption budget.",
    );
    await at.api.call('PATCH', `${budget}/web`, { spec: { minAvailable: 1 } }, MERGE);
    await until(
      'leave to evict',
      async () => (await at.api.call('POST', `${CORE}/pods/${name}/eviction`, eviction)).status === 201,
    );
    await until(
      'another pod',
      async () => (await at.api.call('GET', `${CORE}/pods/${name}`)).status === 404 && (await ready()) === 2,
    );
    const log = await at.api.call('GET', `${CORE}/pods/${name}/log`);
    expect(refusal(log)).to.equal(`404 NotFound: pods "${name}" not found`);
  });

  it('tells who may do what', async () => {
    const resourceAttributes = { verb: 'patch', group: 'apps', resource: 'deployments', namespace: NAMESPACE };
    const { status, body } = await at.api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      spec: { resourceAttributes },
    });
    expect([status, (body.status as JsonMap).allowed]).to.deep.equal([201, true]);
  });

  it('gives a Service its address, and keeps it', async () => {
    const service = {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'web' },
      spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8000 }] },
    };
    const { clusterIP } = (await made(at, `${CORE}/services`, service)).spec as JsonMap;
    expect(clusterIP).to.match(/^\d+\.\d+\.\d+\.\d+$/);
    const moved = await at.api.call('PATCH', `${CORE}/services/web`, { spec: { clusterIP: 'None' } }, MERGE);
    expect(moved.status).to.equal(422);
    expect(String(moved.body.message)).to.contain('spec.clusterIP');
  });
}
