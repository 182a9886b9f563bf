import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseDocument } from 'yaml';
import { messageOf } from '../../model/errors.ts';
import type { FaultKind } from '../../model/fault.ts';
import type { FaultSpec, Json, Scenario } from '../../model/scenario.ts';
import { filePath } from '../../scenario/index.ts';

/** A file of a fault that cannot be used; `path` leads to its name in the scenario. */
type FaultFileProblem = { readonly path: readonly (string | number)[]; readonly message: string };

/** Largest file, in bytes: what is in it stands in plans and journals. */
const MOST_BYTES = 65_536;

/** The faults of a scenario with the contents of their files in place of the names, and what is wrong with files. */
export function readFaultFiles(
  { faults, source }: Scenario,
  kinds: readonly FaultKind[],
): { readonly faults: readonly FaultSpec[]; readonly problems: readonly FaultFileProblem[] } {
  const problems: FaultFileProblem[] = [];
  const read = faults.map((fault, index): FaultSpec => {
    const { from = '', to = '' } = kinds.find(({ kind }) => kind === fault.kind)?.file ?? {};
    const { [from]: written, ...spec } = fault.spec;
    if (typeof written !== 'string') return fault;
    try {
      return { ...fault, spec: { ...spec, [to]: contentOf(filePath(written, dirname(source.file))) } };
    } catch (error) {
      problems.push({ path: ['spec', 'faults', index, fault.kind, from], message: messageOf(error) });
      return fault;
    }
  });
  return { faults: read, problems };
}

/** The one document of a YAML file. Throws with what is wrong with it. */
function contentOf(file: string): Json {
  const { size } = statSync(file);
  if (size > MOST_BYTES) throw new Error(`${file} is larger than 64 KiB`);
  const document = parseDocument(readFileSync(file, 'utf8'), { version: '1.2', merge: false, uniqueKeys: true });
  const [first] = document.errors;
  if (first !== undefined) throw new Error(`${file}: ${first.message.split('\n')[0]}`);
  return document.toJS() as Json;
}
