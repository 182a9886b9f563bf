import { expect } from 'chai';
import type { Changes } from './changes.ts';
import { badOf, type ContractTarget, type Reply, zonesOf } from './target.ts';

export const A = 'ap-northeast-1a';
export const B = 'ap-northeast-1b';
export const H = 'cn-hangzhou-h';
export const K = 'cn-hangzhou-k';
export const ZONES = [A, B, H, K];
/** Requests through one gateway; what was measured is said of so many. */
export const COUNT = 40;

export type FieldStage = { readonly target: ContractTarget; readonly changes: Changes };
/** One configuration that was met in the field, and what a real mesh was measured to do with it. */
export type FieldCase = { readonly name: string; readonly run: (stage: FieldStage) => Promise<void> };

/** The outlier detection of the vendor page, in one line. */
export const OUTLIER =
  '{ consecutive5xxErrors: 1, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 1, interval: 30s, baseEjectionTime: 5m, maxEjectionPercent: 100 }';

/** A DestinationRule of mockb, from its spec without the host. */
export function rule(spec: string, { name = 'mockb', namespace = 'default', host = 'mockb' } = {}): string {
  return `
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: ${name}, namespace: ${namespace} }
spec: { host: "${host}", ${spec} }`;
}

/** Routes of mockb inside the mesh. */
export function routes(http: string): string {
  return `
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: mockb, namespace: default }
spec: { hosts: [mockb], http: ${http} }`;
}

/** Applies to both clusters and lets it arrive. */
export async function apply({ target, changes }: FieldStage, manifests: string): Promise<void> {
  await changes.apply(manifests);
  await target.settle();
}

export async function breakDown({ target, changes }: FieldStage, service: string, zone: string): Promise<void> {
  await changes.breakDown('tokyo', `${service}-${zone}`);
  await target.settle();
}

/**
 * Makes a change with callers in the first zone that are new before and after it, and new again when it is taken back: an
 * application keeps its connections, and a sidecar carries them on as it began, whatever its listeners are by then.
 */
export async function withFreshCallers({ target, changes }: FieldStage, change: () => Promise<void>): Promise<void> {
  await changes.labelPods('tokyo', `mocka-${A}`, { fresh: 'first' });
  await change();
  await target.settle();
  await changes.labelPods('tokyo', `mocka-${A}`, { fresh: 'second' });
  await target.knownToDns(A);
}

/** All callers of a service are served in their own zone. */
export async function home(
  { target }: FieldStage,
  service = 'mockb',
  zones: readonly string[] = [A, B, H],
): Promise<void> {
  for (const zone of zones) {
    expect(zonesOf(await target.ask(zone, COUNT), service), `from ${zone}`).to.deep.equal({ [zone]: COUNT });
  }
}

/** After a first error or two everything of a zone is served by another one. */
export async function failedOver({ target }: FieldStage, from: string, to: string, service = 'mockb'): Promise<void> {
  const replies = await target.ask(from, COUNT);
  expect(badOf(replies), show(replies)).to.be.within(0, 3);
  expect(zonesOf(replies, service)[to] ?? 0, show(replies)).to.be.at.least(COUNT - 3);
}

/** A service is served by every zone, none of them preferred. */
export function spread(replies: readonly Reply[], service: string, zones: readonly string[] = ZONES): void {
  const counts = zonesOf(replies, service);
  const least = replies.length / zones.length / 4;
  for (const zone of zones) expect(counts[zone] ?? 0, show(replies)).to.be.at.least(least);
}

export function show(replies: readonly Reply[]): string {
  const counts = new Map<string, number>();
  for (const { status, hops, text } of replies) {
    const line = hops.length === 3 ? hops.map(({ zone }) => zone).join(' ') : `${status} ${text.slice(-120)}`;
    counts.set(line, (counts.get(line) ?? 0) + 1);
  }
  return [...counts].map(([line, count]) => `${count} x ${line}`).join('\n');
}
