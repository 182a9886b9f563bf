import { existsSync } from 'node:fs';
import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { checkScenarioFile, readText } from '../../app/files/load-files.ts';
import { topologyOf } from '../../app/targets/scenario-needs.ts';
import type { Diagnostic } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import type { Target } from '../../model/target.ts';
import {
  adviseSamples,
  assumedPaths,
  checkHosts,
  checkPlaces,
  formatDiagnostics,
  type KnownPlaces,
  parseTargets,
  sampleNeeds,
} from '../../scenario/index.ts';
import { openConsole, reportError } from '../output.ts';
import { describeSamples } from '../plan-text.ts';

/**
 * `faultline validate FILE...`: exit 2 when any file has an error; warnings alone pass. Where one of them is a targets file, the
 * scenarios are held against its clusters, regions and gateway zones, without asking any.
 */
export async function validate(files: readonly string[], options: { output: 'text' | 'json' }): Promise<number> {
  const out = openConsole(options.output);
  const all: Diagnostic[] = [];
  const target = targetAmong(files);
  let failed = false;
  for (const file of files) {
    try {
      const { diagnostics, text, ok, notes } = validateFile(file, target);
      failed ||= !ok;
      all.push(...diagnostics);
      if (out.json) continue;
      if (diagnostics.length > 0) out.data((look) => formatDiagnostics(diagnostics, text, look));
      if (ok) out.show([`${file}: valid`, ...notes].join('\n'));
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

const isTargets = (text: string): boolean => /^kind:\s*Targets\s*$/m.test(text);

/** The only valid targets file of some files. */
function targetAmong(files: readonly string[]): Target | undefined {
  const found = files.flatMap((file) => {
    const text = existsSync(file) ? readText(file) : '';
    const parsed = isTargets(text) ? parseTargets(text, file) : undefined;
    return parsed?.ok ? [parsed.value] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

/** What a targets file says of places: the zones of nodes and pods are not in it. */
function placesIn({ clusters }: Target): KnownPlaces {
  return clusters.map(({ name, region, gateways }) => {
    return { cluster: name, region, gatewayZones: gateways.map(({ zone }) => zone) };
  });
}

function validateFile(file: string, target: Target | undefined): Validated {
  const text = readText(file);
  if (isTargets(text)) {
    const targets = parseTargets(text, file);
    return { diagnostics: targets.ok ? targets.warnings : targets.diagnostics, text, ok: targets.ok, notes: [] };
  }
  const parsed = checkScenarioFile(text, file);
  if (!parsed.ok) return { diagnostics: parsed.diagnostics, text, ok: false, notes: [] };
  const misplaced =
    target === undefined
      ? []
      : [
          ...checkPlaces(parsed.value, placesIn(target)),
          ...checkHosts(parsed.value, { namespaces: target.namespaces }),
        ];
  if (misplaced.length > 0) return { diagnostics: [...parsed.warnings, ...misplaced], text, ok: false, notes: [] };
  // Without a target nobody knows its gateway zones.
  const zones =
    target === undefined
      ? topologyOf(parsed.value).clusters.flatMap((cluster) => cluster.zones).length
      : target.clusters.flatMap(({ gateways }) => gateways).length;
  const paths = assumedPaths(parsed.value, zones);
  const whose =
    target === undefined ? 'as the sandbox has; `faultline plan` counts those of a target' : `as ${target.name} has`;
  const where = ` (with ${zones} gateway zones, ${whose})`;
  return {
    diagnostics: [...parsed.warnings, ...adviseSamples(parsed.value, OBJECTIVES, paths)],
    text,
    ok: true,
    notes: describeSamples(sampleNeeds(parsed.value, OBJECTIVES, paths), paths.assumed === 0 ? '' : where),
  };
}
