export { alteredCluster } from '../../faults/altered-cluster.ts';
