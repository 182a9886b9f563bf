import type { Check, EngineKind, EngineRequest, OpenEngine } from '../../../model/engine.ts';
import { FaultlineError } from '../../../model/errors.ts';
import { type FoundK6, findK6 } from '../binary.ts';
import { refuseTls } from '../config/gateway-tls.ts';
import { OF_SCRIPTS, refuseFeatures, WITHOUT_EXTENSION } from '../config/refusals.ts';
import { CA_FILE, CONFIG, CONSOLE_FILE, ENTRY } from '../config/staged-names.ts';
import { listLoaded } from '../list-loaded.ts';
import { OWN_CLIENT } from '../own-client.ts';

const INSTALL =
  'Run: faultline k6 build (it needs Go 1.25 or newer). Or install k6 2 and set load.connections to fresh; FAULTLINE_K6 names one that is not on PATH.';
const NO_EXTENSION = 'it has no faultline extension, and k6 itself hides errors on kept connections';

/** k6 on this machine, with the extension where it is built in. `find` looks for it. */
export function localK6Kind(find: () => Promise<readonly FoundK6[]> = findK6): EngineKind {
  return {
    name: 'k6',
    doc: 'needs a k6 with the faultline extension (`faultline k6 build`)',
    script: {
      freshOnly: OWN_CLIENT,
      layout: 'tree',
      taken: [ENTRY, CONFIG, CA_FILE, CONSOLE_FILE],
      list: listLoaded(find),
    },
    dashboard: true,
    refuses: OF_SCRIPTS,
    carries: () => Number.POSITIVE_INFINITY,
    open: async (request) => open(request, await find()),
    describe: ({ script }) => [`  sent by k6${script === undefined ? '' : `, with the script ${script}`}`],
    doctor: async () => [checkOf(await find())],
  };
}

/** A script goes over k6's own client; without one the extension is better, and kept connections need it. */
async function open({ load, script, target }: EngineRequest, found: readonly FoundK6[]): Promise<OpenEngine> {
  refuseFeatures(load, 'k6', OF_SCRIPTS);
  const working = found.filter((k6) => k6.problem === undefined);
  const extended = working.find((k6) => k6.extension);
  if (script === undefined && extended !== undefined) {
    const { k6Engine } = await import('./extension.ts');
    return { engine: k6Engine({ binary: extended.path }), words: `k6 ${extended.version} (${extended.path})` };
  }
  const [any] = working;
  if (any === undefined || load.connections === 'kept') {
    const missing = found.map((k6) => `${k6.path}: ${k6.problem ?? NO_EXTENSION}`).join('; ') || 'no k6 was found';
    throw new FaultlineError('LOAD', `There is no k6 that can be used: ${missing}.`, { hint: INSTALL });
  }
  refuseFeatures(load, 'k6', WITHOUT_EXTENSION);
  refuseTls(target, script === undefined ? 'k6 without the extension' : 'k6 with a script', { keys: true });
  const what = script === undefined ? 'without the extension' : `with the script ${script.main}`;
  const { k6ConsoleEngine } = await import('./console.ts');
  const engine = k6ConsoleEngine({ binary: any.path, ...(script === undefined ? {} : { script }) });
  return { engine, words: `k6 ${any.version} (${any.path}) ${what}` };
}

const FIX = 'faultline k6 build (needs Go 1.25 or newer), only for scenarios with load.engine k6 or auto';

function checkOf(found: readonly FoundK6[]): Check {
  const working = found.filter((k6) => k6.problem === undefined);
  const usable = working.find((k6) => k6.extension) ?? working[0];
  if (usable === undefined) {
    const seen = found.map((k6) => `${k6.path} (${k6.from}): ${k6.problem}`).join('; ') || 'no k6 was found';
    return { what: 'k6', ok: false, optional: true, detail: seen, fix: FIX };
  }
  const { version, path, from, extension } = usable;
  if (extension) return { what: 'k6', ok: true, detail: `${version} with the faultline extension, ${path} (${from})` };
  const detail = `${version} without the faultline extension, ${path} (${from}): for fresh connections only`;
  return { what: 'k6', ok: true, detail, fix: FIX };
}
