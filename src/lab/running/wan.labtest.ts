import { spawnSync } from 'node:child_process';
import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { labNode } from '../testing/clusters.ts';
import { lab, openLabCluster, requireLab } from '../testing/running-lab.ts';
import { type LabNode, namespaceOf } from '../topology.ts';
import { inNamespace } from '../up/network.ts';

const [here, near, far] = [labNode('ap-northeast-1a'), labNode('ap-northeast-1b'), labNode('cn-hangzhou-h')];
const NO_ANSWER = 28;

describe('the way between the regions', function () {
  this.timeout(120_000);
  let pod = '';
  before(async () => {
    requireLab();
    const labelSelector = `app=mockc,version=${here.zone}`;
    const pods = await openLabCluster('tokyo').list(KINDS.pod, { namespace: 'default', labelSelector });
    pod = (pods.map(({ status }) => status as { podIP: string })[0]?.podIP ?? '').trim();
  });
  after(() => void lab('heal'));

  /** From a node to a pod in ap-northeast-1a, over a new connection: curl's exit code, and seconds until it was open. */
  function connect({ machine }: LabNode): { code: number | null; seconds: number } {
    const silent = ['--silent', '--output', '/dev/null', '--max-time', '4', '--write-out', '%{time_connect}'];
    const [program, ...args] = inNamespace(namespaceOf(machine), ['curl', ...silent, `http://${pod}:8000/`]);
    const { status, stdout } = spawnSync(program, args, { encoding: 'utf8' });
    return { code: status, seconds: Number(stdout) };
  }

  it('takes longer by what was asked for, in one region it does not', () => {
    expect(connect(far).code).to.equal(0);
    lab('fault', 'delay', '900ms');
    const { code, seconds } = connect(far);
    expect(code).to.equal(0);
    expect(seconds).to.be.at.least(0.9);
    // A packet of it may be lost to a busy machine, so that it is asked again.
    expect(Math.min(...[1, 2, 3].map(() => connect(near).seconds))).to.be.below(0.9);
  });

  it('loses what was asked for, beside the delay; in one region nothing is lost', () => {
    lab('fault', 'loss', '100%');
    expect(connect(far).code).to.equal(NO_ANSWER);
    expect(connect(near).code).to.equal(0);
    expect(lab('status')).to.contain('between the regions: 900ms longer, 100% lost');
  });

  it('is as before when the lab is healed', () => {
    lab('heal');
    expect(connect(far).code).to.equal(0);
    expect(lab('status')).not.to.contain('between the regions');
  });
});
