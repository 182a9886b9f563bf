import { expect } from 'chai';
import { inContext, patchText } from './kubectl.ts';
import { shellQuoted } from './shell.ts';

describe('a command for people', () => {
  const tokyo = { kubectl: { context: 'staging-tokyo' } };

  it('names the context of its cluster in every kubectl', () => {
    expect(inContext('kubectl -n a delete pod/b', tokyo)).to.equal('kubectl --context staging-tokyo -n a delete pod/b');
    expect(inContext("kubectl patch d -p '{}' && kubectl label d x-", tokyo)).to.equal(
      "kubectl --context staging-tokyo patch d -p '{}' && kubectl --context staging-tokyo label d x-",
    );
  });

  it('names the kubeconfig that kubectl would not take by itself', () => {
    const elsewhere = { kubectl: { context: 'tokyo', kubeconfig: '/etc/my clusters/k' } };
    expect(inContext('kubectl get pods && kubectl get nodes', elsewhere)).to.equal(
      "kubectl --kubeconfig '/etc/my clusters/k' --context tokyo get pods && kubectl --kubeconfig '/etc/my clusters/k' --context tokyo get nodes",
    );
  });

  it('is found in a sentence, where it follows a colon, a bracket or a pipe', () => {
    expect(inContext('Zones are labels: kubectl get nodes (kubectl get pods)', tokyo)).to.equal(
      'Zones are labels: kubectl --context staging-tokyo get nodes (kubectl --context staging-tokyo get pods)',
    );
    expect(inContext('istioctl x | kubectl apply -f -', tokyo)).to.equal(
      'istioctl x | kubectl --context staging-tokyo apply -f -',
    );
  });

  it('leaves alone what it quotes for a shell, as the command of a container that a patch puts back', () => {
    const patch = patchText('deployment/d', '{"command":["sh","-c","it\'s: kubectl get x && kubectl get y"]}');
    expect(inContext(`kubectl ${patch}`, tokyo)).to.equal(`kubectl --context staging-tokyo ${patch}`);
    for (const unseen of ["'", '\n', '  ', '##[x]', '\\\u001b']) {
      const word = shellQuoted(`a${unseen}b: kubectl get x | kubectl get y`);
      expect(inContext(`kubectl ${word} && kubectl z`, tokyo)).to.equal(
        `kubectl --context staging-tokyo ${word} && kubectl --context staging-tokyo z`,
      );
    }
    expect(inContext("the pod's nodes: kubectl get nodes", tokyo)).to.contain('kubectl --context staging-tokyo get');
  });

  it('is quoted where a shell would not take the name as one word', () => {
    expect(inContext('kubectl get pods', { kubectl: { context: "a b'c" } })).to.equal(
      "kubectl --context 'a b'\\''c' get pods",
    );
    const arn = 'arn:aws:eks:eu-1:1:cluster/x';
    expect(inContext('kubectl get pods', { kubectl: { context: arn } })).to.equal(`kubectl --context ${arn} get pods`);
  });

  it('stays as it is where it has one, is of something else, or the context is not known', () => {
    for (const command of [
      'kubectl --context other get pods',
      'kubectl --kubeconfig f --context other get pods',
      'faultline recover --run x',
      'Look with kubectl get pods',
    ]) {
      expect(inContext(command, tokyo)).to.equal(command);
    }
    expect(inContext('kubectl get pods', {})).to.equal('kubectl get pods');
  });
});
