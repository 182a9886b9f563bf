import { KUBERNETES } from '../topology.ts';

/** What `/version` says. */
export type ServerVersion = ReturnType<typeof serverVersion>;

/** The build metadata keeps anybody from taking the sandbox for a real server. */
export function serverVersion(kubernetes = KUBERNETES) {
  const [major = '', minor = ''] = kubernetes.split('.');
  return {
    major,
    minor,
    gitVersion: `v${kubernetes}+faultline-sandbox`,
    gitCommit: '0000000000000000000000000000000000000000',
    gitTreeState: 'clean',
    buildDate: '2026-07-15T00:00:00Z',
    goVersion: 'none',
    compiler: 'none',
    platform: `${process.platform}/${process.arch}`,
  } as const;
}
