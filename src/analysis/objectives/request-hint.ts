import type { ChainPattern } from '../../model/scenario.ts';
import { tlsRemedy } from '../../model/tls-remedy.ts';
import type { Case } from '../facts/case.ts';
import { areMostly, type Group, OTHER_CHAIN } from '../facts/failure-groups.ts';

/** What to correct in scenario or targets file where requests fail although nothing was injected, by how they fail. */
const REMEDIES: readonly (readonly [begins: string, hint: string])[] = [
  ['dns', 'The name of the gateway has no address on this machine: correct the address in the targets file.'],
  [
    'unreachable',
    'There is no way from this machine to the address of the gateway: correct it in the targets file, or run where it can be reached.',
  ],
  [
    'status 404',
    'Nothing serves this request at the gateway: compare its host and path with the VirtualService and with the application.',
  ],
  ['status 401', 'The request has no valid credentials: headers of load.paths take them from the environment.'],
  ['status 403', 'The request is not allowed: compare it with the AuthorizationPolicy and with the application.'],
  ['wrong content', 'The answers say something else than good of the scenario asks for: compare the two.'],
];

const CHAIN =
  'The answers name other services than good.chain of the scenario does, or none: correct it, or leave it out where answers carry no chain (docs/requests.md).';

const ANYWHERE =
  'The answers hold hops as load.chain writes them, between other text: `anywhere: true` in load.chain looks for them there (docs/requests.md).';

const isTls = ({ cause }: Group): boolean => cause === 'tls';

/** The remedy for what most of some failures are; nothing where it is not one of these. `is`: failures before any fault. */
export function requestHint(run: Case, is: (group: Group) => boolean): string | undefined {
  const groups = run.listeners.failures.list(is);
  const { load } = run.facts.header.scenario;
  if (areMostly(groups, ({ cause }) => cause.includes(OTHER_CHAIN)))
    return areMostly(groups, ({ example }) => standsIn(load.chain, example.chain?.rest ?? '')) ? ANYWHERE : CHAIN;
  if (areMostly(groups, isTls)) return tlsRemedy(run.collector.texts[groups.find(isTls)?.text ?? -1]);
  return REMEDIES.find(([begins]) => areMostly(groups, ({ cause }) => cause.startsWith(begins)))?.[1];
}

/** Whether a text without a hop has all that is written around the values of one, in its order: only then is it looked for. */
function standsIn({ hop, anywhere }: ChainPattern, rest: string): boolean {
  const [lead = '', ...others] = hop.split(/\{\w+\}/);
  if (anywhere === true || lead === '') return false;
  let at = 0;
  return [lead, ...others].every((part) => {
    const found = rest.indexOf(part, at);
    at = found + part.length;
    return found >= 0;
  });
}
