import { createHash } from 'node:crypto';

export const SECTIONS = [
  'verdict',
  'timeline',
  'order',
  'recovery',
  'budget',
  'latency',
  'ejections',
  'prediction',
  'evidence',
  'reproduce',
  'rollback',
] as const;
export type SectionId = (typeof SECTIONS)[number];

const LONGEST_ANCHOR = 120;
const SECTION_SET: ReadonlySet<string> = new Set(SECTIONS);

/**
 * The anchor of a finding or an evidence row: its id, as far as it is safe in an address. The same id always gives
 * the same anchor, so a command line may print `report.html#<anchor>` without having the page.
 */
export function anchorOf(id: string): string {
  const safe = id.replace(/[^A-Za-z0-9._/@:-]/gu, (char) => `~${(char.codePointAt(0) ?? 0).toString(16)}`);
  if (SECTION_SET.has(safe) || safe === '' || safe.startsWith('ui-')) return `${safe}~`;
  if (safe.length <= LONGEST_ANCHOR) return safe;
  const hash = createHash('sha256').update(id).digest('hex').slice(0, 12);
  return `${safe.slice(0, LONGEST_ANCHOR)}~${hash}`;
}

/** Which anchors exist on the page, so that no link leads nowhere and no id is given twice. */
export type Anchors = {
  /** The address of a finding, evidence row or section; undefined when it is not on the page. */
  readonly link: (id: string) => string | undefined;
};

/** The anchors of the findings and evidence rows that are on the page. */
export function anchorsOf(rows: readonly { readonly id: string }[]): Anchors {
  const known = new Set<string>(SECTIONS);
  for (const { id } of rows) known.add(anchorOf(id));
  return {
    link: (id) => {
      const bare = id.startsWith('#') ? id.slice(1) : id;
      const anchor = SECTION_SET.has(bare) ? bare : anchorOf(bare);
      return known.has(anchor) ? `#${anchor}` : undefined;
    },
  };
}

/** The positions of rows that may carry their id: the first of several with the same one. */
export function firstById(rows: readonly { readonly id: string }[]): ReadonlySet<number> {
  const seen = new Set<string>();
  const kept = new Set<number>();
  for (const [at, { id }] of rows.entries()) {
    const anchor = anchorOf(id);
    if (!seen.has(anchor)) kept.add(at);
    seen.add(anchor);
  }
  return kept;
}
