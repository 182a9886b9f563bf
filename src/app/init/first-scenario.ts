import { readForLint } from '../../lint/read.ts';
import type { RequestTemplate } from '../../model/scenario.ts';
import { resolveTopology } from '../../run/topology.ts';
import { starterScenario } from '../../scenario/index.ts';
import { servicesIn, suggest } from '../../starter/suggest.ts';
import { withAnswers } from '../../starter/with-answers.ts';
import type { OpenTarget } from '../targets/index.ts';
import { askGateways } from './ask-gateways.ts';

/** A scenario written for a target, the namespace that its fault touches, and what whoever reads it should know. */
type FirstScenario = { readonly text: string; readonly namespace: string; readonly notes: readonly string[] };

/** Chooses one of the Services of a mesh. */
export type ChooseService = (services: readonly string[]) => Promise<string>;

/**
 * Reads the mesh of a target and writes a scenario for a Service of it (`namespace/name`, a name, or one that a gateway
 * leads to). Its request is sent twice through every gateway, to see what a good answer is. Nothing is changed.
 */
export async function firstScenario(
  open: OpenTarget,
  service: string | undefined,
  choose: ChooseService | undefined,
): Promise<FirstScenario> {
  const clusters = [...open.clusters.values()].map(({ cluster }) => cluster);
  const system = await readForLint(clusters, open.target, undefined);
  const services = servicesIn(system);
  const wanted = service ?? (services.length < 2 ? undefined : await choose?.(services));
  const suggestion = suggest(system, wanted);
  const { request } = suggestion.starter;
  const asked: RequestTemplate = { ...request, headers: {} };
  const load = { paths: [{ name: 'entry', request: asked, via: 'each-gateway-zone' as const }] };
  const { paths } = await resolveTopology({ load }, open.target, open.clusters);
  const answers = await askGateways(paths, open.gatewayTls(process.env).of(paths), request);
  const { starter, notes } = withAnswers(suggestion, answers, system.live.pods);
  const [namespace = ''] = (starter.services[starter.service] ?? '').split('/');
  return { text: starterScenario(starter), namespace, notes };
}
