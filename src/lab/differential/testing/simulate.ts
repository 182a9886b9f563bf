import { type CallResult, call, type Sent } from '../../../mesh/call.ts';
import { ClientProxy } from '../../../mesh/client-proxy.ts';
import { clusterSettings } from '../../../mesh/cluster-config.ts';
import { Debounce } from '../../../mesh/debounce.ts';
import { appDown } from '../../../mesh/inbound.ts';
import { DEFAULT_ISTIO } from '../../../mesh/istio-version.ts';
import { assignPriorities, type Locality, type MeshEndpoint } from '../../../mesh/locality.ts';
import { defaultRetryPolicy } from '../../../mesh/retry.ts';
import type { ClusterSettings } from '../../../mesh/settings.ts';
import type { Random } from '../../../model/ports.ts';
import type { Millis } from '../../../model/units.ts';
import { ManualClock } from '../../../sandbox/testing/manual-clock.ts';
import type { Called } from './caller.ts';
import { meshObjects, NAMESPACE } from './objects.ts';
import type { Outage, Zone } from './outage.ts';
import type { Sample, Seen } from './play.ts';
import type { Change, Recorded } from './record.ts';

/** What the model needs to know of what happened; the rest it has to say. */
type Happened = {
  readonly recorded: Recorded;
  /** When calls were made, and how long answers took then: a busy machine is slow for a while. */
  readonly calls: readonly Called[];
  readonly until: Millis;
};

/** How long before the first call the cluster was there, at least. */
const BEFORE_MS = 10_000;
const SAMPLE_MS = 300;
/** From the moment that a pod is told to go, until its application stops: kubelet and runtime take their time. */
const STOPS_MS = { least: 50, most: 500 };
/** What the two backoffs of a pod that refuses take, on average. */
const RETRIES_MS = 37;
/** istiod's way from its decision to the proxy, on a machine with other things to do. */
const PUSH_MS = 30;

/** What one caller would have seen, under a virtual clock: the same calls at the same times, the same changes of endpoints. */
export async function simulate(outage: Outage, caller: Zone, happened: Happened, random: Random): Promise<Seen> {
  const settings = settingsOf(outage);
  const clock = new ManualClock();
  const lead = BEFORE_MS + random() * (settings.outlier?.intervalMs ?? 0);
  const now = (): Millis => clock.now() / 1000;
  const sleepUntil = (at: Millis): Promise<void> => clock.sleep(lead + at - now());
  const proxy = new ClientProxy({ settings, random, now: 0 });
  const { changes } = happened.recorded;
  const first = changes.findLast(({ at }) => at <= 0);
  const take = ({ endpoints }: Change): void => proxy.setEndpoints(assignment(settings, caller, endpoints), now());
  let latest: Change = first ?? { at: 0, endpoints: [] };
  take(latest);
  const push = async (): Promise<void> => {
    const pushed = latest;
    await clock.sleep(PUSH_MS);
    take(pushed);
  };
  const debounce = new Debounce({ clock, quietMs: 100, longestMs: 10_000, act: () => void push() });
  for (const change of changes.filter(({ at }) => at > 0)) {
    void sleepUntil(change.at).then(() => {
      latest = change;
      debounce.touch();
    });
  }
  const calls: Called[] = [];
  const samples: Sample[] = [];
  const upstream = new Upstream(happened, clock, random, lead);
  for (const { at } of happened.calls) {
    void sleepUntil(at).then(async () => {
      const result = await oneCall(proxy, upstream, clock, random);
      calls.push({ at, tookMs: now() - lead - at, ...told(result, happened.recorded) });
    });
  }
  for (let at = 0; at < happened.until; at += SAMPLE_MS) {
    void sleepUntil(at).then(() => {
      const { active, enforcedTotal: enforced, overflow } = proxy.counters(now());
      samples.push({ at, active, enforced, overflow });
    });
  }
  await clock.advance(lead + happened.until + 20_000);
  debounce.close();
  return { calls: calls.sort((a, b) => a.at - b.at), samples };
}

