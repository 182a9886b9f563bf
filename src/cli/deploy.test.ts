import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect } from 'chai';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../model/kubernetes.ts';
import { decodeBuiltin } from '../sandbox/api/schema/builtin-fields.ts';
import { unknownWords } from './testing/command-line.ts';

const FOLDER = fileURLToPath(new URL('../../deploy/', import.meta.url));
const FILES = readdirSync(FOLDER).filter((file) => file.endsWith('.yaml'));

type Container = { readonly args?: string[]; readonly image: string; readonly securityContext?: object };
type PodSpec = {
  readonly initContainers?: Container[];
  readonly containers: Container[];
  readonly securityContext?: { readonly runAsNonRoot?: boolean; readonly seccompProfile?: { readonly type: string } };
  readonly restartPolicy?: string;
  readonly terminationGracePeriodSeconds?: number;
};
type JobSpec = { readonly backoffLimit: number; readonly template: { readonly spec: PodSpec } };

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
  if (object.kind !== 'AnalysisTemplate') return [];
  const { metrics } = spec as { metrics: { provider: { job: { spec: JobSpec } } }[] };
  return metrics.map(({ provider }) => provider.job.spec);
}

const jobs = objects.flatMap(({ file, object }) => jobsOf(object).map((spec) => ({ file, spec })));
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
    const cron = objects.find(({ object }) => object.kind === 'CronJob')?.object as unknown as { spec: object };
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
    const asked = jobs.flatMap(({ spec }) => containersOf(spec.template.spec).map(({ args = [] }) => args));
    expect(asked.map(([command]) => command)).to.deep.equal(['run', 'recover', 'run']);
    expect(asked.flatMap((args) => unknownWords(args) ?? [])).to.deep.equal([]);
  });

  it('are of an image that does not run as root', () => {
    const recipe = readFileSync(`${FOLDER}Containerfile`, 'utf8');
    const [, last = ''] = recipe.split(/^FROM .*$/m).slice(1);
    expect(last).to.match(/^USER [1-9]\d*:[1-9]\d*$/m);
    expect(recipe.indexOf('USER')).to.be.lessThan(recipe.indexOf('ENTRYPOINT'));
  });
});
