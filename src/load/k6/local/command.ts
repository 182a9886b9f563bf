/**
 * Over HTTP/2 Go's client sends a request again by itself when the server refuses its stream, also over a fresh
 * connection (net/http: REFUSED_STREAM and GOAWAY), and an error would be hidden.
 */
export const NO_HTTP2 = 'http2client=0';

/** What k6 runs, and what is its own. */
export type K6Run = {
  readonly script: string;
  /** Its home, with everything it may write. */
  readonly folder: string;
  /** The file with the run's configuration. */
  readonly config: string;
  /** Arguments that say how it tells of its requests. */
  readonly output: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
};

/** The environment of k6: nothing of the harness's own, because scripts can read all of it. */
export function k6Environment({ folder, config, env }: Omit<K6Run, 'script' | 'output'>): Record<string, string> {
  const kept = ['SSL_CERT_FILE', 'SSL_CERT_DIR', 'SystemRoot'].flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value]];
  });
  return {
    ...Object.fromEntries(kept),
    HOME: folder,
    XDG_CONFIG_HOME: folder,
    TMPDIR: folder,
    K6_NO_USAGE_REPORT: 'true',
    K6_AUTO_EXTENSION_RESOLUTION: 'false',
    GODEBUG: NO_HTTP2,
    FAULTLINE_CONFIG: config,
    ...env,
  };
}

/** The command line of k6 for a script of ours. */
export function k6Arguments(script: string, port: number, output: readonly string[]): string[] {
  const fixed = ['--quiet', '--no-color', '--paused', '--summary-mode=disabled', '--log-format=json'];
  return ['run', ...fixed, ...output, `--address=127.0.0.1:${port}`, script];
}
