import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate and its key as PEM. */
type Pair = { readonly cert: string; readonly key: string };

/** Issues certificates for specs by openssl. */
type Authority = { readonly cert: string; issue(name: string): Pair; issueExpired(name: string): Pair };

function openssl(folder: string, ...args: string[]): void {
  execFileSync('openssl', args, { cwd: folder, stdio: 'pipe' });
}

/** Makes a certificate authority of its own, with nothing left on the disk. */
export function authority(name: string): Authority {
  const [cert, key] = inFolder((folder) => {
    const self = ['-x509', '-subj', `/CN=${name}`, '-days', '2', '-out', 'ca.pem'];
    openssl(folder, 'req', ...NEW_KEY, '-keyout', 'ca.key', ...self);
    return [read(folder, 'ca.pem'), read(folder, 'ca.key')];
  });
  const issue = (subject: string, days: string): Pair =>
    inFolder((folder) => {
      writeFileSync(join(folder, 'ca.pem'), cert);
      writeFileSync(join(folder, 'ca.key'), key);
      writeFileSync(join(folder, 'ext'), `subjectAltName=DNS:${subject}\n`);
      openssl(folder, 'req', ...NEW_KEY, '-keyout', 'own.key', '-subj', `/CN=${subject}`, '-out', 'own.csr');
      const signer = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-extfile', 'ext'];
      openssl(folder, 'x509', '-req', '-in', 'own.csr', ...signer, '-days', days, '-out', 'own.pem');
      return { cert: read(folder, 'own.pem'), key: read(folder, 'own.key') };
    });
  return { cert, issue: (subject) => issue(subject, '2'), issueExpired: (subject) => issue(subject, '-1') };
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];

function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), 'utf8');
}

function inFolder<T>(work: (folder: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'faultline-ca-'));
  try {
    return work(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
