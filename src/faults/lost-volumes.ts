import type { Pod } from '../workload/pods.ts';

/** What is said of pods that go, where they take what they keep with them. */
export function lostVolumesText(pods: readonly Pod[]): string[] {
  const keeping = pods.filter(({ localVolumes }) => localVolumes.length > 0);
  if (keeping.length === 0) return [];
  const each = keeping.map(({ namespace, name, localVolumes }) => `${namespace}/${name} (${localVolumes.join(', ')})`);
  return [`What these pods keep is gone with them for good: ${each.join(', ')}.`];
}
