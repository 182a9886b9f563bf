import type { EngineTraits, LoadFeature } from '../model/engine.ts';
import type { Draft, Path } from '../schema/draft.ts';
import { checkBody } from './body-checks.ts';
import { spanAt } from './checks.ts';
import { pathText } from './cursor.ts';
import { engineNames } from './engine-names.ts';
import { checkGood } from './good-checks.ts';
import { checkHttp2 } from './http2-checks.ts';
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
  if (load.good !== undefined) checkGoodOf(load, load.good, [...LOAD, 'good'], engines, root, problems);
  for (const [index, path] of (load.paths ?? []).entries()) {
    if (path !== undefined) checkPath(load, path, [...LOAD, 'paths', index], engines, root, problems);
  }
}

type PathDraft = NonNullable<NonNullable<LoadDraft['paths']>[number]>;

function checkPath(
  load: LoadDraft,
  { rate, good, request, ...path }: PathDraft,
  at: Path,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  if (rate !== undefined) checkFeature(load, 'rate', [...at, 'rate'], engines, root, problems);
  if (good !== undefined) checkGoodOf(load, good, [...at, 'good'], engines, root, problems);
  if (request === undefined) return;
  const here = [...at, 'request'];
  checkBody(request, load.script !== undefined, here, root, problems);
  checkHttp2(load, { ...path, good, request }, at, root, problems);
  checkRefresh(load, request.headers ?? {}, [...here, 'headers'], engines, root, problems);
  if (request.body !== undefined) checkFeature(load, 'body', [...here, 'body'], engines, root, problems);
  for (const field of ['protocol', 'grpc'] as const) {
    if (request[field] !== undefined) checkFeature(load, 'http2', [...here, field], engines, root, problems);
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
    checkFeature(load, 'refresh', here, engines, root, problems);
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
    if (good[field] !== undefined) checkFeature(load, 'content', [...at, field], engines, root, problems);
  }
}

/** What stands at `at` is a feature that not every engine has. */
function checkFeature(
  { engine, script }: LoadDraft,
  what: LoadFeature,
  at: Path,
  engines: readonly EngineTraits[],
  root: TreeNode,
  problems: Problems,
): void {
  if (engine === undefined && isWritten(root, 'engine')) return;
  const sender = engines.find(({ name }) => name === engine) ?? (engine === undefined ? engines[0] : undefined);
  const refuses = ({ refuses: all }: EngineTraits) =>
    all.find((one) => one.what === what && (one.scripted === undefined || script !== undefined));
  const refusal = sender === undefined ? undefined : refuses(sender);
  if (sender === undefined || refusal === undefined) return;
  const message = refusal.scripted
    ? `${pathText(at)} and spec.load.script do not go together: ${refusal.why}`
    : `${pathText(at)} needs ${engineNames(engines, (one) => refuses(one) === undefined)}, and the engine is ${quoted(sender.name)}: ${refusal.why}`;
  error(problems, 'FIELD_VALUE', spanAt(root, at), message, refusal.instead);
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
