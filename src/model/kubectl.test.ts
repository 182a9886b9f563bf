import { expect } from 'chai';
import { inContext } from './kubectl.ts';

describe('a command for people', () => {
  const tokyo = { context: 'staging-tokyo' };

  it('names the context of its cluster in every kubectl', () => {
    expect(inContext('kubectl -n a delete pod/b', tokyo)).to.equal('kubectl --context staging-tokyo -n a delete pod/b');
    expect(inContext("kubectl patch d -p '{}' && kubectl label d x-", tokyo)).to.equal(
      "kubectl --context staging-tokyo patch d -p '{}' && kubectl --context staging-tokyo label d x-",
    );
  });

  it('is quoted where a shell would not take the name as one word', () => {
    expect(inContext('kubectl get pods', { context: "a b'c" })).to.equal("kubectl --context 'a b'\\''c' get pods");
    const arn = 'arn:aws:eks:eu-1:1:cluster/x';
    expect(inContext('kubectl get pods', { context: arn })).to.equal(`kubectl --context ${arn} get pods`);
  });

  it('stays as it is where it has one, is of something else, or the context is not known', () => {
    for (const command of [
      'kubectl --context other get pods',
      'faultline recover --run x',
      'Look with kubectl get pods',
    ]) {
      expect(inContext(command, tokyo)).to.equal(command);
    }
    expect(inContext('kubectl get pods', {})).to.equal('kubectl get pods');
  });
});
