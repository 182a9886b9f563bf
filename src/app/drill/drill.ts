import { type Redact, redactor } from '../../model/redact.ts';
import type { Scenario } from '../../model/scenario.ts';
import { repeatCommand } from '../../model/shell.ts';
import { hideSettings } from '../files/hidden-settings.ts';
import type { loadScenario } from '../files/load-files.ts';
import { hiddenTexts, readSecrets } from '../secrets/secrets.ts';
import { openTokens } from '../secrets/tokens.ts';
import { type OpenTarget, openTarget } from '../targets/index.ts';
import type { RunHooks } from './run-hooks.ts';
import { type FinishedRun, type RunOptions, runScenario } from './run-scenario.ts';

/** What whoever asks for a drill chooses. */
type DrillOptions = Pick<RunOptions, 'out' | 'target' | 'allowProtected' | 'noDeadMan' | 'waitMs'> & {
  /** The replacements that the scenario was read with. */
  readonly set: readonly string[];
};

/** A scenario file that can be run, with its secrets and tokens. */
export type Drill = {
  readonly scenario: Scenario;
  /** Takes what is secret out of words about it. */
  readonly redact: Redact;
  /** Opens the target and runs the scenario. Rejects as `runScenario` does, and where the target cannot be opened. */
  run(options: DrillOptions & RunHooks): Promise<FinishedRun>;
  /** To be called whatever has come of it: closes the target. */
  close(): Promise<void>;
};

/** Makes a scenario file ready to run. Rejects with a FaultlineError where a secret or a token of it cannot be read. */
export async function openDrill(
  file: string,
  { value: scenario, text }: Pick<ReturnType<typeof loadScenario>, 'value' | 'text'>,
): Promise<Drill> {
  const secrets = readSecrets(text, file, process.env);
  const tokens = await openTokens(text, file);
  let open: OpenTarget | undefined;
  const hidden = hiddenTexts([...secrets, ...tokens.secrets], scenario);
  let redact = redactor(hidden);
  const onHidden = (texts: readonly string[]): void => {
    redact = redactor([...hidden, ...texts]);
  };
  return {
    scenario,
    redact: (text) => redact(text),
    run: async ({ set, ...options }) => {
      const { target, noDeadMan } = options;
      open = await openTarget(target, scenario, 'run', options.say);
      const command = repeatCommand(file, target, hideSettings(set), noDeadMan);
      return runScenario(scenario, open, { ...options, command, secrets, tokens, onHidden });
    },
    close: async () => open?.close(),
  };
}
