import { expect } from 'chai';
import { fakeSystem } from '../faults/testing/fake-system.ts';
import { type ErrorCode, FaultlineError } from '../model/errors.ts';
import { KINDS } from '../model/kubernetes.ts';
import { requestTrace } from './request-trace.ts';

const POD = { ...KINDS.pod, namespace: 'default', name: 'mockb-1' };
const SHELL = { namespace: 'default', pod: 'mockb-1', container: 'c' };

/** A cluster that refuses what the spec says, as it is followed. */
function followed() {
  const cluster = fakeSystem();
  const trace = requestTrace();
  const errors = new Map<string, FaultlineError>();
  cluster.before = ({ verb }) => {
    const error = errors.get(verb);
    if (error !== undefined) throw error;
  };
  const refuse = (verb: string, code: ErrorCode, said: string) => errors.set(verb, new FaultlineError(code, said));
  return { cluster, trace, seen: trace.follow(cluster), refuse, answer: (verb: string) => errors.delete(verb) };
}

const quietly = (work: Promise<unknown>) => work.catch(() => undefined);

describe('the trace of requests', () => {
  it('keeps the last error that was met, until that very request is answered', async () => {
    const { trace, seen, refuse, answer } = followed();
    expect(trace.lastError()).to.equal(undefined);
    refuse('create', 'PERMISSION_DENIED', 'exec sh: 403 no');
    refuse('list', 'KUBE_API', 'list pods: 500 busy');
    await quietly(seen.exec(SHELL, ['sh']));
    await seen.get(POD);
    expect(trace.lastError(), 'what another request was answered says nothing of it').to.equal('exec sh: 403 no');
    await quietly(seen.list(KINDS.pod, { namespace: 'default' }));
    expect(trace.lastError()).to.equal('list pods: 500 busy');
    await quietly(seen.exec(SHELL, ['sh']));
    expect(trace.lastError(), 'it was refused again').to.equal('exec sh: 403 no');
    answer('list');
    await seen.list(KINDS.pod, { namespace: 'default' });
    expect(trace.lastError()).to.equal('exec sh: 403 no');
  });

  it('hears of proxies, and of a whole try that has failed', async () => {
    const { cluster, trace } = followed();
    cluster.podProxy = () => Promise.reject(new Error('stats: 503'));
    cluster.proxyAdmin = () => ({ get: () => Promise.reject(new Error('port-forward: 403')) });
    const seen = trace.follow(cluster);
    await quietly(seen.podProxy('default', 'mockb-1', 15090, '/stats'));
    expect(trace.lastError()).to.equal('stats: 503');
    expect(trace.soFar()).to.equal('nothing was written; looked at last: get /stats of Pod default/mockb-1');
    await quietly(seen.proxyAdmin(SHELL, new AbortController().signal).get('/stats'));
    expect(trace.lastError()).to.equal('port-forward: 403');
    trace.failed(new FaultlineError('HOOK', './off.sh ended with 1'));
    expect(trace.lastError()).to.equal('./off.sh ended with 1');
  });

  it('takes a kind that is not there for an answer, and no answer for none', async () => {
    const { trace, seen, refuse, answer } = followed();
    refuse('list', 'KIND_NOT_SERVED', 'no such kind');
    await quietly(seen.list(KINDS.pod, { namespace: 'default' }));
    expect([trace.lastError(), trace.isUnanswered()]).to.deep.equal([undefined, false]);
    refuse('get', 'TARGET_UNREACHABLE', 'no answer');
    await quietly(seen.get(POD));
    expect([trace.lastError(), trace.isUnanswered()]).to.deep.equal(['no answer', true]);
    answer('get');
    await seen.get(POD);
    expect([trace.lastError(), trace.isUnanswered()]).to.deep.equal([undefined, false]);
  });
});
