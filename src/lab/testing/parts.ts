import { IMAGES, type LabParts, PROGRAMS, type ProgramName } from '../parts.ts';
import { LAB_VERSIONS } from '../versions.ts';

/** A build that nobody has made: paths for specs of texts and commands. */
export const SOME_PARTS: LabParts = {
  versions: LAB_VERSIONS,
  programs: Object.fromEntries(PROGRAMS.map((name) => [name, `/build/${name}`])) as Record<ProgramName, string>,
  images: Object.values(IMAGES).map((name) => ({ name, archive: `/build/${name.replaceAll('/', '_')}.tar` })),
};
