/** The targets that have a name of their own; anything else that `--target` says is a targets file. */
export const TARGET_NAMES = ['sandbox', 'lab'] as const;

export type TargetName = (typeof TARGET_NAMES)[number];

/** What a command means that is told of no target. */
export const DEFAULT_TARGET: TargetName = 'sandbox';

/** What `--target` takes, for people. */
export const TARGET_CHOICE = `${TARGET_NAMES.join(', ')}, or a targets file that names your clusters`;
