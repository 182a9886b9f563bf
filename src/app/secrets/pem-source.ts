import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Diagnostic, type ErrorCode, messageOf } from '../../model/errors.ts';
import type { EnvSource, PemSource } from '../../model/target.ts';
import { locate } from '../../scenario/index.ts';
import { InvalidFile } from '../files/load-files.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Says what is wrong with a source, at its place in the targets file. */
export type Report = (source: PemSource, code: ErrorCode, message: string, hint?: string) => undefined;

/** Collects what is wrong with the sources of a targets file; `settle` throws InvalidFile with all of it, where there is any. */
export function reportsOn(file: string, text: string): { readonly report: Report; readonly settle: () => void } {
  const found = new Map<string, Diagnostic>();
  return {
    report: ({ written }, code, message, hint) => {
      const at = locate(text, written);
      const where = { file, ...at, ...(hint === undefined ? {} : { hint }) };
      found.set(`${at.line}:${at.column}`, { code, severity: 'error', message, ...where });
      return undefined;
    },
    settle: () => {
      if (found.size > 0) throw new InvalidFile(file, [...found.values()], text);
    },
  };
}

/** The PEM text of a source; undefined, and reported, where it cannot be read. */
export function readPem(source: PemSource, env: Environment, report: Report): string | undefined {
  if ('env' in source) return readVariable(source, env, report);
  try {
    return readFileSync(source.file, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: string };
    const what =
      { ENOENT: 'does not exist', EISDIR: 'is a folder' }[code ?? ''] ?? `cannot be read: ${messageOf(cause)}`;
    return report(source, 'FILE_UNREADABLE', `${nameOf(source)} ${what}`);
  }
}

/** The value of a variable; undefined, and reported, where it is not set or empty. */
export function readVariable(source: EnvSource, env: Environment, report: Report): string | undefined {
  const value = env[source.env];
  if (value !== undefined && value.trim() !== '') return value;
  const what = value === undefined ? 'is not set' : 'is empty';
  const hint = 'set it in the environment that faultline is started with; nothing was touched';
  return report(source, 'ENV_MISSING', `${nameOf(source)} ${what}`, hint);
}

/** What a message calls a source. */
export function nameOf(source: PemSource): string {
  return 'env' in source ? `the environment variable ${source.env}` : source.file;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

/** The certificates of a PEM text; undefined, and reported, where there are none. */
export function certificatesOf(source: PemSource, pem: string, report: Report): readonly X509Certificate[] | undefined {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return report(source, 'FIELD_VALUE', `${nameOf(source)} holds no certificate in PEM`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    return report(source, 'FIELD_VALUE', `${nameOf(source)} holds a broken certificate: ${messageOf(cause)}`);
  }
}
