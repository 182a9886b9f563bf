import type { LintFinding, LintReport, LintRule, Severity } from './finding.ts';
import { objectText } from './finding.ts';
import { RULES } from './index.ts';

/** Where the findings are shown: objects of a cluster have no file of their own. */
type Origin = {
  readonly version: string;
  /** The scenario or the targets file; absent for the sandbox and the lab by themselves. */
  readonly file?: string;
};

const LEVEL: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note' };

/** A report as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format): one run, all rules, one result for each finding. */
export function sarifOf({ findings, untold }: LintReport, { version, file }: Origin) {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'faultline', version, rules: RULES.map(ruleOf) } },
        invocations: [
          {
            executionSuccessful: true,
            toolExecutionNotifications: untold.map((text) => ({ level: 'warning', message: { text } })),
          },
        ],
        results: findings.map((finding) => resultOf(finding, file)),
      },
    ],
  };
}

function ruleOf({ id, title, why, change, severity }: LintRule) {
  return {
    id,
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: change },
    defaultConfiguration: { level: LEVEL[severity] },
  };
}

function resultOf({ rule, severity, object, field, what, change }: LintFinding, file: string | undefined) {
  const place = `${objectText(object)}: ${field}`;
  const { cluster, kind, namespace, name } = object;
  const fullyQualifiedName = [cluster, kind, namespace, name, field].filter((part) => part !== '').join('/');
  const physical = file === undefined ? {} : { physicalLocation: physicalOf(file) };
  return {
    ruleId: rule,
    ruleIndex: RULES.findIndex(({ id }) => id === rule),
    level: LEVEL[severity],
    message: { text: `${place}: ${what} Change: ${change}` },
    locations: [{ ...physical, logicalLocations: [{ name, fullyQualifiedName, kind: 'resource' }] }],
    partialFingerprints: { 'faultlineObject/v1': `${rule} ${fullyQualifiedName}` },
  };
}

/** Viewers that want a file are shown the one that led here. */
function physicalOf(file: string) {
  const uri = encodeURI(file.replaceAll('\\', '/'));
  return { artifactLocation: { uri }, region: { startLine: 1 } };
}
