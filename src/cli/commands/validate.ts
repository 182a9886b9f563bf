import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { checkScenarioFile, readText } from '../../app/load-files.ts';
import { topologyOf } from '../../app/targets/scenario-needs.ts';
import type { Diagnostic } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { adviseSamples, assumedPaths, formatDiagnostics, parseTargets, sampleNeeds } from '../../scenario/index.ts';
import { openConsole, reportError } from '../output.ts';
import { describeSamples } from '../plan-text.ts';

/** `faultline validate FILE...`: exit 2 when any file has an error; warnings alone pass. */
export async function validate(files: readonly string[], options: { output: 'text' | 'json' }): Promise<number> {
  const out = openConsole(options.output);
  const all: Diagnostic[] = [];
  let failed = false;
  for (const file of files) {
    try {
      const { diagnostics, text, ok, notes } = validateFile(file);
      failed ||= !ok;
      all.push(...diagnostics);
      if (out.json) continue;
      if (diagnostics.length > 0) out.data((look) => formatDiagnostics(diagnostics, text, look));
      if (ok) out.data([`${file}: valid`, ...notes].join('\n'));
    } catch (error) {
      failed = true;
      reportError(out, error, EXIT.usage);
    }
  }
  if (out.json) out.data(JSON.stringify({ valid: !failed, diagnostics: all }, null, 2));
  return failed ? EXIT.usage : EXIT.pass;
}

type Validated = {
  readonly diagnostics: readonly Diagnostic[];
  readonly text: string;
  readonly ok: boolean;
  readonly notes: readonly string[];
};

function validateFile(file: string): Validated {
  const text = readText(file);
  if (/^kind:\s*Targets\s*$/m.test(text)) {
    const targets = parseTargets(text, file);
    return { diagnostics: targets.ok ? targets.warnings : targets.diagnostics, text, ok: targets.ok, notes: [] };
  }
  const parsed = checkScenarioFile(text, file);
  if (!parsed.ok) return { diagnostics: parsed.diagnostics, text, ok: false, notes: [] };
  // Without a target nobody knows its gateway zones.
  const zones = topologyOf(parsed.value).clusters.flatMap((cluster) => cluster.zones).length;
  const paths = assumedPaths(parsed.value, zones);
  const where = ` (with ${zones} gateway zones, as the sandbox has; \`faultline plan\` counts those of a target)`;
  return {
    diagnostics: [...parsed.warnings, ...adviseSamples(parsed.value, OBJECTIVES, paths)],
    text,
    ok: true,
    notes: describeSamples(sampleNeeds(parsed.value, OBJECTIVES, paths), paths.assumed === 0 ? '' : where),
  };
}
