import { PLACE_KINDS, type Place, placeText } from '../../model/place.ts';
import { mapping } from '../../schema/builders.ts';
import { plainName } from '../../schema/names.ts';
import type { Decoded, JsonSchema } from '../../schema/schema.ts';

/** The fields that name a place anywhere; a zone may have its cluster beside it. */
const localityFields = {
  zone: plainName('A zone.', 'ap-northeast-1b'),
  region: plainName('A region: any of its zones.', 'cn-hangzhou'),
  cluster: plainName('A cluster of the targets file; beside a zone, the zone of that cluster alone.', 'tokyo'),
};

/** The fields that name a place of a service's pods. */
export const placeFields = {
  ...localityFields,
  network: plainName("A network: the pods' label topology.istio.io/network, or that of the targets file.", 'vpc-a'),
  workload: plainName(
    'A workload of any cluster: the Deployment, StatefulSet and so on that owns the pods.',
    'mockb-v1',
  ),
  subset: plainName("A subset of the service: pods with its labels in the service's DestinationRules.", 'v1'),
};

type Kind = (typeof PLACE_KINDS)[number];

/** Exactly one place of these kinds. */
export function onePlace(fields: Partial<Record<Kind, unknown>>): JsonSchema {
  const kinds = PLACE_KINDS.filter((kind) => kind in fields);
  const alone = (kind: Kind): JsonSchema => (kind === 'cluster' ? { not: { required: ['zone'] } } : {});
  return { oneOf: kinds.map((kind) => ({ required: [kind], ...alone(kind) })) };
}

/** A place of gateways in a clause. */
export const localitySchema = mapping(
  'A zone, a region or a cluster.',
  { optional: localityFields },
  onePlace(localityFields),
);

/** Where the callers are that a clause speaks of. */
export const callersSchema = mapping('Where the callers are.', {
  required: { zone: plainName('Zone of the callers.', 'ap-northeast-1a') },
  optional: {
    cluster: plainName('Cluster of the callers, where several clusters have a zone of that name.', 'tokyo'),
  },
});

type PlaceDraft = { readonly [K in Kind]?: string | undefined };

/** A place as it was written; undefined where nothing names one. */
function draftOf(draft: PlaceDraft | undefined): Place | undefined {
  const [kind] = PLACE_KINDS.filter((one) => draft?.[one] !== undefined);
  if (draft === undefined || kind === undefined) return undefined;
  const { zone, cluster } = draft;
  if (zone !== undefined) return { zone, ...(cluster !== undefined && { cluster }) };
  return { [kind]: draft[kind] } as Place;
}

/** A place as it was written, by a schema that asks for exactly one. */
export function placeOf(written: Decoded<typeof localitySchema> & PlaceDraft): Place {
  const place = draftOf(written);
  if (place === undefined) throw new TypeError('a place without any name passed the checks');
  return place;
}

/** What tells the place from others, and the field that names it. */
export function placeKey(draft: PlaceDraft | undefined): { readonly key: string | undefined; readonly field: Kind } {
  const place = draftOf(draft);
  const [field = 'zone'] = PLACE_KINDS.filter((kind) => draft?.[kind] !== undefined);
  return { key: place && ('zone' in place ? `zone ${placeText(place)}` : placeText(place)), field };
}
