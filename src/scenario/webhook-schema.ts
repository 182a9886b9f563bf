import { WEBHOOK_EVENTS } from '../model/target.ts';
import { list, mapping, withDefault, word } from '../schema/builders.ts';
import { environmentName } from './env-schema.ts';

/** A webhook of a targets file. */
export const webhook = mapping('An address that is told what runs do, and cannot change what becomes of them.', {
  required: {
    kind: word('json: one object is posted to the address. grafana: an annotation to the API there.', [
      'json',
      'grafana',
    ]),
    url: mapping('Where the address stands: that of a chat is a secret.', {
      required: { env: environmentName('DRILL_WEBHOOK') },
    }),
  },
  optional: {
    token: mapping('Where the bearer token stands.', { required: { env: environmentName('GRAFANA_TOKEN') } }),
    on: withDefault(
      list('What it is told of.', word('An event.', WEBHOOK_EVENTS), { minItems: 1, maxItems: WEBHOOK_EVENTS.length }),
      WEBHOOK_EVENTS,
    ),
  },
});
