import type { EngineTraits } from '../model/engine.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { checkBody } from './body-checks.ts';
import { spanAt } from './checks.ts';
import { pathText } from './cursor.ts';
import { engineNames } from './engine-names.ts';
import { checkGood } from './good-checks.ts';
import { quoted } from './printable.ts';
import { error, type Problems } from './problems.ts';
import type { ScenarioDocument } from './scenario-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type LoadDraft = NonNullable<NonNullable<Draft<ScenarioDocument>['spec']>['load']>;

const LOAD = ['spec', 'load'];

/** Checks that the engine can do what is asked of the load. */
export function checkLoad(load: LoadDraft, engines: readonly EngineTraits[], root: TreeNode, problems: Problems): void {
  checkEngine(load, engines, root, problems);
  checkConnections(load, engines, root, problems);
  checkPattern(load, engines, root, problems);
  if (load.good !== undefined) checkGoodOf(load, load.good, [...LOAD, 'good'], engines, root, problems);
  for (const [index, path] of (load.paths ?? []).entries()) {
    const at = [...LOAD, 'paths', index];
    if (path?.rate !== undefined) checkPlain(load, [...at, 'rate'], engines, root, problems);
    if (path?.good !== undefined) checkGoodOf(load, path.good, [...at, 'good'], engines, root, problems);
    if (path?.request === undefined) continue;
    checkBody(path.request, [...at, 'request'], root, problems);
    checkRefresh(load, path.request.headers ?? {}, [...at, 'request', 'headers'], engines, root, problems);
    if (path.request.body !== undefined) checkPlain(load, [...at, 'request', 'body'], engines, root, problems);
  }
}

function checkEngine(
  { engine, script, dashboard }: LoadDraft,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  // An engine that is written and not here has a problem of its own.
  if (engine === undefined && isWritten(root, 'engine')) return;
  const sender = engine ?? engines[0]?.name;
  const demand = (field: string, can: (engine: EngineTraits) => boolean): void => {
    const able = engines.filter(can);
    if (sender === undefined || able.some(({ name }) => name === sender)) return;
    const message = `spec.load.${field} needs ${engineNames(engines, can)}, and the engine is ${quoted(sender)}`;
    const hint = able[0] === undefined ? undefined : `write \`engine: ${able[0].name}\``;
    error(problems, 'FIELD_VALUE', spanAt(root, [...LOAD, field]), message, hint);
  };
  if (script !== undefined) demand('script', (kind) => kind.script !== undefined);
  if (dashboard === true) demand('dashboard', (kind) => kind.dashboard);
}

type HeadersDraft = NonNullable<NonNullable<NonNullable<LoadDraft['paths']>[number]>['request']>['headers'];

/** A value that is read again comes from a file or command, and goes to an engine that can take it while it sends. */
function checkRefresh(
  load: LoadDraft,
  headers: NonNullable<HeadersDraft>,
  at: Path,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (typeof value !== 'object' || value.refresh === undefined) continue;
    const here = [...at, name, 'refresh'];
    checkPlain(load, here, engines, root, problems);
    if (value.env === undefined) continue;
    error(
      problems,
      'FIELD_VALUE',
      spanAt(root, here),
      'the environment never changes: only a file or a command is read again',
    );
  }
}

/** Content is looked at by the engine. */
function checkGoodOf(
  load: LoadDraft,
  good: NonNullable<LoadDraft['good']>,
  at: Path,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  checkGood(good, at, root, problems);
  for (const field of ['header', 'location', 'body'] as const) {
    if (good[field] !== undefined) checkPlain(load, [...at, field], engines, root, problems);
  }
}

/** Where hops stand between other text, in a value, or do not say all, only faultline itself reads them. */
function checkPattern(load: LoadDraft, engines: readonly EngineTraits[], root: TreeNode, problems: Problems): void {
  const { from, hop = '{service}{zone}', anywhere } = load.chain ?? {};
  const isWhole = hop.includes('{service}') && hop.includes('{zone}') && !hop.includes('{pod}');
  const fields = [
    ...(typeof from === 'object' && from.pointer !== undefined ? ['from'] : []),
    ...(isWhole ? [] : ['hop']),
    ...(anywhere === true ? ['anywhere'] : []),
  ];
  for (const field of fields) checkPlain(load, [...LOAD, 'chain', field], engines, root, problems, READS);
}

/** Why an engine reads no other hops. */
const READS = 'k6 reads hops of service and zone only, in a header or the whole body';

/** What stands at `at` is more than a method, a path and headers. */
function checkPlain(
  { engine, script }: LoadDraft,
  at: Path,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
  why?: string,
): void {
  if (engine === undefined && isWritten(root, 'engine')) return;
  const sender = engines.find(({ name }) => name === engine) ?? (engine === undefined ? engines[0] : undefined);
  if (sender?.plainOnly === undefined) return;
  const [able] = engines.filter(({ plainOnly }) => plainOnly === undefined);
  const message = `${pathText(at)} needs ${engineNames(engines, ({ plainOnly }) => plainOnly === undefined)}, and the engine is ${quoted(sender.name)}: ${why ?? sender.plainOnly}`;
  const hint =
    script === undefined || why !== undefined
      ? `write \`engine: ${able?.name ?? ''}\``
      : 'send it in the script, and leave it out here';
  error(problems, 'FIELD_VALUE', spanAt(root, at), message, hint);
}

/** Some clients repeat requests on kept connections, and hide what the run is about. */
function checkConnections(
  { engine, script, connections }: LoadDraft,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  if (connections !== 'kept') return;
  const kind = engines.find(({ name }) => name === engine);
  const ofScript =
    script === undefined ? undefined : engines.find((one) => one.script !== undefined)?.script?.freshOnly;
  const why = ofScript ?? kind?.freshOnly;
  if (why === undefined) return;
  const cause = ofScript === undefined ? 'engine' : 'script';
  const at = spanAt(root, [...LOAD, isWritten(root, 'connections') ? 'connections' : cause]);
  const what = ofScript === undefined ? `the engine ${quoted(kind?.name ?? '')}` : 'spec.load.script';
  const message = `${what} needs fresh connections: ${why}`;
  error(problems, 'FIELD_VALUE', at, message, 'write `connections: fresh`');
}

function isWritten(root: TreeNode, field: string): boolean {
  return nodeAt(root, [...LOAD, field]) !== undefined;
}
