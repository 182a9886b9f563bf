import type { LintRule } from '../finding.ts';

const HEAD = `# Lint before harm

\`faultline lint --target staging.yaml\` reads the mesh and the workloads of all clusters of a target and names what will
make failover fail: the object, the field, why by Istio's or Envoy's own rules, and the change that mends it. Nothing is
written, and no Secret is read. \`faultline lint drill.yaml --target staging.yaml\` narrows it to the services of the
scenario's chain and adds what hangs on its rate, faults and promises. \`doctor\` and \`plan\` show its errors, too; what
they exit with does not hang on them.

| severity | means |
| --- | --- |
| error | Failover will not work as meant. |
| warning | It will not where something is so that cannot be known from here. |
| info | Worth knowing; nothing needs to be wrong. |

A rule says the severity of its row at most. Without a scenario nobody tells who calls whom: a call is *known* where the
scenario's chain or a gateway's route makes it (error), *configured* where a DestinationRule or VirtualService is for just
that host (warning), and else only possible (info).

Exit codes: 0 without an error, 1 with one, 2 for a scenario that is not valid, 3 where the target cannot be read.
\`--output json\` has everything; \`--output sarif\` is SARIF 2.1.0 for code scanning.

It reads what a prediction reads ([prediction.md](prediction.md)), mesh configuration where \`configuredBy\` of the targets file has it read: Nodes, Pods, Services, EndpointSlices, DestinationRules, VirtualServices,
Gateways, Sidecars, EnvoyFilters and MeshConfig, and of \`istio-system\` its Services and its label, for networks and their gateways. Beside it, where it is allowed: Deployments, HorizontalPodAutoscalers,
PodDisruptionBudgets, the ConfigMap \`istio-ca-root-cert\`, and of istiod's statistics (\`pods/proxy\`) how many clusters it knows. A
rule that lacks what it needs is silent, and that is said under *Could not be told*. It knows no more than the
[mesh model](mesh-model.md), and nothing of namespaces that \`observe\` does not name.

This table is made from the rules themselves in [\`src/lint/rules\`](../src/lint/rules); a new one is a file there and a line in
\`src/lint/index.ts\`.

| rule | severity | what | why | change |
| --- | --- | --- | --- | --- |
`;

/** The documentation of the rules, in Markdown. */
export function lintPage(rules: readonly LintRule[]): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = rules.map(({ id, severity, title, why, change }) =>
    [`\`${id}\``, severity, title, why, change].map(cell).join(' | '),
  );
  return `${HEAD}${rows.map((row) => `| ${row} |\n`).join('')}`;
}
