import { expect } from 'chai';
import type { FaultKind, PermissionRule } from '../../../model/fault.ts';
import type { FaultMove } from '../../../model/fault-move.ts';
import type { Signature, TouchedObject } from '../../../model/history.ts';
import type { FaultBlock } from '../../../model/scenario.ts';
import { blockOf, type Check, stage } from './stage.ts';

// The compiler keeps these lists whole.
const MOVES: Readonly<Record<FaultMove['kind'], true>> = {
  nothing: true,
  rollout: true,
  scale: true,
  'caller-fault': true,
  'inbound-fault': true,
  packets: true,
  deaf: true,
  kill: true,
  removal: true,
  crossings: true,
  untold: true,
};
const SIGNATURES: Readonly<Record<Signature, true>> = {
  ...{ 'stops-serving': true, restarts: true },
  ...{ degrades: true, aside: true, none: true },
};
const SCOPES: Readonly<Record<PermissionRule['scope'], true>> = { namespace: true, cluster: true };
const AHEAD: readonly TouchedObject['state'][] = ['unknown', 'one-shot'];

/** What others decide on is one of the words that they know. */
async function words(kind: FaultKind): Promise<void> {
  for (const { scope } of kind.permissions) expect(SCOPES).to.have.property(scope);
  for (const { scope = 'cluster' } of kind.marks) expect(scope).to.equal('cluster');
  const { plan } = await stage(kind);
  expect(SIGNATURES).to.have.property(plan.signature);
  for (const { state } of plan.objects) expect(AHEAD, 'state of an object before the fault').to.include(state);
}

/** What a fault does to pods is told by its block: what has the name of a field is that field, and nothing is made up. */
async function move(kind: FaultKind): Promise<void> {
  const block = blockOf(kind);
  const said = kind.move(block);
  expect(MOVES).to.have.property(said.kind);
  const { kind: _, ...told } = said.kind === 'untold' ? { ...said, ...said.silenced } : said;
  const fields = Object.entries(told as FaultBlock).filter(([name]) => name in block);
  for (const [name, value] of fields) expect(value, name).to.deep.equal(block[name]);
}

export const TERMS: readonly Check[] = [
  { name: 'plans and asks in the words that others know', check: words },
  { name: 'tells what it does to pods as its block says', check: move },
];
