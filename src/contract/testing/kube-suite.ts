import { expect } from 'chai';
import { actionContract } from './kube-actions.ts';
import { adminContract } from './kube-admin.ts';
import { fieldContract, ruleContract, valueContract } from './kube-fields.ts';
import { hasKubectl, type KubectlContext, kubectlContract } from './kube-kubectl.ts';
import { leaseContract } from './kube-leases.ts';
import { lifeContract, listContract, objectContract, patchContract } from './kube-objects.ts';
import { CORE, configMap, NAMESPACE, type Opened, until } from './kube-tools.ts';
import { type RawApi, rawApi } from './raw-api.ts';

/** What an API server does for faultline and for kubectl: the same on the sandbox and on real ones, to the word. */
export function kubeContract(open: () => Promise<KubectlContext>): void {
  let api: RawApi;
  let where: KubectlContext;
  const at: Opened = {
    get api() {
      return api;
    },
  };
  before(async () => {
    where = await open();
    api = rawApi(where.kubeconfig, where.context);
    const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } };
    expect((await api.call('POST', '/api/v1/namespaces', namespace)).status).to.equal(201);
    await until('the namespace to be usable', async () => {
      const { status } = await api.call('POST', `${CORE}/configmaps?dryRun=All`, configMap('probe'));
      return status === 201;
    });
  });
  after(async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}`;
    await api.call('DELETE', path);
    await until('the namespace to go', async () => (await api.call('GET', path)).status === 404);
    await api.close();
  });

  describe('objects', () => objectContract(at));
  describe('the life of objects', () => lifeContract(at));
  describe('patches', () => patchContract(at));
  describe('leases', () => leaseContract(at));
  describe('lists and watches', () => listContract(at));
  describe('fields', () => fieldContract(at));
  describe('values', () => valueContract(at));
  describe('rules', () => ruleContract(at));
  describe('what acts on objects', () => actionContract(at));
  describe('the admin port of a proxy', () => adminContract(() => where));
  if (hasKubectl()) describe('kubectl', () => kubectlContract(at, () => where));
}
