/** What an exit code of k6 v2 means; codes the harness itself causes are not among them. */
const REASONS: Readonly<Record<number, string>> = {
  0: 'the test ended by itself',
  90: 'it lost its connection to the harness',
  99: 'a threshold of the script was crossed',
  100: 'its setup took too long',
  101: 'its teardown took too long',
  102: 'something took too long',
  103: 'it was stopped over its REST interface',
  104: 'its configuration is invalid',
  105: 'it got a signal',
  106: 'its REST port was taken',
  107: 'the script failed while it was loaded',
  108: 'the script aborted the test',
  109: 'it crashed (a Go panic)',
  110: 'the script marked the test as failed',
  255: 'its command line or a file was refused',
};

/** The way a k6 process ended, in words that complete "k6 has ended: …". */
export function exitReason(code: number | null, signal: NodeJS.Signals | null): string {
  if (code === null) return `signal ${signal ?? 'unknown'}`;
  return `exit code ${code}, ${REASONS[code] ?? 'a code that is not known'}`;
}
