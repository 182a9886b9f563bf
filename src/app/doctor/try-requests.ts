import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hrtimeMicros } from '../../load/clock.ts';
import type { Check } from '../../model/engine.ts';
import { isCompleteChain, isGoodStatus, isInTime, isServed, rulesOf, statusRanges } from '../../model/good.ts';
import type { LoadOrder } from '../../model/ports.ts';
import type { Chain, RecordVisitor, RequestRecord } from '../../model/record.ts';
import { decodeLine, emptyRecord } from '../../model/record-codec.ts';
import { type Redact, redactor, tracesOf } from '../../model/redact.ts';
import type { GoodRequest, Scenario } from '../../model/scenario.ts';
import type { Path } from '../../model/target.ts';
import { tlsRemedy } from '../../model/tls-remedy.ts';
import { systemClock } from '../../run/system-clock.ts';
import { resolveTopology } from '../../run/topology.ts';
import { chooseEngine } from '../drill/choose-engine.ts';
import { ENGINE_PORTS } from '../drill/load-cluster.ts';
import { nextRunId } from '../drill/new-run-id.ts';
import { readBodies } from '../files/request-bodies.ts';
import { hiddenTexts, readSecrets, reveal } from '../secrets/secrets.ts';
import { openTokens } from '../secrets/tokens.ts';
import type { OpenTarget } from '../targets/index.ts';

/** Long enough for the first request of each path, and for a connection of its own. */
const SENDING_MS = 1_500;

/**
 * Sends each request of a scenario through every gateway that it names, as a run would and only once or twice, and says what
 * came back. Rejects where nothing can be sent: with what the scenario, the target or the engine lacks.
 */
export async function tryRequests(scenario: Scenario, text: string, file: string, open: OpenTarget): Promise<Check[]> {
  const { load } = scenario;
  if (load.script !== undefined) return [{ what: 'requests', ok: true, optional: true, detail: OWN_SCRIPT }];
  const material = open.gatewayTls(process.env);
  const tokens = await openTokens(text, file);
  const secrets = [...readSecrets(text, file, process.env), ...tokens.secrets];
  const { paths } = await resolveTopology(scenario, open.target, open.clusters);
  const hidden = [...hiddenTexts(secrets, scenario), ...material.secrets.flatMap(tracesOf)];
  const slow = { ...load, ratePerSecond: 1, paths: load.paths.map(({ ratePerSecond: _, ...path }) => path) };
  const sent = { hidden, bodies: readBodies(scenario, secrets), tls: material.of(paths) };
  const folder = mkdtempSync(join(tmpdir(), 'faultline-doctor-'));
  try {
    const order = { load: reveal(slow, secrets, sent), paths, file: join(folder, 'requests.ndjson') };
    await sendFor(SENDING_MS, scenario, open, { ...order, zero: hrtimeMicros(), longestMs: 60_000 });
    return told(order.file, scenario, paths, redactor(hidden));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const OWN_SCRIPT = 'the scenario brings a load script of its own, which only a run starts';

async function sendFor(ms: number, { load }: Scenario, { target }: OpenTarget, order: LoadOrder): Promise<void> {
  const runId = nextRunId();
  const request = { load, target, runId, script: undefined, ports: ENGINE_PORTS };
  const { engine } = await chooseEngine(request, order.paths.length);
  const handle = await engine.start(order);
  await systemClock.sleep(ms);
  await handle.stop();
}

/** The first answer on each path, in words. */
function told(file: string, { load }: Scenario, paths: readonly Path[], redact: Redact): Check[] {
  const first = new FirstAnswers();
  const record = emptyRecord();
  for (const [index, line] of readFileSync(file, 'utf8').split('\n').entries()) {
    if (line !== '') decodeLine(line, index + 1, record, first);
  }
  const rules = rulesOf(load);
  return paths.map(({ id, name }) => {
    const { good } = rules.of(name);
    const answer = first.of(id);
    if (answer === undefined) return { what: `request ${id}`, ok: false, detail: 'no answer', fix: FIX };
    const problem = problemOf(answer, good);
    const detail = redact([answerText(answer), ...(problem === undefined ? [] : [problem])].join('; '));
    return {
      what: `request ${id}`,
      ok: problem === undefined,
      detail,
      ...(problem === undefined ? {} : { fix: fixFor(answer) }),
    };
  });
}

/** The words are not among what is told here: they only choose the advice. */
const fixFor = ({ record, text }: Answer): string => (record.error === 'tls' ? tlsRemedy(text) : FIX);

const FIX = 'Correct host, path, headers or `good` of the scenario, or address and tls of the targets file.';

type Answer = { readonly record: RequestRecord; readonly chain: Chain | undefined; readonly text: string | undefined };

/** Keeps the first record of each path with what it points at. */
class FirstAnswers implements RecordVisitor {
  readonly #paths: string[] = [];
  readonly #chains: Chain[] = [];
  readonly #texts: string[] = [];
  readonly #records = new Map<string, RequestRecord>();

  header(): void {}
  corrupt(): void {}
  path(index: number, id: string): void {
    this.#paths[index] = id;
  }
  chain(index: number, chain: Chain): void {
    this.#chains[index] = chain;
  }
  text(index: number, text: string): void {
    this.#texts[index] = text;
  }
  request(record: RequestRecord): void {
    const id = this.#paths[record.path];
    if (id !== undefined && record.ended !== 'dropped' && !this.#records.has(id)) this.#records.set(id, { ...record });
  }
  of(id: string): Answer | undefined {
    const record = this.#records.get(id);
    return record && { record, chain: this.#chains[record.chain], text: this.#texts[record.text] };
  }
}

function answerText({ record, chain, text }: Answer): string {
  const ms = `${Math.round((record.end - record.start) / 1000)} ms`;
  if (record.ended === 'error') return `${record.error} after ${ms}${text === undefined ? '' : `: ${text}`}`;
  const hops = (chain?.hops ?? []).map(({ service, zone, ip, pod }) => [service, zone || ip || pod].join(' '));
  return [`status ${record.status} in ${ms}`, ...(hops.length === 0 ? [] : [`from ${hops.join(' > ')}`])].join(' ');
}

const statusText = (good: GoodRequest): string =>
  statusRanges(good)
    .map(({ from, to }) => (from === to ? String(from) : `${from} to ${to}`))
    .join(' or ');

/** Why an answer is not a good one; undefined where it is. */
function problemOf({ record, chain, text }: Answer, good: GoodRequest): string | undefined {
  if (record.ended === 'error') return 'not answered';
  const complete = isCompleteChain(chain, good);
  if (isServed(record, complete, good) && isInTime(record, good)) return undefined;
  if (!isGoodStatus(record.status, good)) return `good is status ${statusText(good)}`;
  if (!complete)
    return `the chain is not ${good.chain.join(' > ')}${chain?.rest ? `, but ends with: ${chain.rest}` : ''}`;
  if (text !== undefined) return text;
  return `later than the ${good.latencyMs} ms of a good answer`;
}
