import { parseDocument } from 'yaml';
import { isInboundFault } from '../../../mesh/inbound-faults.ts';
import type { Json } from '../../../model/scenario.ts';
import { isMap, type JsonMap, mapOf, mapsOf, sameJson, stringOf } from '../json.ts';
import { ACTED_ON, type Effect, type Forms, IDLE_KINDS, MESH_CONFIG, REST } from './acted-on.ts';

const ISTIO_NAMESPACE = 'istio-system';

/**
 * What of an object has no effect in the sandbox, in words: a whole kind that nothing acts on, or paths of fields, with the
 * value where it is the value that is not acted upon; all of it where `configuredBy` names another cluster, in which the proxies'
 * configuration is read.
 */
export function withoutEffect(object: JsonMap, configuredBy?: string): string[] {
  const kind = stringOf(object.kind);
  if (configuredBy !== undefined && isConfiguration(object)) {
    return [`nothing here acts on a ${kind}: the proxies are configured by ${configuredBy}`];
  }
  if (IDLE_KINDS.has(kind)) return [`nothing here acts on a ${kind}`];
  if (isMeshConfig(object)) return ofMeshConfig(object);
  const effect = ACTED_ON[kind];
  if (effect === undefined || typeof effect === 'string' || Array.isArray(effect)) return [];
  const { spec } = effect as { readonly spec?: Effect };
  if (spec === undefined || object.spec === undefined) return [];
  const paths = [...below(object.spec, spec, 'spec'), ...unreadFilters(object.spec)];
  return unique(paths).map((path) => `nothing here acts on ${path} of a ${kind}`);
}

/** What an istiod reads in its own cluster only. */
function isConfiguration(object: JsonMap): boolean {
  return stringOf(object.apiVersion).startsWith('networking.istio.io/') || isMeshConfig(object);
}

function isMeshConfig({ kind, metadata }: JsonMap): boolean {
  const { namespace, name } = mapOf(metadata);
  return kind === 'ConfigMap' && namespace === ISTIO_NAMESPACE && name === 'istio';
}

/** HTTP filters of an EnvoyFilter that are put where, or in a way, that nothing here knows: what they leave out counts, too. */
function unreadFilters(spec: Json): string[] {
  const filters = mapsOf(mapOf(spec).configPatches).filter(({ applyTo }) => applyTo === 'HTTP_FILTER');
  return filters.every(isInboundFault) ? [] : ['spec.configPatches'];
}

function ofMeshConfig(object: JsonMap): string[] {
  const document = parseDocument(stringOf(mapOf(object.data).mesh));
  const mesh = document.errors.length > 0 ? undefined : (document.toJS() as Json);
  return unique(below(mapOf(mesh), MESH_CONFIG, '')).map((path) => `nothing here acts on ${path} of MeshConfig`);
}

/** The items of a list are told together. */
function unique(paths: readonly string[]): string[] {
  return [...new Set(paths)];
}

function below(value: Json, effect: Effect, path: string): string[] {
  if (typeof effect === 'string') return [];
  if (Array.isArray(value)) return value.flatMap((item) => below(item, effect, path));
  if (isValues(effect)) {
    return effect.some((one) => sameJson(one, value)) ? [] : [`${path}: ${JSON.stringify(value)}`];
  }
  if (!isMap(value)) return [];
  if (isForms(effect)) {
    const { by, forms } = effect;
    const form = Object.hasOwn(forms, String(value[by])) ? forms[String(value[by])] : undefined;
    return form === undefined ? [`${path}.${by}: ${JSON.stringify(value[by])}`] : below(value, form, path);
  }
  return Object.entries(value).flatMap(([field, item]) => {
    const inner = path === '' ? field : `${path}.${field}`;
    const known = Object.hasOwn(effect, field) ? effect[field] : effect[REST];
    return known === undefined ? [inner] : below(item, known, inner);
  });
}

function isForms(effect: Exclude<Effect, string | readonly Json[]>): effect is Forms {
  return typeof effect.by === 'string';
}

function isValues(effect: Effect): effect is readonly Json[] {
  return Array.isArray(effect);
}
