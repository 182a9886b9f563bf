import { expect } from 'chai';
import { EXTENSION_WIRE } from './extension-wire.ts';

const { read } = EXTENSION_WIRE;

describe('load/k6/records/extension-wire: what the extension says', () => {
  it('reads every kind of line', () => {
    expect(read('{"p":1,"n":7,"t0":10,"t1":20,"s":200,"c":3,"f":1}')).to.deep.equal({
      type: 'request',
      path: 1,
      number: 7,
      began: 10,
      judged: 0,
      start: 10,
      end: 20,
      status: 200,
      chain: 3,
      error: undefined,
      words: undefined,
      shortage: undefined,
      fresh: true,
    });
    expect(read('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","f":0}')).to.include({
      error: 'reset',
      chain: -1,
      status: 0,
    });
    expect(read('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","m":"broken pipe","f":0}')).to.deep.include({
      error: 'reset',
      words: { message: 'broken pipe', code: '' },
    });
    expect(read('{"p":0,"n":0,"t0":1,"t1":2,"e":"reset","m":7,"f":0}')).to.include({ words: undefined });
    expect(read('{"p":0,"n":0,"t0":1,"t1":2,"e":"new","f":0}')).to.include({ error: 'other' });
    const short = read('{"p":0,"n":0,"t0":1,"t1":2,"e":"local:EMFILE","f":0}');
    expect(short).to.include({ shortage: 'EMFILE', error: undefined });
    const chain = { hops: [{ service: 'a', zone: 'x', ip: '' }], rest: 'r' };
    expect(read('{"chain":2,"hops":[["a","x",""]],"rest":"r"}')).to.deep.equal({ type: 'chain', index: 2, chain });
    expect(read('{"plan":0,"at":5}')).to.deep.equal({ type: 'first', path: 0, at: 5 });
    expect(read('{"drop":1,"at":6}')).to.deep.equal({ type: 'drop', path: 1, at: 6 });
    expect(read('{"clock":9,"exact":true,"lost":2}')).to.deep.equal({ type: 'clock', at: 9, exact: true, lost: 2 });
    expect(read('{"clock":9}')).to.deep.equal({ type: 'clock', at: 9, exact: false, lost: 0 });
    expect(read('{"peer":0,"ip":"127.0.0.1:80"}')).to.deep.equal({ type: 'peer' });
    expect(read('{"bye":1}')).to.deep.equal({ type: 'end' });
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
      expect(read(text), text).to.equal(undefined);
    }
  });
});
