import type { Draft } from '../schema/draft.ts';
import { spanAt } from './checks.ts';
import { parseGatewayAddress } from './gateway-address.ts';
import { error, type Problems } from './problems.ts';
import type { TargetsDocument } from './targets-schema.ts';
import { nodeAt, type TreeNode } from './yaml-tree.ts';

type Cluster = NonNullable<NonNullable<NonNullable<Draft<TargetsDocument>['spec']>['clusters']>[number]>;
type Gateway = NonNullable<NonNullable<Cluster['gateways']>[number]>;
type Tls = NonNullable<Cluster['tls']>;

/** Checks what is written about TLS, which stands at `at`, against itself and against the gateways. */
export function checkTls(cluster: Cluster, at: readonly (string | number)[], root: TreeNode, problems: Problems): void {
  checkFields(cluster.tls, [...at, 'tls'], root, problems);
  const gateways = cluster.gateways ?? [];
  for (const [index, gateway] of gateways.entries()) {
    const own = [...at, 'gateways', index, 'tls'];
    checkFields(gateway?.tls, own, root, problems);
    if (gateway?.tls === undefined || protocolOf(gateway) !== 'http') continue;
    error(problems, 'FIELD_VALUE', spanAt(root, own), 'this gateway is spoken to without TLS', HTTPS);
  }
  if (cluster.tls === undefined || gateways.length === 0) return;
  if (gateways.some((gateway) => gateway === undefined || protocolOf(gateway) !== 'http')) return;
  const message = 'no gateway of this cluster is spoken to with TLS';
  error(problems, 'FIELD_VALUE', spanAt(root, [...at, 'tls']), message, HTTPS);
}

const HTTPS = 'write the address as `https://host:port`, or `protocol: https` in the service';

/** Undefined where nobody can tell, because of another problem. */
function protocolOf({ address, service }: Gateway): 'http' | 'https' | undefined {
  return address === undefined ? service?.protocol : parseGatewayAddress(address)?.protocol;
}

function checkFields(tls: Tls | undefined, at: readonly (string | number)[], root: TreeNode, problems: Problems): void {
  if (tls === undefined) return;
  const isWritten = (field: string) => nodeAt(root, [...at, field]) !== undefined;
  for (const [one, other] of [
    ['cert', 'key'],
    ['key', 'cert'],
  ] as const) {
    if (!isWritten(one) || isWritten(other)) continue;
    const message = `a client certificate needs \`cert\` and \`key\`, and \`${other}\` is not there`;
    error(problems, 'FIELD_MISSING', spanAt(root, [...at, one]), message);
  }
  if (tls.insecure !== true || !isWritten('ca')) return;
  const message = '`insecure: true` checks no certificate, so that `ca` has no meaning';
  error(problems, 'FIELD_VALUE', spanAt(root, [...at, 'insecure']), message, 'leave out one of them');
}
