import type { Prometheus } from '../../model/ports.ts';
import { tracesOf } from '../../model/redact.ts';
import type { PrometheusPlace, Target } from '../../model/target.ts';
import { certificatesOf, type Environment, nameOf, readPem, readVariable, reportsOn } from '../secrets/pem-source.ts';
import { SENDABLE } from '../secrets/secrets.ts';
import { type Access, prometheusAt } from './prometheus-client.ts';

/** A Prometheus that can be asked, and texts that no record may hold. */
export type OpenPrometheus = { readonly prometheus: Prometheus; readonly secrets: readonly string[] };

/**
 * Reads what the Prometheus of a targets file needs; undefined where it names none. Throws InvalidFile with all that is missing,
 * each with its place. `text` is that of the file. Nothing is sent before the first query.
 */
export function openPrometheus(
  { prometheus: place }: Target,
  file: string,
  text: string,
  env: Environment,
): OpenPrometheus | undefined {
  if (place === undefined) return undefined;
  const access = accessOf(place, file, text, env);
  const secrets = access.token === undefined ? [] : tracesOf(access.token);
  return { prometheus: prometheusAt(access), secrets };
}

function accessOf({ url, ca, token }: PrometheusPlace, file: string, text: string, env: Environment): Access {
  const { report, settle } = reportsOn(file, text);
  const authority = ca === undefined ? undefined : readPem(ca, env, report);
  if (ca !== undefined && authority !== undefined) certificatesOf(ca, authority, report);
  const secret = token === undefined ? undefined : readVariable(token, env, report)?.trim();
  if (token !== undefined && secret !== undefined && !SENDABLE.test(secret))
    report(token, 'FIELD_VALUE', `${nameOf(token)} holds more than a header can: one line`);
  settle();
  return {
    url,
    ...(authority === undefined ? {} : { ca: authority }),
    ...(secret === undefined ? {} : { token: secret }),
  };
}
