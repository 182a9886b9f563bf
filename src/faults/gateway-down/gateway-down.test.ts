import { expect } from 'chai';
import type { DeclaredGateways, FaultPlan } from '../../model/fault.ts';
import type { FakeCluster } from '../testing/fake-cluster.ts';
import { readyPod } from '../testing/fake-controllers.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf } from '../testing/steps.ts';
import { gatewayDown } from './index.ts';

const [HERE, THERE] = ['ap-northeast-1a', 'ap-northeast-1b'];
/** Every mockb is a gateway: one Deployment for each of two zones. */
const TWO: DeclaredGateways = { pods: [{ namespace: 'default', selector: { app: 'mockb' } }], zones: [HERE, THERE] };

function planFor(gateways: DeclaredGateways, zone: string | undefined, cluster = fakeSystem()): Promise<FaultPlan> {
  const spec = { cluster: 'tokyo', ...(zone === undefined ? {} : { zone }) };
  return gatewayDown.plan({ name: 'gone', spec }, { ...fakeContext(cluster), gateways });
}

const replicasIn = (cluster: FakeCluster) =>
  [HERE, THERE].map((zone) => {
    const { spec } = cluster.objects.get(`Deployment default/mockb-${zone}`) as { spec?: { replicas?: number } };
    return spec?.replicas;
  });

describe('a gateway that is down', () => {
  it('is that of a zone, whose address is lost, and no other', async () => {
    const cluster = fakeSystem();
    const plan = await planFor(TWO, HERE, cluster);
    expect([plan.signature, plan.affected.map(({ zone }) => zone)]).to.deep.equal(['stops-serving', [HERE]]);
    expect(plan.summary).to.equal(
      `take the ingress gateway in zone ${HERE} away: scale Deployment default/mockb-${HERE} from 1 to 0`,
    );
    expect(plan.warnings[0]).to.contain(`Requests to tokyo/${HERE} have nobody to answer them`);
    expect(plan.warnings[0]).to.contain('expect.unaffected.except');
    await gatewayDown.inject(plan, fakeContext(cluster));
    expect(replicasIn(cluster)).to.deep.equal([0, 1]);
  });

  it('is that of a whole cluster without a zone, and each count is put back by itself', async () => {
    const cluster = fakeSystem();
    const plan = await planFor(TWO, undefined, cluster);
    expect(plan.warnings[0]).to.contain(`tokyo/${HERE}, tokyo/${THERE}`);
    await gatewayDown.inject(plan, fakeContext(cluster));
    const { proven, affected } = await gatewayDown.prove(plan, fakeContext(cluster));
    expect([proven, affected?.map(({ zone }) => zone)]).to.deep.equal([true, [HERE, THERE]]);
    const object = cluster.objects.get(`Deployment default/mockb-${HERE}`);
    if (object !== undefined) cluster.put({ ...object, spec: { ...(object.spec as object), replicas: 7 } });
    const outcome = await gatewayDown.undo(plan, fakeContext(cluster));
    expect([outcome.state, outcome.objects.map(({ state }) => state)]).to.deep.equal([
      'conflict',
      ['conflict', 'put-back'],
    ]);
    expect(replicasIn(cluster)).to.deep.equal([7, 1]);
  });

  it('is refused where its Deployment stands in another zone, too: it would be gone from there as well', async () => {
    const cluster = fakeSystem();
    cluster.add(readyPod(`mockb-${HERE}`, `node-${THERE}`, 'b', {}));
    expect(await errorOf(planFor(TWO, HERE, cluster))).to.contain(
      `FAULT_REFUSED: cluster tokyo: Deployment default/mockb-${HERE} has gateway pods in zone ${THERE}, too`,
    );
    cluster.add(readyPod(`mockb-${HERE}`, 'node-of-no-zone', 'c', {}));
    expect(await errorOf(planFor(TWO, HERE, cluster))).to.contain(`in zone ${THERE}, unknown, too`);
  });

  it('is refused where no Deployment runs the gateway', async () => {
    const cluster = fakeSystem();
    const pod = readyPod('mockb-own', `node-${HERE}`, 'b', {});
    const owner = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'gateway', uid: 'd', controller: true };
    cluster.add({ ...pod, metadata: { ...pod.metadata, ownerReferences: [owner] } });
    expect(await errorOf(planFor(TWO, HERE, cluster))).to.match(
      /FAULT_REFUSED: cluster tokyo: gateway pod default\/mockb-own\S+ belongs to DaemonSet\/gateway, .*zoneBlackhole/,
    );
  });

  it('is refused before anything is written where no gateway is declared, or none is there', async () => {
    expect(await errorOf(planFor({ pods: [], zones: [HERE] }, HERE))).to.match(
      /FAULT_NO_TARGET: .*nobody has said which pods are the ingress gateway.*spec\.observe\.gateways/,
    );
    expect(await errorOf(planFor(TWO, 'ap-northeast-1c'))).to.contain(
      `FAULT_NO_TARGET: cluster tokyo: no pod of an ingress gateway runs in zone ap-northeast-1c`,
    );
    const nobody = { ...TWO, pods: [{ namespace: 'default', selector: { app: 'ghost' } }] };
    expect(await errorOf(planFor(nobody, undefined))).to.contain('they run in: no zone');
  });
});
