import { expect } from 'chai';
import { parseTargets } from './targets.ts';
import { accepted, diagnosticsOf, places } from './testing/fixtures.ts';

function textWith(...configured: readonly (string | undefined)[]): string {
  const clusters = configured.map(
    (by, at) => `    - name: c${at + 1}
      region: r
      kubeconfig: k
      context: c${at + 1}
${by === undefined ? '' : `      configuredBy: ${by}\n`}      gateways: [{zone: z${at + 1}, address: "g:${at + 1}"}]
`,
  );
  const head = 'apiVersion: faultline/v1alpha1\nkind: Targets\nmetadata: {name: remote}\nspec:\n  clusters:\n';
  return `${head}${clusters.join('')}`;
}

const parse = (...configured: readonly (string | undefined)[]) =>
  parseTargets(textWith(...configured), 'somewhere/targets.yaml');

describe('which cluster of a target is configured by which', () => {
  it('is read, one or several by the same', () => {
    const { clusters } = accepted(parse(undefined, 'c1', 'c1'));
    expect(clusters.map(({ configuredBy }) => configuredBy)).to.deep.equal([undefined, 'c1', 'c1']);
  });

  const MISTAKES: readonly [what: string, configured: readonly (string | undefined)[], place: string, hint: RegExp][] =
    [
      ['a cluster that is not there', [undefined, 'tokyo'], '15:21 NAME_UNKNOWN', /`c1`/],
      ['the cluster itself', [undefined, 'c2'], '15:21 FIELD_VALUE', /leave configuredBy out/],
      ['a cluster that another one configures', [undefined, 'c1', 'c2'], '21:21 FIELD_VALUE', /serves both/],
    ];
  for (const [what, configured, place, hint] of MISTAKES) {
    it(`points at ${what}`, () => {
      const diagnostics = diagnosticsOf(parse(...configured));
      expect(places(diagnostics)).to.deep.equal([place]);
      expect(diagnostics[0]?.hint).to.match(hint);
    });
  }
});