function settingsOf(outage: Outage): ClusterSettings {
  const objects = meshObjects(outage);
  const of = (kind: string) => objects.filter((object) => object.kind === kind);
  return clusterSettings(
    { destinationRules: of('DestinationRule'), envoyFilters: of('EnvoyFilter'), rootNamespace: 'istio-system' },
    {
      host: `${outage.name}.${NAMESPACE}.svc.cluster.local`,
      port: 8000,
      clientNamespace: 'istio-system',
      clientLabels: {},
      clientKind: 'gateway',
    },
  );
}

function localityOf(zone: Zone): Locality {
  return { region: zone.startsWith('cn') ? 'cn-hangzhou' : 'ap-northeast-1', zone, subzone: '' };
}

function assignment(settings: ClusterSettings, caller: Zone, endpoints: Change['endpoints']) {
  const known: MeshEndpoint[] = endpoints
    .filter(({ ready }) => ready || settings.sendsUnready)
    .map(({ ip, zone, ready }) => ({ address: `${ip}:8000`, locality: localityOf(zone), labels: {}, ready }));
  return assignPriorities({
    client: { locality: localityOf(caller), labels: {} },
    endpoints: known,
    setting: settings.localityLb,
    outlierDetection: settings.outlier !== undefined,
  });
}

/** The pods, as far as a call reaches them. */
class Upstream {
  readonly #recorded: Recorded;
  readonly #calls: readonly Called[];
  readonly #clock: ManualClock;
  readonly #random: Random;
  readonly #lead: Millis;
  readonly #stopsMs: Millis;

  constructor({ recorded, calls }: Happened, clock: ManualClock, random: Random, lead: Millis) {
    this.#recorded = recorded;
    this.#calls = calls;
    this.#clock = clock;
    this.#random = random;
    this.#lead = lead;
    this.#stopsMs = STOPS_MS.least + random() * (STOPS_MS.most - STOPS_MS.least);
  }

  async send(address: string): Promise<Sent<string>> {
    const ip = address.replace(/:\d+$/, '');
    const pod = this.#recorded.pods[ip];
    const at = this.#clock.now() / 1000 - this.#lead;
    await this.#clock.sleep(this.#answerMs(at));
    if (pod === undefined || (pod.goneAt !== undefined && at >= pod.goneAt))
      return { outcome: { kind: 'connect-refused' } };
    const stopped = pod.toldAt !== undefined && at >= pod.toldAt + this.#stopsMs;
    if (pod.kind === 'refuses' || stopped) {
      const random = this.#random;
      const sleep = (ms: Millis): Promise<void> => this.#clock.sleep(ms);
      const { status, body } = await appDown({ istio: DEFAULT_ISTIO, random, sleep });
      return { outcome: { kind: 'response', status }, response: `${status} ${body}` };
    }
    const fails = pod.kind === 'fails' && at >= (pod.failsFrom ?? Number.NEGATIVE_INFINITY);
    const status = fails ? (pod.status ?? 500) : 200;
    return { outcome: { kind: 'response', status }, response: fails ? `${status} -> mock()` : ip };
  }

  /** As long as the call that was made next took, without the retries inside a pod that refuses. */
  #answerMs(at: Millis): Millis {
    const made = this.#calls.find((called) => called.at >= at) ?? this.#calls.at(-1);
    const retries = made?.error?.includes('retried') ? RETRIES_MS : 0;
    return Math.max(0, (made?.tookMs ?? 0) - retries);
  }
}

function oneCall(
  proxy: ClientProxy,
  upstream: Upstream,
  clock: ManualClock,
  random: Random,
): Promise<CallResult<string>> {
  return call<string>({
    proxy,
    route: { retry: defaultRetryPolicy('>=1.24') },
    random,
    now: () => clock.now() / 1000,
    sleep: (ms) => clock.sleep(ms),
    send: (host) => upstream.send(host.endpoint.address),
  });
}

function told(result: CallResult<string>, { changes }: Recorded): { zone: string; ip: string } | { error: string } {
  if (result.kind === 'abandoned') return { error: 'abandoned' };
  if (result.kind === 'local') return { error: `${result.status} ${result.body}` };
  const ip = result.response;
  const zone = changes.flatMap(({ endpoints }) => endpoints).find((endpoint) => endpoint.ip === ip)?.zone;
  return zone === undefined ? { error: ip } : { zone, ip };
}
