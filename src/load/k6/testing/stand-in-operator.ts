import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { KINDS, type KubeObject } from '../../../model/kubernetes.ts';
import { WrittenLog } from '../../../sandbox/api/container-log.ts';
import {
  asMap,
  asObject,
  at,
  clone,
  type JsonMap,
  listOf,
  mapOf,
  mapsOf,
  stringOf,
} from '../../../sandbox/api/json.ts';
import type { ObjectStore } from '../../../sandbox/api/store.ts';
import type { HostedProgram, Programs } from '../../../sandbox/testing/hosted-pods.ts';

/*
 * Does to a sandbox what the k6-operator v1.5 does to a cluster, for specs: initializer, runner pods with execution
 * segments, starter, clean-up. The runners are real k6 processes, whose logs and REST ports the sandbox serves as the pods'.
 */

const MOUNT = '/test/';

export class StandInOperator {
  readonly #binary: string;
  readonly #folder: string;
  readonly #store: () => ObjectStore;
  readonly #children = new Map<string, ChildProcess>();
  readonly #ports = new Map<string, number>();
  #watching = true;
  #work: Promise<void> = Promise.resolve();
  /** Stage that a TestRun is left in when it is seen; undefined: it is run. */
  stuckAt: string | undefined;

  private constructor(binary: string, folder: string, store: () => ObjectStore) {
    this.#binary = binary;
    this.#folder = folder;
    this.#store = store;
  }

  static async start(binary: string, store: () => ObjectStore): Promise<StandInOperator> {
    return new StandInOperator(binary, await mkdtemp(join(tmpdir(), 'faultline-operator-')), store);
  }

