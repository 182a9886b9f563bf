import { basename } from 'node:path';
import { signalOf, stopOnSignals } from '../../app/signals/signals.ts';
import { buildLab } from '../../lab/build/build.ts';
import { labCache } from '../../lab/build/cache.ts';
import { pruneBuilds } from '../../lab/build/prune.ts';
import { partsFile, readParts } from '../../lab/parts.ts';
import { runningVersions } from '../../lab/up/running-versions.ts';
import { LAB_FOLDER } from '../../lab/up/state.ts';
import { labCondition } from '../../lab/up/status.ts';
import { LAB_VERSIONS, labVersions, type VersionOverrides } from '../../lab/versions.ts';
import { FaultlineError } from '../../model/errors.ts';
import { EXIT, exitCode } from '../../model/exit.ts';
import { systemClock } from '../../run/system-clock.ts';
import { type OutputOption, openConsole, reportError } from '../output.ts';

/**
 * `faultline lab build`: builds the lab's programs and images into the cache and prints the file that lists them; exit 3
 * where that is not possible.
 */
export async function labBuild(
  _args: readonly string[],
  { jobs, output, ...overrides }: VersionOverrides & OutputOption & { readonly jobs?: string },
): Promise<number> {
  const out = openConsole(output);
  const versions = labVersions(overrides);
  const order = { versions, jobs: jobsOf(jobs), clock: systemClock, say: out.say };
  const signals = stopOnSignals(() => out.say('Stopping already.'));
  try {
    const parts = await buildLab({ ...order, signal: signals.stop });
    out.data(out.json ? JSON.stringify({ parts }) : parts);
    out.say('The lab is built.');
    return EXIT.pass;
  } catch (error) {
    const code = reportError(out, error, EXIT.refused);
    const signal = signalOf(signals.stop);
    if (signal === undefined) return code;
    return exitCode({ status: 'interrupted', verdict: 'inconclusive', putBack: true, signal });
  } finally {
    signals.release();
  }
}

/** `faultline lab prune`: removes builds from the cache that neither this faultline nor a running lab is made of. */
export async function labPrune(_args: readonly string[], { output }: OutputOption): Promise<number> {
  const out = openConsole(output);
  try {
    const running = labCondition(LAB_FOLDER).kind === 'down' ? [] : [runningVersions(LAB_FOLDER)];
    const builds = [LAB_VERSIONS, ...running].map(
      async (versions) => [basename(await partsFile(versions)), await readParts(versions)] as const,
    );
    const { names, bytes } = await pruneBuilds(labCache(), new Map(await Promise.all(builds)));
    if (out.json) out.data(JSON.stringify({ removed: names, bytes }));
    else for (const name of names) out.data(name);
    out.say(`${names.length} removed, ${(bytes / 1024 ** 3).toFixed(1)} GiB`);
    return EXIT.pass;
  } catch (error) {
    return reportError(out, error, EXIT.refused);
  }
}

function jobsOf(text: string | undefined): number | undefined {
  if (text === undefined || /^[1-9]\d{0,2}$/.test(text)) return text === undefined ? undefined : Number(text);
  throw new FaultlineError('USAGE', `--jobs ${text} is no number of jobs`, {
    hint: 'A number from 1 to 999: --jobs 2',
  });
}
