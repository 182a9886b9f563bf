import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../model/kubernetes.ts';
import { decodeBuiltin } from '../sandbox/api/schema/builtin-fields.ts';
import { unknownWords } from './testing/command-line.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

type Container = {
  readonly name: string;
  readonly command?: string[];
  readonly args?: string[];
  readonly image: string;
  readonly securityContext?: object;
};
type PodSpec = {
  readonly initContainers?: Container[];
  readonly containers: Container[];
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type: string } };
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
};
type JobSpec = {
  readonly backoffLimit: number;
  readonly activeDeadlineSeconds: number;
  readonly template: { readonly spec: PodSpec };
};

/** As strict as can be: a key that stands twice, or a tag that nobody knows, is an error. */
function objectsIn(file: string): KubeObject[] {
  const documents = parseAllDocuments(readFileSync(`${FOLDER}${file}`, 'utf8'), { strict: true, uniqueKeys: true });
  return [...documents].map((document) => {
    expect([...document.errors, ...document.warnings].map(String), file).to.deep.equal([]);
    return document.toJS() as KubeObject;
  });
}

const objects = FILES.flatMap((file) => objectsIn(file).map((object) => ({ file, object })));

/** The Jobs that come of an object. */
function jobsOf(object: KubeObject): JobSpec[] {
  const spec = (object as { spec?: unknown }).spec;
  if (object.kind === 'CronJob') return [(spec as { jobTemplate: { spec: JobSpec } }).jobTemplate.spec];
  if (object.kind !== 'ClusterAnalysisTemplate') return [];
  const { metrics } = spec as { metrics: { provider: { job: { spec: JobSpec } } }[] };
  return metrics.map(({ provider }) => provider.job.spec);
}

const jobs = objects.flatMap(({ file, object }) => jobsOf(object).map((spec) => ({ file, spec })));
const fileOf = (file: string) => readFileSync(`${FOLDER}${file}`, 'utf8');
const objectOf = (kind: string) => objects.find(({ object }) => object.kind === kind)?.object;

/** What a container asks of faultline: its arguments, or those in the script of its shell. */
function wordsOf({ command, args = [] }: Container): string[] {
  if (command === undefined) return args;
  const [, line = ''] = /^node \S+bin\.js (.*)$/m.exec(args[0] ?? '') ?? [];
  return line.split(' ');
}

const containersOf = ({ initContainers = [], containers }: PodSpec) => [...initContainers, ...containers];

describe('the manifests to deploy', () => {
  it('have the fields that Kubernetes knows, and no others', () => {
    const asJobs = jobs.map(({ spec }) => ({ apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'x' }, spec }));
    const unknown = [...objects.map(({ object }) => object), ...asJobs].flatMap(
      (object) => decodeBuiltin(structuredClone(object) as never).unknown,
    );
    expect(unknown).to.deep.equal([]);
    const wrong = structuredClone(asJobs[0]) as unknown as { spec: { template: { spec: Record<string, unknown> } } };
    wrong.spec.template.spec.terminationGracePeriod = 1;
    expect(decodeBuiltin(wrong as never).unknown).to.deep.equal(['spec.template.spec.terminationGracePeriod']);
  });

  it('run drills once, never two at a time, and leave them the time to undo', () => {
    expect(jobs).to.have.length(2);
    for (const { file, spec } of jobs) {
      expect(spec.backoffLimit, file).to.equal(0);
      expect(spec.template.spec.restartPolicy, file).to.equal('Never');
      expect(spec.template.spec.terminationGracePeriodSeconds, file).to.be.at.least(100);
    }
    const cron = objectOf('CronJob') as unknown as { spec: object };
    expect(cron.spec).to.include({ concurrencyPolicy: 'Forbid' });
  });

  it('keep to the Pod Security Standard "restricted", with a root that nobody writes to', () => {
    for (const { file, spec } of jobs) {
      const pod = spec.template.spec;
      expect(pod.securityContext, file).to.deep.include({
        runAsNonRoot: true,
        seccompProfile: { type: 'RuntimeDefault' },
      });
      for (const { securityContext } of containersOf(pod)) {
        expect(securityContext, file).to.deep.equal({
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
        });
      }
    }
  });

  it('ask what the command line knows', () => {
    const asked = jobs.flatMap(({ spec }) => containersOf(spec.template.spec).map(wordsOf));
    expect(asked.map(([command]) => command)).to.deep.equal(['run', 'recover', 'run']);
    expect(asked.flatMap((args) => unknownWords(args) ?? [])).to.deep.equal([]);
  });

  it('let a drill wait for a run that lives, and begin nothing where something is left', () => {
    const [recover] = jobs.flatMap(({ spec }) => spec.template.spec.initContainers ?? []);
    const [script = ''] = recover?.args ?? [];
    expect(recover?.command).to.deep.equal(['sh', '-c']);
    const ended = [0, 1, 2, 3, 5, 7, 130].map(
      (code) => spawnSync('sh', ['-c', `node() { return ${code}; }\n${script}`]).status,
    );
    expect(ended).to.deep.equal([0, 1, 2, 0, 5, 7, 130]);
    for (const { spec } of jobs) {
      const [drill] = spec.template.spec.containers;
      expect(drill?.args).to.include.members(['run', '--wait', '30m']);
      expect(spec.activeDeadlineSeconds).to.be.above(30 * 60);
    }
  });

  it('serve the Rollouts of every namespace, in the one where all that a drill needs is', () => {
    const { metadata, spec } = objectOf('ClusterAnalysisTemplate') as KubeObject & {
      spec: { args: { name: string }[] };
    };
    expect(metadata.namespace).to.equal(undefined);
    expect(fileOf('analysis-template.yaml')).to.contain('ARGO_ROLLOUTS_ANALYSIS_JOB_NAMESPACE=faultline');
    const { strategy } = (objectOf('Rollout') as unknown as { spec: { strategy: { canary: { steps: object[] } } } })
      .spec;
    const args = spec.args.map(({ name }) => ({ name, value: '/etc/faultline/drills/drill.yaml' }));
    const templates = [{ templateName: metadata.name, clusterScope: true }];
    expect(strategy.canary.steps).to.deep.include({ analysis: { templates, args } });
  });

  it('have a load tester that outlasts the Job which it waits for', () => {
    const [job] = jobs.filter(({ file }) => file === 'cronjob.yaml');
    const minutes = (text: RegExp) => Number(text.exec(fileOf('flagger.yaml'))?.[1]);
    const { activeDeadlineSeconds = 0, template } = job?.spec ?? {};
    const longest = (activeDeadlineSeconds + (template?.spec.terminationGracePeriodSeconds ?? 0)) / 60;
    expect(minutes(/# -timeout=(\d+)m/)).to.be.above(longest);
    expect(minutes(/timeout: (\d+)m/)).to.equal(minutes(/# -timeout=(\d+)m/));
  });

  it('are of an image that does not run as root', () => {
    const recipe = fileOf('Containerfile');
    const [, last = ''] = recipe.split(/^FROM .*$/m).slice(1);
    expect(last).to.match(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(recipe.indexOf('USER')).to.be.lessThan(recipe.indexOf('ENTRYPOINT'));
  });
});
