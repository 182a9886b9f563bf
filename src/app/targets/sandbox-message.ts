import type { Beat } from '../../sandbox/pulse/pulse.ts';

/** What the child tells its parent: how the start went, and from then on that it lives. */
export type SandboxMessage =
  | { readonly ready: { readonly targets: string } }
  | { readonly failed: string }
  | { readonly beat: Beat };
