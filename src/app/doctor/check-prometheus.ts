import type { Check } from '../../model/engine.ts';
import { messageOf } from '../../model/errors.ts';
import type { OpenTarget } from '../targets/index.ts';

/** Whether the Prometheus of a target answers with values; nothing where its targets file names none. Throws as opening it does. */
export async function checkPrometheus({ target, prometheus }: OpenTarget): Promise<Check[]> {
  const open = prometheus(process.env);
  if (open === undefined) return [];
  const what = `prometheus ${target.prometheus?.url}`;
  try {
    await open.prometheus.ask('vector(1)');
    return [{ what, ok: true, detail: 'answers with values' }];
  } catch (error) {
    const fix = 'Correct spec.prometheus of the targets file: address, token, ca.';
    return [{ what, ok: false, detail: messageOf(error), fix }];
  }
}
