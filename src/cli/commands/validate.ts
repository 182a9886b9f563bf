import type { Diagnostic } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { formatDiagnostics, parseTargets } from '../../scenario/index.ts';
import { checkScenarioFile, readText } from '../load-files.ts';
import { openConsole, reportError } from '../output.ts';

/** `faultline validate FILE...`: exit 2 when any file has an error; warnings alone pass. */
export async function validate(files: readonly string[], options: { output: 'text' | 'json' }): Promise<number> {
  const out = openConsole(options.output);
  const all: Diagnostic[] = [];
  let failed = false;
  for (const file of files) {
    try {
      const { diagnostics, text, ok } = validateFile(file);
      failed ||= !ok;
      all.push(...diagnostics);
      if (out.json) continue;
      if (diagnostics.length > 0) out.data((look) => formatDiagnostics(diagnostics, text, look));
      if (ok) out.data(`${file}: valid`);
    } catch (error) {
      failed = true;
      reportError(out, error, EXIT.usage);
    }
  }
  if (out.json) out.data(JSON.stringify({ valid: !failed, diagnostics: all }, null, 2));
  return failed ? EXIT.usage : EXIT.pass;
}

function validateFile(file: string): { diagnostics: readonly Diagnostic[]; text: string; ok: boolean } {
  const text = readText(file);
  const isTargets = /^kind:\s*Targets\s*$/m.test(text);
  const parsed = isTargets ? parseTargets(text, file) : checkScenarioFile(text, file);
  return { diagnostics: parsed.ok ? parsed.warnings : parsed.diagnostics, text, ok: parsed.ok };
}
