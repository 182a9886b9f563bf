/** Kubernetes' own: what runs there keeps the cluster alive, the undo of a fault included. */
const SYSTEM_NAMESPACES = ['kube-system', 'kube-public', 'kube-node-lease'];

/** Whether a namespace is Kubernetes' own, which no fault and no undo may touch. */
export const isSystemNamespace = (name: string): boolean => SYSTEM_NAMESPACES.includes(name);
