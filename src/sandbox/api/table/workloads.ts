import { at, type JsonMap, mapOf, mapsOf, numberOf, stringOf } from '../json.ts';
import { ageOf, column, containerCells, humanDuration, nameOf, type Printer, printSelector, wide } from './column.ts';

const TEMPLATE_COLUMNS = [wide('Containers'), wide('Images'), wide('Selector')];

function templateCells(object: JsonMap): string[] {
  return [...containerCells(at(object, 'spec', 'template', 'spec')), printSelector(at(object, 'spec', 'selector'))];
}

function count(object: JsonMap, part: 'spec' | 'status', field: string): number {
  return numberOf(at(object, part, field));
}

export const deploymentPrinter: Printer = {
  columns: [
    column('Name'),
    column('Ready'),
    column('Up-to-date', 'integer'),
    column('Available', 'integer'),
    column('Age'),
    ...TEMPLATE_COLUMNS,
  ],
  row: (object, now) => [
    nameOf(object),
    `${count(object, 'status', 'readyReplicas')}/${count(object, 'spec', 'replicas')}`,
    count(object, 'status', 'updatedReplicas'),
    count(object, 'status', 'availableReplicas'),
    ageOf(object, now),
    ...templateCells(object),
  ],
};

export const replicaSetPrinter: Printer = {
  columns: [
    column('Name'),
    column('Desired', 'integer'),
    column('Current', 'integer'),
    column('Ready', 'integer'),
    column('Age'),
    ...TEMPLATE_COLUMNS,
  ],
  row: (object, now) => [
    nameOf(object),
    count(object, 'spec', 'replicas'),
    count(object, 'status', 'replicas'),
    count(object, 'status', 'readyReplicas'),
    ageOf(object, now),
    ...templateCells(object),
  ],
};

function jobStatus(job: JsonMap): string {
  const holds = (type: string): boolean =>
    mapsOf(at(job, 'status', 'conditions')).some((one) => one.type === type && one.status === 'True');
  if (holds('Complete')) return 'Complete';
  if (holds('Failed')) return 'Failed';
  if (mapOf(job.metadata).deletionTimestamp !== undefined) return 'Terminating';
  if (holds('Suspended')) return 'Suspended';
  if (holds('FailureTarget')) return 'FailureTarget';
  return holds('SuccessCriteriaMet') ? 'SuccessCriteriaMet' : 'Running';
}

function jobDuration(job: JsonMap, now: Date): string {
  const start = Date.parse(stringOf(at(job, 'status', 'startTime')));
  if (Number.isNaN(start)) return '';
  const end = Date.parse(stringOf(at(job, 'status', 'completionTime')));
  return humanDuration((Number.isNaN(end) ? now.getTime() : end) - start);
}

export const jobPrinter: Printer = {
  columns: [
    column('Name'),
    column('Status'),
    column('Completions'),
    column('Duration'),
    column('Age'),
    ...TEMPLATE_COLUMNS,
  ],
  row: (job, now) => [
    nameOf(job),
    jobStatus(job),
    `${count(job, 'status', 'succeeded')}/${numberOf(at(job, 'spec', 'completions'), 1)}`,
    jobDuration(job, now),
    ageOf(job, now),
    ...templateCells(job),
  ],
};
