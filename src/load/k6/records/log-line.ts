/** One line of k6's log in its JSON format. */
type LogLine = {
  readonly level: string;
  readonly message: string;
  /** `console` for the words of a script. */
  readonly source: string;
};

/** Reads a line of k6's log; what is none is a message of its own. */
export function readLogLine(line: string): LogLine {
  try {
    const { level, msg, source } = JSON.parse(line) as { level?: unknown; msg?: unknown; source?: unknown };
    if (typeof level === 'string' && typeof msg === 'string') {
      return { level, message: msg, source: typeof source === 'string' ? source : '' };
    }
  } catch {
    // It is no JSON.
  }
  return { level: 'text', message: line, source: '' };
}
