import type { LabVersions } from '../versions.ts';

/** What a lab is: which topology it is laid out by, and what it is built from. */
type LabIdentity = { readonly topology: string; readonly versions: LabVersions };

/** In what a lab that runs is another one than the one that is asked for, in words; undefined where it is the same. */
export function otherThan(running: LabIdentity, asked: LabIdentity): string | undefined {
  const versions = Object.entries(running.versions)
    .filter(([name, version]) => asked.versions[name as keyof LabVersions] !== version)
    .map(([name, version]) => `${name} ${version}`);
  const texts = [
    ...(running.topology === asked.topology ? [] : [`its topology is ${running.topology}, not ${asked.topology}`]),
    ...(versions.length === 0 ? [] : [`it is made of ${versions.join(', ')}`]),
  ];
  return texts.length === 0 ? undefined : texts.join('; ');
}
