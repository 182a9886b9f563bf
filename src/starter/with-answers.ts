import type { LivePod } from '../predict/live-system.ts';
import type { Answer } from './answer-texts.ts';
import { MOCK_HOP } from './hop-templates.ts';
import { recognise, type Told } from './recognise.ts';
import type { Suggestion } from './suggest.ts';

/** A suggestion with what the gateways have answered to its request: status, and who gave the answer where that is told. */
export function withAnswers(suggestion: Suggestion, answers: readonly Answer[], pods: readonly LivePod[]): Suggestion {
  const { starter, notes, entry } = suggestion;
  const statuses = [...new Set(answers.map(({ status }) => status))];
  const [status = 0] = statuses;
  const request = `${starter.request.method} ${starter.request.path}`;
  if (answers.length === 0)
    return { ...suggestion, notes: [...notes, `No gateway has answered ${request}: ${CORRECT}`] };
  if (statuses.length > 1 || status < 200 || status >= 400)
    return {
      ...suggestion,
      notes: [...notes, `The gateways answer ${request} with status ${statuses.join(', ')}: ${CORRECT}`],
    };
  const wanted = starter.services[starter.service] ?? '';
  const told = recognise(answers, pods, { entry, wanted });
  const chain = told === undefined ? undefined : namesOf(told);
  if (told === undefined || chain === undefined)
    return { ...suggestion, starter: { ...starter, status }, notes: [...notes, UNTOLD] };
  const isMock = told.pattern.from.kind === 'body' && told.pattern.hop === MOCK_HOP;
  const services = Object.fromEntries(told.services.map((service, index) => [chain[index], service]));
  return {
    ...suggestion,
    starter: { ...starter, status, chain, services, ...(isMock ? {} : { pattern: told.pattern }) },
  };
}

const CORRECT = 'correct request and host, and try again with `faultline doctor FILE --target TARGETS`.';
const UNTOLD =
  'No answer says in a way that was recognised which pod or zone of the service gave it: a good answer is one with the right status, which is weak. The file says what to write where one does.';

/** What the chain calls its Services; undefined where two namespaces have one of the same name. */
function namesOf({ services }: Told): readonly string[] | undefined {
  const names = services.map((service) => service.slice(service.indexOf('/') + 1));
  return new Set(names).size === names.length ? names : undefined;
}
