/** What `/version` says. The build metadata keeps anybody from taking the sandbox for a real server. */
export const VERSION = {
  major: '1',
  minor: '36',
  gitVersion: 'v1.36.4+faultline-sandbox',
  gitCommit: '0000000000000000000000000000000000000000',
  gitTreeState: 'clean',
  buildDate: '2026-07-15T00:00:00Z',
  goVersion: 'none',
  compiler: 'none',
  platform: `${process.platform}/${process.arch}`,
} as const;
