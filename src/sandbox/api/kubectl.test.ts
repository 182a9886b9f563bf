import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { deployment, node, service } from '../testing/controllers-harness.ts';
import { type Kubectl, kubectlFor, kubectlVersion } from '../testing/kubectl.ts';
import { startTestServer, type TestServer, until } from '../testing/test-server.ts';
import { WrittenLog } from './container-log.ts';
import { asMap, at, type JsonMap, mapOf, mapsOf } from './json.ts';

const version = kubectlVersion();
const TABLE = { accept: 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json' };
const DEPLOYMENTS = '/apis/apps/v1/namespaces/default/deployments';

/**
 * What people do with kubectl, done with the kubectl on the PATH. Where there is none, each check asserts instead the HTTP
 * exchange that this use of kubectl rests on, so nothing here is ever skipped.
 */
describe(`kubectl ${version ?? '(not installed: the exchanges it rests on)'}`, function () {
  this.timeout(60_000);
  let api: TestServer;
  let kubectl: Kubectl;
  beforeEach(async () => {
    api = await startTestServer();
    api.store.create(node('node-a', 'zone-a'));
    api.store.create(node('node-b', 'zone-b'));
    api.store.create(service('web'));
    api.store.create(deployment('web', 3));
    await until(
      'web is ready',
      () =>
        at(api.store.get({ ...KINDS.deployment, namespace: 'default', name: 'web' }), 'status', 'availableReplicas') ===
        3,
    );
    kubectl = kubectlFor(api.server.url);
  });
  afterEach(async () => {
    kubectl.close();
    await api.close();
  });

  const check = (what: string, parts: { kubectl: () => Promise<void>; raw: () => Promise<void> }): void => {
    it(what, version === undefined ? parts.raw : parts.kubectl);
  };
  const ok = async (args: string, input?: object): Promise<string> => {
    const { code, out, err } = await kubectl.run(args, input);
    expect(code, `kubectl ${args}: ${err}`).to.equal(0);
    return out;
  };
  const fails = async (args: string, input?: object): Promise<string> => {
    const { code, err } = await kubectl.run(args, input);
    expect(code, `kubectl ${args}`).to.not.equal(0);
    return err;
  };
  const firstCells = (body: JsonMap): unknown[] => mapsOf(body.rows).map((row) => at(row, 'cells', 0));
  const firstPod = (): string => api.store.list(KINDS.pod, 'default')[0]?.metadata.name ?? '';
  const live = (): JsonMap => mapOf(api.store.get({ ...KINDS.deployment, namespace: 'default', name: 'web' }));

  check('get prints every kind', {
    kubectl: async () => {
      const text = await ok(
        'get deploy,rs,pods,svc,endpointslices,nodes,ns,netpol,jobs,events,cm,dr,vs,gw,envoyfilters,crd -A -o wide',
      );
      expect(text).to.match(/deployment.apps\/web +3\/3 +3 +3 +\d+s +main +web:1 +app=web/);
      expect(await ok('get pods -l app=web --field-selector=status.phase=Running -o name')).to.match(
        /^(pod\/web-\S+\n){3}$/,
      );
      expect(JSON.parse(await ok('get deploy web -o json'))).to.have.nested.property('status.readyReplicas', 3);
      expect(await ok('get deploy web -o yaml'))
        .to.match(/^ {2}name: web$/m)
        .and.not.match(/managedFields/);
      expect(await ok('get all'))
        .to.include('replicaset.apps/web-')
        .and.include('service/web');
    },
    raw: async () => {
      const { body } = await api.call('GET', `${DEPLOYMENTS}?limit=500`, undefined, TABLE);
      expect(firstCells(body)).to.deep.equal(['web']);
      expect(at(body, 'rows', 0, 'cells', 1)).to.equal('3/3');
    },
  });

  check('describe is lively', {
    kubectl: async () => {
      expect(await ok('describe deploy web'))
        .to.include('NewReplicaSet:')
        .and.match(/ScalingReplicaSet .* Scaled up replica set web-\S+ from 0 to 3/);
      expect(await ok(`describe pod ${firstPod()}`)).to.match(
        /Scheduled .* Successfully assigned default\/web-\S+ to node-/,
      );
      expect(await ok('describe node node-a')).to.match(/Non-terminated Pods: +\([12] in total\)/);
      expect(await ok('describe svc web')).to.match(/Endpoints: +10\.0\.\d+\.\d+:8080,/);
    },
    raw: async () => {
      const uid = at(live(), 'metadata', 'uid');
      const selector = encodeURIComponent(
        `involvedObject.name=web,involvedObject.namespace=default,involvedObject.uid=${uid}`,
      );
      const { body } = await api.call('GET', `/api/v1/namespaces/default/events?fieldSelector=${selector}`);
      expect(mapsOf(body.items).map((item) => item.reason)).to.include('ScalingReplicaSet');
    },
  });

  check('apply creates, configures, and leaves alone what is the same', {
    kubectl: async () => {
      const manifest = deployment('shop', 1);
      expect(await ok('apply -f -', manifest)).to.match(/created$/m);
      expect(await ok('apply -f -', manifest)).to.match(/unchanged$/m);
      const changed = deployment('shop', 2);
      expect(await ok('apply --dry-run=server -f -', changed)).to.match(/configured \(server dry run\)$/m);
      const diff = await kubectl.run('diff -f -', changed);
      expect(diff).to.include({ code: 1 });
      expect(diff.out).to.match(/^\+ +replicas: 2$/m);
      expect(await ok('apply -f -', changed)).to.match(/configured$/m);
      const rule = {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'dr' },
        spec: { host: 'web' },
      };
      expect(await ok('apply -f -', rule)).to.match(/created$/m);
      expect(await ok('apply -f -', rule)).to.match(/unchanged$/m);
    },
    raw: async () => {
      const type = 'strategic-merge-patch+json';
      const query = '?fieldManager=kubectl-client-side-apply&fieldValidation=Strict';
      const before = api.store.revision();
      const dry = await api.patch(`${DEPLOYMENTS}/web${query}&dryRun=All`, type, { spec: { replicas: 2 } });
      expect(at(dry.body, 'spec', 'replicas')).to.equal(2);
      expect(api.store.revision()).to.equal(before);
      const index = (await api.call('GET', '/openapi/v3')).body;
      expect(mapOf(index.paths)).to.include.keys('api/v1', 'apis/apps/v1', 'apis/networking.istio.io/v1');
    },
  });

  check('apply on the server side is refused, in words that say what to do', {
    kubectl: async () => {
      expect(await fails('apply --server-side -f -', deployment('shop', 1))).to.include(
        'use kubectl apply -f without --server-side',
      );
    },
    raw: async () => {
      const refused = await api.patch(`${DEPLOYMENTS}/shop`, 'apply-patch+yaml', asMap(deployment('shop', 1)));
      expect(refused.body).to.include({ code: 415 });
    },
  });

  check('create and auth, which send protobuf', {
    kubectl: async () => {
      await ok('create ns shop');
      await ok('create deployment shop --image=shop:1 --replicas=0 --port=80 -n shop');
      await ok('create configmap settings --from-literal=a=b -n shop');
      await ok('create job once --image=job:1 -n shop');
      expect(await ok('get deploy shop -n shop -o jsonpath={.spec.replicas}')).to.equal('0');
      expect(await ok('auth can-i delete pods')).to.equal('yes\n');
      api.users.denials.push({ verb: 'delete', resource: 'pods' });
      expect((await kubectl.run('auth can-i delete pods')).out).to.match(/^no/);
      expect(await ok('auth whoami')).to.include('faultline-sandbox');
      await ok('delete ns shop --timeout=10s');
    },
    raw: async () => {
      const body = {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        spec: { resourceAttributes: { verb: 'delete', resource: 'pods' } },
      };
      const answer = await api.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', body);
      expect(at(answer.body, 'status')).to.deep.equal({ allowed: true });
    },
  });

  check('patch in three ways', {
    kubectl: async () => {
      const patch = async (type: string, body: unknown): Promise<{ code: number; err: string }> =>
        kubectl.exec(['patch', 'deploy', 'web', `--type=${type}`, '-p', JSON.stringify(body)]);
      expect(await patch('merge', { metadata: { labels: { a: 'b' } } })).to.include({ code: 0 });
      expect(
        await patch('strategic', {
          spec: { template: { spec: { containers: [{ name: 'main', env: [{ name: 'A', value: '1' }] }] } } },
        }),
      ).to.include({ code: 0 });
      expect(
        await patch('json', [
          { op: 'test', path: '/spec/replicas', value: 3 },
          { op: 'replace', path: '/spec/replicas', value: 2 },
        ]),
      ).to.include({ code: 0 });
      const refused = await patch('json', [{ op: 'test', path: '/spec/replicas', value: 3 }]);
      expect(refused.code).to.equal(1);
      expect(refused.err).to.include(
        'The request is invalid: the server rejected our request due to an error in our request',
      );
      expect(at(live(), 'spec', 'template', 'spec', 'containers', 0)).to.deep.include({
        image: 'web:1',
        env: [{ name: 'A', value: '1' }],
      });
    },
    raw: async () => {
      const refused = await api.patch(`${DEPLOYMENTS}/web`, 'json-patch+json', [
        { op: 'test', path: '/spec/replicas', value: 9 },
      ]);
      expect(refused.body).to.include({ code: 422, reason: 'Invalid' });
    },
  });

  check('rollouts go, are undone, paused and told', {
    kubectl: async () => {
      await ok('set image deploy/web main=web:2');
      expect(await ok('rollout status deploy/web --timeout=10s')).to.include('successfully rolled out');
      await ok('rollout undo deploy/web');
      await ok('rollout status deploy/web --timeout=10s');
      expect(at(live(), 'spec', 'template', 'spec', 'containers', 0, 'image')).to.equal('web:1');
      expect(await ok('rollout history deploy/web')).to.match(/^2 .*\n3 /m);
      await ok('rollout pause deploy/web');
      expect(await fails('rollout restart deploy/web')).to.include("can't restart paused deployment");
      await ok('rollout resume deploy/web');
      await ok('rollout restart deploy/web');
      await ok('rollout status deploy/web --timeout=10s');
      await ok('wait --for=condition=Available deploy/web --timeout=10s');
    },
    raw: async () => {
      const watch = await api.watch(`${DEPLOYMENTS}?watch=true&fieldSelector=metadata.name%3Dweb`);
      await api.patch(`${DEPLOYMENTS}/web`, 'strategic-merge-patch+json', {
        spec: { template: { spec: { containers: [{ name: 'main', image: 'web:2' }] } } },
      });
      await until('rolled out', () => {
        const object = watch.events.at(-1)?.object;
        return (
          at(object, 'status', 'observedGeneration') === 2 &&
          at(object, 'status', 'updatedReplicas') === 3 &&
          at(object, 'status', 'availableReplicas') === 3
        );
      });
      watch.stop();
    },
  });

  check('delete waits, cascades, orphans and forces', {
    kubectl: async () => {
      const pod = (await ok('get pods -o name')).split('\n')[0];
      await ok(`delete ${pod} --wait --timeout=10s`);
      await until('three pods', () => api.store.list(KINDS.pod, 'default').length === 3);
      await ok('delete deploy web --cascade=orphan');
      expect((await ok('get pods -o name')).trim().split('\n')).to.have.length(3);
      await ok('delete rs -l app=web --cascade=foreground --timeout=10s');
      expect(await ok('get pods -o name')).to.equal('');
      await ok('run lonely --image=x:1');
      await ok('delete pod lonely --grace-period=0 --force');
      expect(await fails('get pod lonely')).to.equal('Error from server (NotFound): pods "lonely" not found\n');
    },
    raw: async () => {
      const body = { kind: 'DeleteOptions', apiVersion: 'apps/v1', propagationPolicy: 'Background' };
      expect((await api.call('DELETE', `${DEPLOYMENTS}/web`, body)).body).to.include({ status: 'Success' });
      await until('no pods', () => api.store.list(KINDS.pod, 'default').length === 0);
    },
  });

  check('labels, annotations, scale, expose, set image and replace', {
    kubectl: async () => {
      await ok('label deploy web tier=front');
      await ok('annotate deploy web note=hello');
      await ok('scale deploy/web --replicas=2 --current-replicas=3');
      await ok('expose deploy web --name=web2 --port=81');
      expect(at(live(), 'metadata')).to.deep.include({ labels: { app: 'web', tier: 'front' } });
      expect(await ok('get svc web2 -o jsonpath={.spec.ports[0].port}')).to.equal('81');
      await ok('replace -f -', deployment('web', 1));
      expect(at(live(), 'spec', 'replicas')).to.equal(1);
    },
    raw: async () => {
      const scale = (await api.call('GET', `${DEPLOYMENTS}/web/scale`)).body;
      expect((await api.call('PUT', `${DEPLOYMENTS}/web/scale`, { ...scale, spec: { replicas: 2 } })).status).to.equal(
        200,
      );
    },
  });

  check('nodes are cordoned and drained', {
    kubectl: async () => {
      await ok('drain node-a --ignore-daemonsets --force --timeout=10s');
      expect(await ok('get nodes')).to.match(/^node-a +Ready,SchedulingDisabled/m);
      await until('pods moved', () => {
        const pods = api.store.list(KINDS.pod, 'default');
        return pods.length === 3 && pods.every((pod) => at(pod, 'spec', 'nodeName') === 'node-b');
      });
      await ok('uncordon node-a');
    },
    raw: async () => {
      const [pod] = api.store.list(KINDS.pod, 'default');
      const body = {
        apiVersion: 'policy/v1',
        kind: 'Eviction',
        metadata: { name: pod?.metadata.name ?? '', namespace: 'default' },
      };
      const answer = await api.call('POST', `/api/v1/namespaces/default/pods/${pod?.metadata.name}/eviction`, body);
      expect(answer.body).to.include({ status: 'Success', code: 201 });
    },
  });

  check('discovery, versions, logs and raw paths', {
    kubectl: async () => {
      expect(await ok('api-resources')).to.match(
        /destinationrules +dr +networking.istio.io\/v1 +true +DestinationRule/,
      );
      expect(await ok('api-versions')).to.include('discovery.k8s.io/v1\n');
      expect(await ok('version')).to.match(/Server Version: v1\.\d+\.\d+\+faultline-sandbox/);
      expect(await ok('cluster-info')).to.include(api.server.url);
      expect(await ok('logs deploy/web')).to.match(/second line\n$/);
      expect(await ok('get --raw /healthz')).to.equal('ok');
      const [pod] = api.store.list(KINDS.pod, 'default');
      const path = `/api/v1/namespaces/default/pods/${pod?.metadata.name}:15000/proxy/stats`;
      expect(await ok(`get --raw ${path}`)).to.equal(`default ${pod?.metadata.name} 15000 /stats`);
      expect(await ok('get destinationrules.v1alpha3.networking.istio.io')).to.equal('');
    },
    raw: async () => {
      const type = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json';
      const { body } = await api.call('GET', '/apis', undefined, { accept: type });
      expect(body).to.include({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
    },
  });

  check('logs -f follows until the container ends', {
    kubectl: async () => {
      const log = api.logOf(`default/${firstPod()}/main`);
      const { promise: followed, resolve } = Promise.withResolvers<void>();
      log.listen = (listener) => {
        resolve();
        return WrittenLog.prototype.listen.call(log, listener);
      };
      const following = kubectl.run(`logs -f ${firstPod()}`);
      await followed;
      log.write('third line\n');
      log.end();
      expect(await following).to.deep.include({ code: 0, err: '' });
      expect((await following).out).to.match(/^first line of .*\nsecond line\nthird line\n$/);
    },
    raw: async () => {
      api.logOf(`default/${firstPod()}/main`).end();
      const { text } = await api.call('GET', `/api/v1/namespaces/default/pods/${firstPod()}/log?follow=true`);
      expect(text).to.match(/second line\n$/);
    },
  });

  check('get --watch prints rows as they change', {
    kubectl: async () => {
      const watching = kubectl.run('get deploy web --watch');
      const again = kubectl.run('get deploy web --watch-only -o name');
      await until('both watches run', async () => {
        api.store.update({
          ...deployment('web', 3),
          metadata: { name: 'web', namespace: 'default', labels: { at: String(api.store.revision()) } },
        });
        return api.misbehave.openWatches() >= 2;
      });
      await ok('scale deploy/web --replicas=4');
      await until('four pods', () => at(live(), 'status', 'availableReplicas') === 4);
      api.misbehave.breakWatches('expire');
      expect((await watching).out).to.match(/web +4\/4/);
      expect((await again).out).to.include('deployment.apps/web');
    },
    raw: async () => {
      const watch = await api.watch(`${DEPLOYMENTS}?watch=true`, TABLE);
      const [event] = await watch.got(1);
      expect(event?.object).to.include({ kind: 'Table', apiVersion: 'meta.k8s.io/v1' });
      watch.stop();
    },
  });
});
