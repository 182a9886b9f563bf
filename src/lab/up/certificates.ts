import { generateKeyPair, type KeyObject } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { run } from './run.ts';

/** Paths of a private key and its certificate, both PEM. */
export type Pair = { readonly key: string; readonly cert: string };

/** What a certificate says beside its key. */
type CertificateRequest = {
  /** As openssl writes it: `/O=system:masters/CN=admin`. */
  readonly subject: string;
  /** Lines of an openssl extension section (x509v3_config(5)). */
  readonly extensions: readonly string[];
  /** Kubernetes takes P-256 everywhere; istiod's intermediates are RSA, as in Istio's own examples. */
  readonly algorithm: 'P-256' | 'RSA';
};

const VALID_DAYS = '365';

/**
 * Makes a key and a certificate, signed by `issuer` or by itself. Node.js has no x509 issuing; openssl is on every system
 * that has iptables and iproute2 from its packages, and a library for it would bring a dozen packages of its own.
 */
export async function issue(
  folder: string,
  name: string,
  { subject, extensions, algorithm, issuer }: CertificateRequest & { readonly issuer?: Pair },
): Promise<Pair> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const at = (end: string) => join(folder, `${name}.${end}`);
  const { privateKey, publicKey } = await keyPair(algorithm);
  writeKey(at('key'), privateKey);
  writeFileSync(at('pub'), publicKey.export({ type: 'spki', format: 'pem' }));
  writeFileSync(at('ext'), `${extensions.join('\n')}\n`);
  const signer =
    issuer === undefined ? ['-key', at('key')] : ['-force_pubkey', at('pub'), '-CA', issuer.cert, '-CAkey', issuer.key];
  const about = ['-subj', subject, '-days', VALID_DAYS, '-extfile', at('ext'), '-out', at('crt')];
  await run(['openssl', 'x509', '-new', ...signer, ...about]);
  return { key: at('key'), cert: at('crt') };
}

/** The key that signs the tokens of service accounts, and the one that proves them. */
export async function signingKeys(folder: string): Promise<{ readonly key: string; readonly pub: string }> {
  const { privateKey, publicKey } = await keyPair('P-256');
  const paths = { key: join(folder, 'sa.key'), pub: join(folder, 'sa.pub') };
  writeKey(paths.key, privateKey);
  writeFileSync(paths.pub, publicKey.export({ type: 'spki', format: 'pem' }));
  return paths;
}

function writeKey(path: string, key: KeyObject): void {
  writeFileSync(path, key.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 });
}

function keyPair(algorithm: 'P-256' | 'RSA'): Promise<{ privateKey: KeyObject; publicKey: KeyObject }> {
  if (algorithm === 'RSA') return promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  return promisify(generateKeyPair)('ec', { namedCurve: 'P-256' });
}

const AUTHORITY = ['basicConstraints=critical,CA:TRUE', 'keyUsage=critical,keyCertSign,cRLSign,digitalSignature'];

/** The root of a cluster's own certificates. */
export function clusterAuthority(cluster: string): CertificateRequest {
  return { subject: `/CN=faultline lab ${cluster}`, extensions: AUTHORITY, algorithm: 'P-256' };
}

/** `addresses` are all by which the API server is called. */
export function apiServerCertificate(addresses: readonly string[]): CertificateRequest {
  const names = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];
  const alternatives = [
    ...addresses.map((address) => `IP:${address}`),
    ...[...names, 'kubernetes.default.svc.cluster.local'].map((name) => `DNS:${name}`),
  ];
  const extensions = [`subjectAltName=${alternatives.join(',')}`, 'extendedKeyUsage=serverAuth'];
  return { subject: '/CN=kube-apiserver', extensions, algorithm: 'P-256' };
}

/** What the API server shows to kubelets: logs, exec and the proxy to pods go that way. */
export const KUBELET_CLIENT: CertificateRequest = {
  subject: '/O=system:masters/CN=kube-apiserver-kubelet-client',
  extensions: ['extendedKeyUsage=clientAuth'],
  algorithm: 'P-256',
};

/** The one root of the mesh, which both clusters share. */
export const MESH_ROOT: CertificateRequest = {
  subject: '/O=faultline lab/CN=mesh root',
  extensions: AUTHORITY,
  algorithm: 'RSA',
};

/** What istiod of a cluster signs workloads' certificates with (istio.io/docs/tasks/security/cert-management/plugin-ca-cert). */
export function meshIntermediate(cluster: string): CertificateRequest {
  const extensions = [
    'basicConstraints=critical,CA:TRUE,pathlen:0',
    ...AUTHORITY.slice(1),
    'subjectAltName=DNS:istiod.istio-system.svc',
  ];
  return { subject: `/O=faultline lab/CN=mesh ${cluster}`, extensions, algorithm: 'RSA' };
}

/** The Secret `cacerts` of a cluster, as istiod wants it: file names are Istio's. */
export function meshCertificates(intermediate: Pair, root: Pair): Record<string, string> {
  const text = (path: string) => readFileSync(path, 'utf8');
  return {
    'ca-cert.pem': text(intermediate.cert),
    'ca-key.pem': text(intermediate.key),
    'root-cert.pem': text(root.cert),
    'cert-chain.pem': text(intermediate.cert) + text(root.cert),
  };
}
