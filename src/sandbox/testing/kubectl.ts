import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type KubectlResult = { readonly code: number; readonly out: string; readonly err: string };

export type Kubectl = {
  /** Arguments are split at spaces; `input` goes to the standard input. */
  run(args: string, input?: object): Promise<KubectlResult>;
  /** As run, with arguments that contain spaces. */
  exec(args: readonly string[], input?: object): Promise<KubectlResult>;
  close(): void;
};

/** Version of the kubectl on the PATH, undefined when there is none. */
export function kubectlVersion(): string | undefined {
  try {
    const text = execFileSync('kubectl', ['version', '--client', '-o', 'json'], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return (JSON.parse(text.toString()) as { clientVersion: { gitVersion: string } }).clientVersion.gitVersion;
  } catch {
    return undefined;
  }
}

/** kubectl with its own configuration and cache, pointed at one server. */
export function kubectlFor(server: string): Kubectl {
  const home = mkdtempSync(join(tmpdir(), 'faultline-kubectl-'));
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'c', cluster: { server } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u' } }],
    'current-context': 'c',
  };
  const file = join(home, 'config');
  writeFileSync(file, JSON.stringify(config));
  const env = { ...process.env, HOME: home, KUBECONFIG: file };

  const exec: Kubectl['exec'] = (args, input) =>
    new Promise((resolve) => {
      const child = execFile('kubectl', args, { env, timeout: 15_000 }, (error, out, err) => {
        resolve({ code: error === null ? 0 : Number(error.code ?? 1), out, err });
      });
      child.stdin?.end(input === undefined ? '' : JSON.stringify(input));
    });
  return {
    exec,
    run: (args, input) => exec(args.split(' '), input),
    close: () => rmSync(home, { recursive: true, force: true }),
  };
}
