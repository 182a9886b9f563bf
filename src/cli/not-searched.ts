import { visibleLine } from '../model/visible.ts';
import { unreadTexts } from '../run/beyond.ts';
import type { RecoverResult } from '../run/recover.ts';

/** Which kinds of objects were not looked for, beyond the namespaces of the targets file or the cluster that a run has touched, and why; a line for each reason. */
export function notSearched({
  cluster,
  searched,
  beyond,
  unread,
}: Pick<RecoverResult, 'cluster' | 'searched' | 'beyond' | 'unread'>): string[] {
  const anywhere = `any namespace beside ${searched.join(', ')}`;
  const texts = [beyond?.unread, unread].flatMap((one) => (one === undefined ? [] : unreadTexts(one, anywhere)));
  return texts.map((text) => visibleLine(`NOT searched in ${cluster}: ${text}`));
}
