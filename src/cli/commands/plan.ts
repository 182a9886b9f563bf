import { OBJECTIVES } from '../../analysis/objectives/index.ts';
import { refuseUnknownPlaces } from '../../app/drill/known-places.ts';
import { planInputs } from '../../app/drill/plan-inputs.ts';
import { hideSettings } from '../../app/files/hidden-settings.ts';
import { describeInvalid, InvalidFile, loadScenario } from '../../app/files/load-files.ts';
import { lintTarget } from '../../app/lint-target.ts';
import {
  hiddenInPlans,
  hiddenTexts,
  readSecrets,
  redactScenario,
  refuseToldSecrets,
} from '../../app/secrets/secrets.ts';
import { openTarget } from '../../app/targets/index.ts';
import type { LintReport } from '../../lint/finding.ts';
import { abortConditions } from '../../model/abort-defaults.ts';
import { messageOf } from '../../model/errors.ts';
import { EXIT } from '../../model/exit.ts';
import { inContext } from '../../model/kubectl.ts';
import { type Redact, redactor } from '../../model/redact.ts';
import { shellCommand } from '../../model/shell.ts';
import { plannedDeadMen } from '../../run/dead-man/plan.ts';
import { missingPermissions } from '../../run/permissions.ts';
import { planRun } from '../../run/plan.ts';
import type { PlannedRun } from '../../run/planned-run.ts';
import { shownObject } from '../../run/shown.ts';
import { adviseSamples, sampleNeeds } from '../../scenario/index.ts';
import { describePlannedLint } from '../lint-text.ts';
import { openConsole, reportError } from '../output.ts';
import { describePlan, plannedPaths } from '../plan-text.ts';
import { rbacText, subjectOf } from '../rbac-text.ts';

/** `faultline plan FILE`: read only; exit 3 when a run would be refused. */
export async function plan(
  [file = '']: readonly string[],
  options: {
    target: string;
    set: string[];
    allowProtected: string[];
    deadMan: boolean;
    rbac?: string | true;
    output: 'text' | 'json';
  },
): Promise<number> {
  const out = openConsole(options.output);
  try {
    const { rbac } = options;
    const subject = typeof rbac === 'string' ? subjectOf(rbac) : undefined;
    const { value: scenario, warnings, text } = loadScenario(file, options.set);
    const secrets = readSecrets(text, file, process.env);
    refuseToldSecrets(scenario, hiddenTexts(secrets, scenario));
    const open = await openTarget(options.target, scenario);
    try {
      open.gatewayTls(process.env);
      await refuseUnknownPlaces(scenario, open);
      const flags = { allowProtected: options.allowProtected, noDeadMan: !options.deadMan };
      const prometheus = open.prometheus(process.env)?.prometheus;
      const run = await planRun(planInputs(open, { scenario, ...flags, prometheus }));
      if (rbac !== undefined) {
        const apply = (cluster: string, rest: string) =>
          inContext(`kubectl apply -f FILE${rest}`, open.clusters.get(cluster)?.cluster ?? {});
        out.data(rbacText(run.permissions, subject, apply, plannedDeadMen(run)).trimEnd());
        return EXIT.pass;
      }
      const advice = adviseSamples(scenario, OBJECTIVES, plannedPaths(run));
      const warned = new InvalidFile(file, [...warnings, ...advice], text);
      if (warned.diagnostics.length > 0) out.say(({ color }) => describeInvalid(warned, color));
      const redact = redactor([...hiddenTexts(secrets, scenario, run.topology), ...hiddenInPlans(run)]);
      const shown = { ...run, scenario: redactScenario(scenario, redact) };
      // Read anew, and only what planning has read: a plan asks a cluster for nothing that it does not print.
      const lint = await lintTarget(open, scenario, 'mesh').catch(messageOf);
      const set = hideSettings(options.set).flatMap((setting) => ['--set', setting]);
      const command = shellCommand(['faultline', 'lint', file, '--target', options.target, ...set]);
      if (out.json) out.data(planJson(shown, lint, redact));
      else out.show(redact(describePlan(shown, describePlannedLint(lint, command))));
      const isRefused =
        run.leases.some(({ frozen }) => frozen !== undefined) ||
        run.guards.some(({ holds }) => !holds) ||
        missingPermissions(run.permissions).length > 0;
      return isRefused ? EXIT.refused : EXIT.pass;
    } finally {
      await open.close();
    }
  } catch (error) {
    if (!(error instanceof InvalidFile)) return reportError(out, error, EXIT.refused, options.target);
    out.say(({ color }) => describeInvalid(error, color));
    return EXIT.usage;
  }
}

function planJson(run: PlannedRun, lint: LintReport | string, redact: Redact): string {
  const faults = run.faults.map(({ plan: { data: _data, runId: _runId, objects, ...rest } }) => ({
    ...rest,
    objects: objects.map((object) => shownObject(object, redact)),
  }));
  return JSON.stringify(
    {
      target: run.target.name,
      topology: run.topology,
      load: run.scenario.load,
      samples: sampleNeeds(run.scenario, OBJECTIVES, plannedPaths(run)).map(({ name, share, needed, available }) => ({
        name,
        share,
        needed,
        available,
      })),
      faults,
      require: run.scenario.require ?? [],
      abort: abortConditions(run.scenario),
      guards: run.guards,
      leases: run.leases,
      deadMen: plannedDeadMen(run),
      permissions: run.permissions,
      prediction: run.prediction,
      lint: typeof lint === 'string' ? { findings: [], untold: [lint] } : lint,
    },
    null,
    2,
  );
}
