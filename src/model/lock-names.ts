/**
 * Names of the Lease that is the lock of a cluster, and of the ConfigMaps with the plans of a run and with a freeze. They are fixed, so that all who share a
 * cluster meet at the same objects whatever their targets files allow faults to touch. Only the namespace can be set, for
 * a team that gets no Role in the usual one.
 */
export const LOCK_NAMES = { lease: 'faultline', plans: 'faultline-run', freeze: 'faultline-freeze' } as const;
