import { expect } from 'chai';
import { authority } from '../../load/testing/authority.ts';
import { parseTargets } from '../../scenario/index.ts';
import { InvalidFile } from '../files/load-files.ts';
import { openPrometheus } from './prometheus.ts';

describe('app/outside/prometheus', () => {
  it('reads its token and authority when a run begins, and says with their place what is missing', () => {
    const text = `apiVersion: faultline/v1alpha1
kind: Targets
metadata: {name: shop}
spec:
  prometheus: {url: "https://127.0.0.1:1", token: {env: TOKEN}, ca: {env: CA}}
  clusters:
    - {name: tokyo, region: r, kubeconfig: ./k, context: tokyo, gateways: [{zone: a, address: "127.0.0.1:80"}]}
`;
    const parsed = parseTargets(text, 'targets.yaml');
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.diagnostics));
    const problems = (env: Record<string, string>): string[] => {
      try {
        openPrometheus(parsed.value, 'targets.yaml', text, env);
        return [];
      } catch (error) {
        if (!(error instanceof InvalidFile)) throw error;
        return error.diagnostics.map(({ code, line, column }) => `${line}:${column} ${code}`).sort();
      }
    };
    const { cert } = authority('own');
    expect(problems({})).to.deep.equal(['5:57 ENV_MISSING', '5:75 ENV_MISSING']);
    expect(problems({ TOKEN: 'a\nb', CA: 'no PEM' })).to.deep.equal(['5:57 FIELD_VALUE', '5:75 FIELD_VALUE']);
    expect(problems({ TOKEN: 's3cr3t-token\n', CA: cert })).to.deep.equal([]);
    const open = openPrometheus(parsed.value, 'targets.yaml', text, { TOKEN: 's3cr3t-token\n', CA: cert });
    expect(open?.secrets).to.include('s3cr3t-token');
    const { prometheus: _, ...without } = parsed.value;
    expect(openPrometheus(without, 'targets.yaml', text, {})).to.equal(undefined);
  });
});
