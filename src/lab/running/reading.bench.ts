// What it costs to read whom a proxy calls, on the lab: time, size, and processor of the API server, by difference to what it
// does meanwhile anyway. node src/lab/running/reading.bench.ts, while a lab is up.
import { KINDS } from '../../model/kubernetes.ts';
import { podStatus } from '../../model/pod-object.ts';
import type { ProxyAdmin } from '../../model/ports.ts';
import { NamedServices } from '../../observe/named.ts';
import { systemClock } from '../../run/system-clock.ts';
import { openLabCluster } from '../testing/running-lab.ts';
import { processFigures } from '../up/proc.ts';
import { LAB_FOLDER, readState, recordedProcesses } from '../up/state.ts';
import { labCondition } from '../up/status.ts';

const SECONDS = 20;
const ROUNDS_PER_SECOND = 8;
const MS_PER_TICK = 10;
const SERVICES = [['mockb'], ['mocka', 'mockb', 'mockc']];

const apiServer = recordedProcesses(readState(LAB_FOLDER) ?? { boot: '', made: [] }).find(
  ({ name }) => name === 'tokyo-kube-apiserver',
)?.pid;

/** Milliseconds of processor that the API server has used. */
const used = (): number => (processFigures(apiServer ?? 0)?.cpuTicks ?? 0) * MS_PER_TICK;

/** Milliseconds of processor in each second without any reading. */
async function idle(): Promise<number> {
  const before = used();
  await systemClock.sleep((SECONDS * 1000) / 2);
  return (used() - before) / (SECONDS / 2);
}

async function read(admins: readonly ProxyAdmin[], page: string) {
  const took: number[] = [];
  let bytes = 0;
  const began = performance.now();
  for (let round = 1; round <= SECONDS * ROUNDS_PER_SECOND; round++) {
    for (const admin of admins) {
      const asked = performance.now();
      bytes += (await admin.get(page)).length;
      took.push(performance.now() - asked);
    }
    const next = began + (round * 1000) / ROUNDS_PER_SECOND;
    await systemClock.sleep(Math.max(0, next - performance.now()));
  }
  return { took: took.sort((a, b) => a - b), bytes, seconds: (performance.now() - began) / 1000 };
}

async function measure(services: readonly string[]): Promise<void> {
  const cluster = openLabCluster('tokyo');
  const all = await cluster.list(KINDS.pod, { namespace: 'default' });
  const pods = all.filter((pod) => podStatus(pod).phase === 'Running');
  const ending = new AbortController();
  const wheres = pods.map(({ metadata }) => ({ namespace: 'default', pod: metadata.name ?? '' }));
  const admins = wheres.map((where) => cluster.proxyAdmin(where, ending.signal));
  const page = new NamedServices({ services, affected: [] }, ['default']).page();
  for (const admin of admins) await admin.get(page);
  const before = await idle();
  const from = used();
  const { took, bytes, seconds } = await read(admins, page);
  const during = used() - from;
  ending.abort();
  const quiet = (before + (await idle())) / 2;
  const at = (share: number) => (took[Math.floor(took.length * share)] ?? 0).toFixed(1);
  const cost = ((during - quiet * seconds) / took.length).toFixed(2);
  const rate = (took.length / seconds).toFixed(0);
  console.log(
    `${services.join(', ')}: ${took.length} readings (${rate}/s), median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, ${(bytes / took.length / 1000).toFixed(1)} KB, ${cost} ms of the API server's processor each (it uses ${quiet.toFixed(0)} ms/s anyway)`,
  );
}

if (labCondition(LAB_FOLDER).kind !== 'up') console.log('no lab is up: not measured');
else for (const services of SERVICES) await measure(services);