  /** For the sandbox: the k6 behind a runner pod. */
  readonly programs: Programs = (pod) => (pod.metadata.labels?.app === 'k6' ? this.#launch(pod) : undefined);

  /** Takes up TestRuns until it is closed. */
  watch(): void {
    this.#work = this.#loop();
  }

  /** Ends the k6 of a runner as a node that dies does. */
  kill(pod: string): void {
    this.#children.get(pod)?.kill('SIGKILL');
  }

  get pods(): string[] {
    return [...this.#children.keys()];
  }

  async close(): Promise<void> {
    this.#watching = false;
    await this.#work;
    for (const child of this.#children.values()) child.kill('SIGKILL');
    await rm(this.#folder, { recursive: true, force: true });
  }

  async #loop(): Promise<void> {
    const seen = new Set<string>();
    while (this.#watching) {
      const runs = this.#store().list(KINDS.testRun);
      const fresh = runs.find((run) => !seen.has(run.metadata.uid ?? ''));
      if (fresh !== undefined) {
        seen.add(fresh.metadata.uid ?? '');
        await this.#take(fresh).catch((error: unknown) => this.#stage(fresh, 'error', String(error)));
      }
      this.#collect(runs);
      await sleep(50);
    }
  }

  /** Runner pods go with their TestRun (in a cluster, by owner references and jobs). */
  #collect(runs: readonly KubeObject[]): void {
    const alive = new Set(runs.map((run) => run.metadata.name));
    for (const pod of this.#store().list(KINDS.pod)) {
      const owner = pod.metadata.labels?.k6_cr;
      if (owner === undefined || alive.has(owner) || pod.metadata.deletionTimestamp !== undefined) continue;
      this.#store().delete({ ...KINDS.pod, namespace: pod.metadata.namespace ?? '', name: pod.metadata.name ?? '' });
    }
  }

  async #take(run: KubeObject): Promise<void> {
    if (this.stuckAt !== undefined) return this.#stage(run, this.stuckAt);
    const spec = mapOf(asMap(run).spec);
    await this.#mount(run, spec);
    this.#stage(run, 'initialization');
    // A TestRun whose initializer fails stays where it is.
    if (!(await this.#initialize(run, spec))) return;
    this.#stage(run, 'initialized');
    const count = Number(spec.parallelism);
    const names = Array.from({ length: count }, (_, index) => this.#createRunner(run, spec, index + 1, count));
    this.#stage(run, 'created');
    for (const name of names) await this.#untilPaused(name);
    for (const name of names) await this.#patch(name);
    this.#stage(run, 'started');
  }

  async #mount(run: KubeObject, spec: JsonMap): Promise<void> {
    const name = stringOf(at(spec, 'script', 'configMap', 'name'));
    const found = this.#store().get({ ...KINDS.configMap, namespace: run.metadata.namespace ?? '', name });
    for (const [file, text] of Object.entries(mapOf(asMap(found ?? run).data))) {
      await writeFile(join(this.#folder, file), stringOf(text));
    }
  }

  /** The initializer: the script is run once without sending, with the variables of the pod. */
  async #initialize(run: KubeObject, spec: JsonMap): Promise<boolean> {
    const pod = mapOf(spec.initializer);
    const script = MOUNT + stringOf(at(spec, 'script', 'configMap', 'file'));
    const variables = mapsOf(pod.env).flatMap(({ name, value }) => ['-e', `${stringOf(name)}=${stringOf(value)}`]);
    const command = ['k6', 'archive', script, ...variables, '-O', `${MOUNT}archive.tar`];
    const name = `${run.metadata.name}-initializer-x0y`;
    this.#createPod(run, name, {}, { name: 'k6', image: stringOf(pod.image), command, env: listOf(pod.env) });
    for (;;) {
      const found = this.#store().get({ ...KINDS.pod, namespace: run.metadata.namespace ?? '', name });
      const phase = stringOf(mapOf(found === undefined ? {} : asMap(found).status).phase);
      if (phase === 'Succeeded' || phase === 'Failed') return phase === 'Succeeded';
      if (!this.#watching || found === undefined) return false;
      await sleep(50);
    }
  }

  #createRunner(run: KubeObject, spec: JsonMap, index: number, count: number): string {
    const name = `${run.metadata.name}-${index}-x${index}y`;
    const runner = mapOf(spec.runner);
    const edge = (part: number) => (part === 0 || part === count ? String(part / count) : `${part}/${count}`);
    const sequence = Array.from({ length: count + 1 }, (_, part) => edge(part)).join(',');
    const segments = [
      `--execution-segment=${edge(index - 1)}:${edge(index)}`,
      `--execution-segment-sequence=${sequence}`,
    ];
    const script = MOUNT + stringOf(at(spec, 'script', 'configMap', 'file'));
    const own = stringOf(spec.arguments).split(' ');
    const tags = ['--tag', `instance_id=${index}`];
    const rest = [script, '--address=0.0.0.0:6565', '--paused', ...tags];
    const command = ['k6', 'run', '--quiet', ...(count > 1 ? segments : []), ...own, ...rest];
    const container = { name: 'k6', image: stringOf(runner.image), command, env: listOf(runner.env) };
    this.#createPod(run, name, { runner: 'true' }, container);
    return name;
  }

  #createPod(run: KubeObject, name: string, more: Record<string, string>, container: JsonMap): void {
    const labels = { app: 'k6', k6_cr: run.metadata.name ?? '', ...more };
    this.#store().create({
      ...KINDS.pod,
      metadata: { name, namespace: run.metadata.namespace ?? '', labels },
      spec: { restartPolicy: 'Never', containers: [container] },
    });
  }

  async #launch(pod: KubeObject): Promise<HostedProgram> {
    const name = pod.metadata.name ?? '';
    const port = await freePort();
    const container = mapOf(mapsOf(mapOf(asMap(pod).spec).containers)[0]);
    const [, ...args] = listOf(container.command).map((part) =>
      this.#here(String(part)).replace('0.0.0.0:6565', `127.0.0.1:${port}`),
    );
    const env = this.#environment(container);
    const child = spawn(this.#binary, args, { cwd: this.#folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const log = new WrittenLog();
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece: Buffer) => log.write(piece));
    const exited = Promise.withResolvers<number>();
    child.once('close', (code) => {
      log.end();
      exited.resolve(code ?? 137);
    });
    if (pod.metadata.labels?.runner === 'true') this.#children.set(name, child);
    this.#ports.set(name, port);
    return { log, ports: { 6565: port }, exited: exited.promise, stop: () => child.kill('SIGTERM') };
  }

  async #untilPaused(name: string): Promise<void> {
    for (;;) {
      const answer = await this.#status(name).catch(() => undefined);
      if (answer?.data.attributes.paused === true) return;
      if (!this.#watching) throw new Error('closed');
      await sleep(50);
    }
  }

  async #status(name: string): Promise<{ data: { attributes: { paused: boolean } } }> {
    const answer = await fetch(`http://127.0.0.1:${this.#ports.get(name)}/v1/status`);
    return (await answer.json()) as { data: { attributes: { paused: boolean } } };
  }

  async #patch(name: string): Promise<void> {
    const body = JSON.stringify({ data: { type: 'status', id: 'default', attributes: { paused: false } } });
    await fetch(`http://127.0.0.1:${this.#ports.get(name)}/v1/status`, { method: 'PATCH', body });
  }

  #stage(run: KubeObject, stage: string, message = ''): void {
    const { namespace = '', name = '' } = run.metadata;
    const live = this.#store().get({ ...KINDS.testRun, namespace, name });
    if (live === undefined) return;
    const next = clone(asMap(live));
    next.status = { stage, conditions: message === '' ? [] : [{ type: 'Error', message }] };
    this.#store().update(asObject(next), { subresource: 'status' });
  }

  #environment(of: JsonMap): Record<string, string> {
    const pairs = mapsOf(of.env).map((entry) => [stringOf(entry.name), this.#here(stringOf(entry.value))]);
    return { HOME: this.#folder, ...Object.fromEntries(pairs) };
  }

  /** The folder stands in for the mount. */
  #here(text: string): string {
    return text.replace(/(^|=)\/test\//, `$1${this.#folder}/`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}
