import { expect } from 'chai';
import { exitWords } from '../local/exit-reason.ts';
import { readWire } from './extension-wire.ts';

describe('load/k6/wire: what the extension says', () => {
  it('reads every kind of line', () => {
    expect(readWire('{"p":1,"n":7,"t0":10,"t1":20,"s":200,"c":3,"f":1}')).to.deep.equal({
      type: 'request',
      path: 1,
      number: 7,
      start: 10,
      end: 20,
      status: 200,
      chain: 3,
      error: undefined,
      words: undefined,
      shortage: undefined,
      fresh: true,
    });
    expect(readWire('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","f":0}')).to.include({
      error: 'reset',
      chain: -1,
      status: 0,
    });
    expect(readWire('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","m":"broken pipe","f":0}')).to.deep.include({
      error: 'reset',
      words: { message: 'broken pipe', code: '' },
    });
    expect(readWire('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","m":7,"f":0}')).to.include({ words: undefined });
    expect(readWire('{"p":0,"n":0,"t0":1,"t1":2,"e":"new","f":0}')).to.include({ error: 'other' });
    const short = readWire('{"p":0,"n":0,"t0":1,"t1":2,"e":"local:EMFILE","f":0}');
    expect(short).to.include({ shortage: 'EMFILE', error: undefined });
    const chain = { hops: [{ service: 'a', zone: 'x', ip: '' }], rest: 'r' };
    expect(readWire('{"chain":2,"hops":[["a","x",""]],"rest":"r"}')).to.deep.equal({ type: 'chain', index: 2, chain });
    expect(readWire('{"plan":0,"at":5}')).to.deep.equal({ type: 'plan', path: 0, at: 5 });
    expect(readWire('{"drop":1,"at":6}')).to.deep.equal({ type: 'drop', path: 1, at: 6 });
    expect(readWire('{"clock":9,"exact":true,"lost":2}')).to.deep.equal({ type: 'clock', at: 9, exact: true, lost: 2 });
    expect(readWire('{"clock":9}')).to.deep.equal({ type: 'clock', at: 9, exact: false, lost: 0 });
    expect(readWire('{"peer":0,"ip":"127.0.0.1:80"}')).to.deep.equal({ type: 'peer' });
    expect(readWire('{"bye":1}')).to.deep.equal({ type: 'bye' });
  });

  it('refuses what is none', () => {
    for (const text of [
      '',
      'x',
      'null',
      '7',
      '{}',
      '{"p":0,"n":1}',
      '{"p":0,"n":-1,"t0":1,"t1":2}',
      '{"plan":0}',
      '{"drop":0}',
      '{"chain":0}',
      '{"chain":-1,"hops":[]}',
      '{"chain":0.5,"hops":[]}',
      '{"chain":0,"hops":"x"}',
    ]) {
      expect(readWire(text), text).to.equal(undefined);
    }
  });

  it('has words for the ends of k6', () => {
    expect(exitWords(107, null)).to.equal('exit code 107, the script failed while it was loaded');
    expect(exitWords(99, null)).to.equal('exit code 99, a threshold of the script was crossed');
    expect(exitWords(98, null)).to.equal('exit code 98, a code that is not known');
    expect(exitWords(null, null)).to.equal('signal unknown');
    expect(exitWords(7, null)).to.equal('exit code 7, a code that is not known');
    expect(exitWords(null, 'SIGKILL')).to.equal('signal SIGKILL');
  });
});
