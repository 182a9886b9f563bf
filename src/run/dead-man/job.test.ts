import { expect } from 'chai';
import { KINDS } from '../../model/kubernetes.ts';
import { deadManJob } from './job.ts';

const ORDER = {
  runId: 'r-1',
  cluster: 'tokyo',
  namespace: 'locks',
  namespaces: ['shop', 'web'],
  digests: ['a1', 'b2'],
  afterMs: 450_001,
};
const PLANS = { ...KINDS.configMap, metadata: { name: 'faultline-run', namespace: 'locks', uid: 'uid-of-plans' } };

type Container = {
  readonly image: string;
  readonly args: string[];
  readonly readinessProbe: { readonly exec: { readonly command: string[] } };
  readonly securityContext: object;
  readonly volumeMounts: { readonly name: string; readonly mountPath: string }[];
};
type PodSpec = {
  readonly serviceAccountName: string;
  readonly automountServiceAccountToken: boolean;
  readonly restartPolicy: string;
  readonly securityContext: object;
  readonly containers: [Container];
  readonly volumes: { readonly name: string; readonly emptyDir: object }[];
};
type JobSpec = {
  readonly activeDeadlineSeconds: number;
  readonly ttlSecondsAfterFinished: number;
  readonly backoffLimit: number;
  readonly template: { readonly metadata: { readonly labels: Record<string, string> }; readonly spec: PodSpec };
};

const job = deadManJob(ORDER, { image: 'registry.example/faultline:1', serviceAccount: 'reverter' }, PLANS);
const spec = job.spec as unknown as JobSpec;
const pod = spec.template.spec;
const [container] = pod.containers;

describe('the Job of a dead-man', () => {
  it('is that of one run, in the namespace of its plans, and goes with them', () => {
    const { name, namespace, labels, ownerReferences } = job.metadata;
    expect({ name, namespace }).to.deep.equal({ name: 'faultline-dead-man-r-1', namespace: 'locks' });
    expect(labels).to.deep.equal({ 'app.kubernetes.io/managed-by': 'faultline', 'faultline.dev/dead-man': 'r-1' });
    expect(spec.template.metadata.labels).to.include(labels);
    const owner = { name: 'faultline-run', uid: 'uid-of-plans', blockOwnerDeletion: false };
    expect(ownerReferences).to.deep.equal([{ ...KINDS.configMap, ...owner }]);
  });

  it('keeps to the Pod Security Standard "restricted", with a root file system that nobody can write to', () => {
    expect(pod.securityContext).to.deep.equal({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(container.securityContext).to.deep.equal({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
  });

  it('has no sidecar, which would keep it from ending', () => {
    expect(spec.template.metadata.labels).to.include({ 'sidecar.istio.io/inject': 'false' });
    expect(pod.containers).to.have.length(1);
  });

  it('runs the program of its image for its run, as the service account that may put back', () => {
    expect(container.image).to.equal('registry.example/faultline:1');
    expect(pod).to.include({ serviceAccountName: 'reverter', automountServiceAccountToken: true });
    const words =
      'dead-man --run r-1 --cluster tokyo --lock-namespace locks --namespaces shop,web --plans a1,b2 --after 451 --armed';
    expect(container.args.slice(0, -1)).to.deep.equal(words.split(' '));
  });

  it('is Ready once its program has written that it is armed, in a folder that it can write to', () => {
    const armed = container.args.at(-1) ?? '';
    expect(container.readinessProbe.exec.command).to.deep.equal(['cat', armed]);
    const [mount] = container.volumeMounts;
    expect(armed.startsWith(`${mount?.mountPath}/`)).to.equal(true);
    expect(pod.volumes).to.deep.equal([{ name: mount?.name, emptyDir: {} }]);
  });

  it('goes on trying for a day after its time, however often it fails, and is shown for ten minutes then', () => {
    expect(spec.activeDeadlineSeconds).to.equal(451 + 86_400);
    // A container that fails is started again five minutes later at the most.
    expect(spec.backoffLimit * 300).to.be.at.least(spec.activeDeadlineSeconds);
    expect(pod.restartPolicy).to.equal('OnFailure');
    expect(spec.ttlSecondsAfterFinished).to.equal(600);
  });
});
