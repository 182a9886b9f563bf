import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type Diagnostic, type ErrorCode, messageOf } from '../model/errors.ts';
import type { GatewayTls, Path, PemSource, Target, TlsMaterial } from '../model/target.ts';
import { locate } from '../scenario/index.ts';
import { InvalidFile } from './load-files.ts';

/** What TLS to the gateways of a target needs; nothing for gateways whose targets file says nothing. */
export type GatewayMaterial = {
  /** Of the gateway that each path goes through, by the path's id. */
  of(paths: readonly Pick<Path, 'id' | 'cluster' | 'zone'>[]): Record<string, TlsMaterial>;
  /** Texts that no record may hold: the keys. */
  readonly secrets: readonly string[];
};

type Environment = Readonly<Record<string, string | undefined>>;
type Report = (source: PemSource, code: ErrorCode, message: string, hint?: string) => undefined;

/**
 * Reads the certificates and keys that a targets file names. Throws InvalidFile with every one that is missing,
 * unreadable or no PEM, each with its place in the targets file. `text` is that of the file.
 */
export function readGatewayTls(target: Target, file: string, text: string, env: Environment): GatewayMaterial {
  const found = new Map<string, Diagnostic>();
  const report: Report = ({ written }, code, message, hint) => {
    const at = locate(text, written);
    const where = { file, ...at, ...(hint === undefined ? {} : { hint }) };
    found.set(`${at.line}:${at.column}`, { code, severity: 'error', message, ...where });
    return undefined;
  };
  const material = new Map<string, TlsMaterial>();
  for (const cluster of target.clusters) {
    for (const { zone, tls } of cluster.gateways) {
      if (tls !== undefined) material.set(keyOf({ cluster: cluster.name, zone }), materialOf(tls, env, report));
    }
  }
  if (found.size > 0) throw new InvalidFile(file, [...found.values()], text);
  const keys = [...material.values()].flatMap(({ client }) => (client === undefined ? [] : [client.key]));
  return { of: (paths) => Object.fromEntries(paths.flatMap(entryOf(material))), secrets: keys.flatMap(linesOf) };
}

function entryOf(material: ReadonlyMap<string, TlsMaterial>) {
  return (path: Pick<Path, 'id' | 'cluster' | 'zone'>): [string, TlsMaterial][] => {
    const own = material.get(keyOf(path));
    return own === undefined ? [] : [[path.id, own]];
  };
}

/** Shorter ones are the end of a key, and may be part of anything. */
const SHORTEST_LINE = 24;

/** A key in one piece, and each line of it. */
function linesOf(key: string): string[] {
  const lines = key.split(/\r?\n/).filter((line) => line.length >= SHORTEST_LINE && !line.startsWith('-----'));
  return [key.trim(), ...lines];
}

function keyOf({ cluster, zone }: Pick<Path, 'cluster' | 'zone'>): string {
  return JSON.stringify([cluster, zone]);
}

/** Complete when nothing was reported. */
function materialOf({ ca, client }: GatewayTls, env: Environment, report: Report): TlsMaterial {
  const authority = ca === undefined ? undefined : readPem(ca, env, report);
  if (ca !== undefined && authority !== undefined) certificatesOf(ca, authority, report);
  const pair = client === undefined ? undefined : readPair(client, env, report);
  return { ...(authority === undefined ? {} : { ca: authority }), ...(pair === undefined ? {} : { client: pair }) };
}

function readPair({ cert, key }: NonNullable<GatewayTls['client']>, env: Environment, report: Report) {
  const [own, secret] = [readPem(cert, env, report), readPem(key, env, report)];
  const certificate = own === undefined ? undefined : certificatesOf(cert, own, report)?.[0];
  const privateKey = secret === undefined ? undefined : keyIn(key, secret, report);
  if (certificate === undefined || privateKey === undefined) return undefined;
  if (!certificate.checkPrivateKey(privateKey))
    report(key, 'FIELD_VALUE', `${nameOf(key)} is not the key of the client certificate`);
  return { cert: own ?? '', key: secret ?? '' };
}

function readPem(source: PemSource, env: Environment, report: Report): string | undefined {
  if ('env' in source) {
    const value = env[source.env];
    if (value !== undefined && value.trim() !== '') return value;
    const what = value === undefined ? 'is not set' : 'is empty';
    const hint = 'set it in the environment that faultline is started with; nothing was touched';
    return report(source, 'ENV_MISSING', `${nameOf(source)} ${what}`, hint);
  }
  try {
    return readFileSync(source.file, 'utf8');
  } catch (cause) {
    const { code } = cause as { code?: string };
    const what =
      { ENOENT: 'does not exist', EISDIR: 'is a folder' }[code ?? ''] ?? `cannot be read: ${messageOf(cause)}`;
    return report(source, 'FILE_UNREADABLE', `${nameOf(source)} ${what}`);
  }
}

function nameOf(source: PemSource): string {
  return 'env' in source ? `the environment variable ${source.env}` : source.file;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function certificatesOf(source: PemSource, pem: string, report: Report): readonly X509Certificate[] | undefined {
  const blocks = pem.match(CERTIFICATE) ?? [];
  if (blocks.length === 0) return report(source, 'FIELD_VALUE', `${nameOf(source)} holds no certificate in PEM`);
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (cause) {
    return report(source, 'FIELD_VALUE', `${nameOf(source)} holds a broken certificate: ${messageOf(cause)}`);
  }
}

function keyIn(source: PemSource, pem: string, report: Report): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    const isLocked = /ENCRYPTED/.test(pem);
    const what = isLocked ? 'holds a key with a passphrase' : 'holds no private key in PEM';
    const hint = isLocked ? 'openssl pkey -in KEY -out KEY-WITHOUT-PASSPHRASE' : undefined;
    return report(source, 'FIELD_VALUE', `${nameOf(source)} ${what}`, hint);
  }
}
