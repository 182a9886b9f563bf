import { at, stringOf } from '../json.ts';
import { ageOf, column, nameOf, type Printer } from './column.ts';

/** Columns of the k6 operator's CRD (grafana/k6-operator config/crd/bases/k6.io_testruns.yaml). */
export const k6Printers: Readonly<Record<string, Printer>> = {
  TestRun: {
    columns: [column('Name'), column('Stage'), column('Age', 'date'), column('TestRunID')],
    row: (run, now) => [
      nameOf(run),
      stringOf(at(run, 'status', 'stage')),
      ageOf(run, now),
      stringOf(at(run, 'status', 'testRunId')),
    ],
  },
};
