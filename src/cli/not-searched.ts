import { visibleLine } from '../model/visible.ts';
import type { RecoverResult } from '../run/recover.ts';

/** Which kinds of objects were not looked for beyond the namespaces of the targets file, and why; a line for each reason. */
export function notSearched({
  cluster,
  searched,
  beyond,
}: Pick<RecoverResult, 'cluster' | 'searched' | 'beyond'>): string[] {
  if (beyond?.unread === undefined) return [];
  const { unread } = beyond;
  const where = unread.namespaces?.join(', ') ?? `any namespace beside ${searched.join(', ')}`;
  const whyOf = (kind: string): string => {
    const answer = unread.answers[kind];
    return answer === undefined ? 'the API does not allow to list them there' : `they could not be listed: ${answer}`;
  };
  return [...Map.groupBy(unread.kinds, whyOf)].map(([why, kinds]) =>
    visibleLine(`NOT searched in ${cluster}: ${where}, for ${kinds.join(', ')}: ${why}`),
  );
}
