import { isConfiguration } from '../../faults/owned/configuration.ts';
import { type ControlPlane, controlPlanes } from '../../observe/control-planes.ts';
import type { PlannedFault } from '../planned-run.ts';
import type { Guard, Ruling } from './guard.ts';

/**
 * What an istiod reads holds for the proxies of all clusters that it serves. Where the targets file leaves out which these are, a fault hits
 * pods that no guard counts.
 */
export const controlPlane: Guard = {
  name: 'control plane',
  check: async ({ inputs, faults }) => {
    const acting = faults.filter(isByIstiod).map(({ plan }) => plan.fault);
    const clusters = [...inputs.clusters.values()].map(({ cluster }) => cluster);
    const untold = clusters.filter(({ configuredBy }) => configuredBy === undefined);
    // One alone has nobody else to be configured by.
    if (acting.length === 0 || untold.length < 2) return [];
    // Where others are said to be configured, somebody has thought of it.
    const configuring = new Set(clusters.map(({ configuredBy }) => configuredBy));
    const found = await controlPlanes(untold, inputs.target.observe.namespaces);
    const open = found.filter(({ name }) => !configuring.has(name));
    return [...open.flatMap((one) => rulingOn(one, acting)), ...unseenText(open.filter(isManaged))];
  },
};

/** Whether a fault acts by an istiod: by what it writes for it to read, or by taking it away. */
function isByIstiod({ plan, spec }: PlannedFault): boolean {
  return spec.move.kind === 'deaf' || plan.permissions.some((one) => one.verb === 'create' && isConfiguration(one));
}

function rulingOn({ name, leave, sharedWith, unread }: ControlPlane, acting: readonly string[]): Ruling[] {
  const lacking = unread.length === 0 ? '' : `; not read: ${unread.join('; ')}`;
  const unseen = `cluster ${name}: no istiod is seen`;
  if (leave !== undefined && sharedWith.length > 0) {
    const detail = `${unseen}, and ${leave}${lacking}: the targets file does not say whose istiod serves its proxies, which may be hit by ${acting.join(', ')} as well`;
    return [{ refused: true, detail, hint: lineText(name, sharedWith) }];
  }
  if (leave !== undefined)
    return [{ refused: false, detail: `${unseen}, and ${leave}, which is no cluster of the target` }];
  if (lacking !== '')
    return [{ refused: false, detail: `cluster ${name}: whose istiod serves its proxies cannot be told${lacking}` }];
  return [];
}

/** Whether it has proxies, and nothing is to be seen of who configures them. */
function isManaged({ hasIstiod, hasSidecars, leave, unread }: ControlPlane): boolean {
  return !hasIstiod && hasSidecars && leave === undefined && unread.length === 0;
}

function unseenText(managed: readonly ControlPlane[]): Ruling[] {
  if (managed.length === 0) return [];
  const names = managed.map(({ name }) => name).join(', ');
  const unless =
    'if that of another cluster of the target serves its proxies, the targets file must say so (configuredBy)';
  const detail = `cluster${managed.length === 1 ? '' : 's'} ${names}: no istiod is seen, as of a managed one: ${unless}`;
  return [{ refused: false, detail }];
}

/** The line that is missing. */
function lineText(name: string, [first = '', ...others]: readonly string[]): string {
  const whose = others.length === 0 ? '' : ` (or ${others.join(', ')}: the one whose istiod it is)`;
  return `Write in the targets file, at cluster ${name}: configuredBy: ${first}${whose}`;
}
