import { kubeconfigFiles } from '../app/init/discover-targets.ts';
import type { ChooseService } from '../app/init/first-scenario.ts';
import { contextsIn } from '../kube/contexts.ts';
import { FaultlineError } from '../model/errors.ts';
import { askWhich, type Terminal } from './ask.ts';

/** What a scenario is written for: the sandbox where neither is there. */
export type InitOptions = {
  readonly target?: string;
  readonly service?: string;
  /** Contexts, separated by commas. */
  readonly fromContext?: string;
  readonly kubeconfig?: string;
};

const SANDBOX = 'the embedded sandbox: nothing to set up';
const CONTEXTS = 'clusters of my kubeconfig: they are read, and a targets file is written';

/** The options as they were given, completed by what somebody at the terminal says. Throws USAGE where no answer comes. */
export async function askInit(
  options: InitOptions,
  terminal: Terminal,
): Promise<{ readonly options: InitOptions; readonly chooseService?: ChooseService }> {
  const chooseService: ChooseService = async (services) =>
    (await answered('Which Service is to be hit?', services, terminal))[0] ?? '';
  if (options.target !== undefined || options.fromContext !== undefined) return { options, chooseService };
  const contexts = contextsIn(kubeconfigFiles(options.kubeconfig)).map(({ context }) => context);
  if (contexts.length === 0) return { options };
  if (options.service === undefined) {
    const [what] = await answered('What is the scenario for?', [SANDBOX, CONTEXTS], terminal);
    if (what === SANDBOX) return { options };
  }
  const chosen = await answered(
    'Which contexts make up the mesh? All of them, separated by commas.',
    contexts,
    terminal,
  );
  return { options: { ...options, fromContext: chosen.join(',') }, chooseService };
}

async function answered(question: string, choices: readonly string[], terminal: Terminal): Promise<readonly string[]> {
  const answer = await askWhich(question, choices, terminal);
  if (answer === undefined) throw new FaultlineError('USAGE', 'nothing was chosen: nothing was written');
  return answer;
}
