/** What a lab can do exactly and no Kubernetes API can: each holds until the lab is healed or taken down. */
export const LAB_FAULTS = ['cut-link', 'kill-node', 'freeze-api-server', 'stop-istiod', 'delay', 'loss'] as const;
export type LabFault = (typeof LAB_FAULTS)[number];
