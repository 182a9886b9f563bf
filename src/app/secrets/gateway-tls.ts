import { createPrivateKey, type KeyObject } from 'node:crypto';
import type { GatewayTls, Path, PemSource, Target, TlsMaterial } from '../../model/target.ts';
import { certificatesOf, type Environment, nameOf, type Report, readPem, reportsOn } from './pem-source.ts';

/** What TLS to the gateways of a target needs; nothing for gateways whose targets file says nothing. */
export type GatewayMaterial = {
  /** Of the gateway that each path goes through, by the path's id. */
  of(paths: readonly Pick<Path, 'id' | 'cluster' | 'zone'>[]): Record<string, TlsMaterial>;
  /** Texts that no record may hold: the keys. */
  readonly secrets: readonly string[];
};

/**
 * Reads the certificates and keys that a targets file names. Throws InvalidFile with every one that is missing,
 * unreadable or no PEM, each with its place in the targets file. `text` is that of the file.
 */
export function readGatewayTls(target: Target, file: string, text: string, env: Environment): GatewayMaterial {
  const { report, settle } = reportsOn(file, text);
  const material = new Map<string, TlsMaterial>();
  for (const cluster of target.clusters) {
    for (const { zone, tls } of cluster.gateways) {
      if (tls !== undefined) material.set(keyOf({ cluster: cluster.name, zone }), materialOf(tls, env, report));
    }
  }
  settle();
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
