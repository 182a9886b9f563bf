import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import type { FaultlineError } from '../model/errors.ts';
import { GO_SOURCES } from './build/go-module.ts';
import { GO_MINIMUM, LAB_VERSIONS, labVersions, type VersionOverrides } from './versions.ts';

const MODULES = {
  kubernetes: { path: 'k8s.io/kubernetes', version: LAB_VERSIONS.kubernetes },
  istio: { path: 'istio.io/istio', version: LAB_VERSIONS.istio },
  etcd: { path: 'go.etcd.io/etcd/server/v3', version: LAB_VERSIONS.etcd },
  containerd: { path: 'github.com/containerd/containerd/v2', version: LAB_VERSIONS.containerd },
  coredns: { path: 'github.com/coredns/coredns', version: LAB_VERSIONS.coredns },
  'kube-router': { path: 'github.com/cloudnativelabs/kube-router/v2', version: LAB_VERSIONS.kubeRouter },
};

const goMod = (name: string): Promise<string> => readFile(join(GO_SOURCES, name, 'go.mod'), 'utf8');

describe('lab/versions', () => {
  it('are those that the wrapper modules pin, with their checksums', async () => {
    for (const [name, { path, version }] of Object.entries(MODULES)) {
      expect(await goMod(name), name).to.match(new RegExp(`^(require|\\t)\\s?${path} v${version}( |$)`, 'm'));
      const sums = await readFile(join(GO_SOURCES, name, 'go.sum'), 'utf8');
      expect(sums, name).to.contain(`${path} v${version} h1:`);
    }
  });

  it('need no newer Go than what the machine is asked for', async () => {
    for (const name of [...Object.keys(MODULES), 'mock', 'pause', 'wan']) {
      expect(/^go (\S+)$/m.exec(await goMod(name))?.[1], name).to.equal(GO_MINIMUM);
    }
  });

  it('take another Kubernetes and another Envoy, and nothing else', () => {
    expect(labVersions()).to.deep.equal(LAB_VERSIONS);
    expect(labVersions({ kubernetes: '1.35.4', envoy: '1.40.0' })).to.deep.equal({
      ...LAB_VERSIONS,
      kubernetes: '1.35.4',
      envoy: '1.40.0',
    });
  });

  it('refuse what cannot work, with an example', () => {
    const refusal = (overrides: VersionOverrides): FaultlineError => {
      try {
        labVersions(overrides);
      } catch (error) {
        return error as FaultlineError;
      }
      return expect.fail(`${JSON.stringify(overrides)} was taken`);
    };
    for (const version of ['1.35', 'v1.35.4', '1.33.9', '1.38.0', '2.36.0', '1.36.3 ', 'latest', '1.36.3-rc.1', '']) {
      const { code, message, hint } = refusal({ kubernetes: version });
      expect(code).to.equal('USAGE');
      expect(message).to.equal(`--kubernetes ${version}: the lab cannot be built with that`);
      expect(hint).to.equal('Kubernetes 1.34 to 1.37, with all three numbers, for example 1.36.3');
    }
    for (const version of ['1.35.9', '1.41.0', '1.38']) expect(refusal({ envoy: version }).code).to.equal('USAGE');
  });
});
