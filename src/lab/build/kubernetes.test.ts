import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { LAB_VERSIONS } from '../versions.ts';
import { GO_SOURCES } from './go-module.ts';
import { KUBERNETES_COMMANDS, kubernetesGoMod, kubernetesLdflags, kubernetesSteps } from './kubernetes.ts';
import { UPSTREAM } from './testing/fake-machine.ts';

describe('lab/build/kubernetes: how a version becomes pins', () => {
  it('replaces the staging modules by what is published with the release, and leaves the rest to Go', () => {
    expect(kubernetesGoMod('1.35.4', UPSTREAM)).to.equal(`module lab/kubernetes
go 1.25.0
require k8s.io/kubernetes v1.35.4
tool (
\tk8s.io/kubernetes/cmd/kube-apiserver
\tk8s.io/kubernetes/cmd/kube-controller-manager
\tk8s.io/kubernetes/cmd/kube-scheduler
\tk8s.io/kubernetes/cmd/kubelet
\tk8s.io/kubernetes/cmd/kube-proxy
\tk8s.io/kubernetes/cmd/kubectl
)
replace (
\tk8s.io/api => k8s.io/api v0.35.4
\tk8s.io/client-go => k8s.io/client-go v0.35.4
)
`);
  });

  it('says so when a release has no staging modules any more', () => {
    expect(() => kubernetesGoMod('1.37.0', { Go: '1.26.0', Require: [] })).to.throw('its layout has changed');
  });

  it('has pins of its own that are made by the same rule', async () => {
    const text = await readFile(join(GO_SOURCES, 'kubernetes', 'go.mod'), 'utf8');
    const replaced = [...text.matchAll(/^(?:replace |\t)(\S+) => (\S+) v(\S+)$/gm)];
    expect(replaced.length).to.be.above(25);
    for (const [line, from, to, version] of replaced) {
      expect(to, line).to.equal(from);
      expect(version, line).to.equal(LAB_VERSIONS.kubernetes.replace(/^1\./, '0.'));
    }
    const tools = [...text.matchAll(/^(?:tool |\t)k8s\.io\/kubernetes\/cmd\/(\S+)$/gm)].map((match) => match[1]);
    expect(tools).to.have.members([...KUBERNETES_COMMANDS]);
  });

  it('makes the programs say the version', () => {
    const flags = kubernetesLdflags('1.35.4').split(' ');
    expect(flags).to.include('k8s.io/component-base/version.gitVersion=v1.35.4+faultline-lab');
    expect(flags).to.include('k8s.io/client-go/pkg/version.gitMinor=35');
  });

  it('looks pins up only for a version that has none', async () => {
    const names = (version: string) => kubernetesSteps(version, 'go1.26.8').map(({ name }) => name);
    expect(names(LAB_VERSIONS.kubernetes)).to.deep.equal(['kubernetes']);
    expect(names('1.35.4')).to.deep.equal(['kubernetes-pins', 'kubernetes']);
  });
});
