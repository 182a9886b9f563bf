import { expect } from 'chai';
import { FaultlineError } from '../../model/errors.ts';
import type { FaultPlan } from '../../model/fault.ts';
import type { Outside, OutsideAction } from '../../model/ports.ts';
import type { FaultBlock, Json } from '../../model/scenario.ts';
import { alteredCluster } from '../altered-cluster.ts';
import { blockOf } from '../testing/conformance/stage.ts';
import { fakeContext, fakeSystem } from '../testing/fake-system.ts';
import { errorOf, planWith } from '../testing/steps.ts';
import { hook } from './index.ts';

const COMMANDS = { inject: { command: ['on'] }, undo: { command: ['off'] }, probe: { command: ['look'] } };
const URL = 'https://api.example/zones';
const BY_HAND =
  'run this first, in /drills, where the scenario says the same (whoever may write its plan may have made it up): off';

/** An outside that answers as it is told. */
function saying(
  answer: (action: OutsideAction) => { code: number; said?: string; stderr?: string },
  asked: OutsideAction[] = [],
): Outside {
  return {
    act: async (action, { seeks }) => {
      asked.push(action);
      const { said = '', ...end } = answer(action);
      return { ...end, said, ...(seeks === undefined ? {} : { has: said.includes(seeks) }) };
    },
    seal: async (text) => text,
    surroundings: async () => ({ programs: { folder: '/drills', always: {} }, values: {} }),
    obstacles: async () => [],
  };
}

function actionsIn({ data }: FaultPlan): { readonly [field: string]: Json } {
  return (data as { readonly actions: { readonly [field: string]: Json } }).actions;
}

async function on() {
  const cluster = fakeSystem();
  const plan = await planWith(hook, cluster, COMMANDS);
  await hook.inject(plan, fakeContext(cluster));
  return { cluster, plan };
}

describe('the block of a hook', () => {
  const read = (fields: FaultBlock) => blockOf({ ...hook, example: { ...hook.example, ...fields } });

  it('takes a command or a request, and a probe by HTTP must say what is looked for', () => {
    const headers = { authorization: { env: 'TOKEN', prefix: 'Bearer ' }, accept: 'text/plain' };
    expect(read({ inject: { url: URL, headers } }).inject).to.deep.equal({ url: URL, headers, method: 'POST' });
    expect(read({ probe: { url: URL, method: 'GET', says: 'OUT' } }).probe).to.deep.include({ says: 'OUT' });
    const wrong: FaultBlock[] = [
      { inject: { url: URL, command: ['x'] } },
      { inject: {} },
      { inject: { url: 'ftp://x' } },
      { probe: { url: URL } },
      { env: ['A B'] },
      { limit: '6m' },
    ];
    for (const fields of wrong) expect(() => read(fields), JSON.stringify(fields)).to.throw();
  });
});

describe('the plan of a hook', () => {
  it('says what is run, and is refused where the probe says that it is on already', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(hook, cluster, { ...COMMANDS, inject: { command: ['on', "it's", 'zone a'] } });
    expect(plan.summary).to.equal(
      "run on 'it'\\''s' 'zone a'; it is said to hit 1 pod (app=mockb,version=ap-northeast-1a)",
    );
    await cluster.outside.act({ command: ['on'] }, { env: [], limit: 1, outlives: false });
    expect(await errorOf(planWith(hook, cluster, COMMANDS))).to.contain(
      'FAULT_CONFLICT: fault broken: its probe says that it is on already',
    );
  });

  it('keeps names of variables only, and refuses a secret header that is written out', async () => {
    const request = {
      url: URL,
      method: 'PUT',
      headers: { authorization: { env: 'TOKEN', prefix: 'Bearer ' }, accept: 'text/plain' },
      body: 'a',
    };
    const { data, warnings } = await planWith(hook, fakeSystem(), { ...COMMANDS, undo: request });
    expect(JSON.stringify(data)).to.contain('{"name":"authorization","env":"TOKEN","prefix":"Bearer "}');
    expect(warnings[0]).to.contain(
      `curl -fsS -X PUT -H 'authorization: Bearer '"$TOKEN" -H 'accept: text/plain' --data a ${URL}`,
    );
    const written = { ...request, headers: { authorization: 'Bearer abc' } };
    expect(await errorOf(planWith(hook, fakeSystem(), { ...COMMANDS, undo: written }))).to.contain(
      'FIELD_VALUE: the header authorization of a hook must come from the environment',
    );
  });
});

describe('a hook', () => {
  it('is on or off as its probe says, and neither where it says something else', async () => {
    const { cluster, plan } = await on();
    const prove = (code: number, said = '', stderr = '') =>
      errorOf(
        hook
          .prove(plan, {
            ...fakeContext(cluster),
            outside: { ...saying(() => ({ code, said, stderr })), seal: cluster.outside.seal },
          })
          .then(({ proven }) => Promise.reject(new Error(`proven ${proven}`))),
      );
    expect(await prove(0)).to.equal('Error: proven true');
    expect(await prove(0, 'a warning', 'a warning'), 'a warning').to.equal('Error: proven true');
    expect(await prove(1)).to.equal('Error: proven false');
    expect(await prove(1, 'it is off'), 'words on stdout').to.equal('Error: proven false');
    expect(await prove(1, 'it is off\nTypeError: x', 'TypeError: x'), 'it has broken down').to.contain(
      'HOOK: probe: look ended with 1 and said on stderr: TypeError: x: 1 means off only where it is silent there',
    );
    expect(await prove(2, 'no such zone')).to.contain('HOOK: probe: look ended with 2: no such zone');
  });

  it('is not undone where its probe breaks down', async () => {
    const { cluster, plan } = await on();
    const outside = saying((action) =>
      'command' in action && action.command[0] === 'look' ? { code: 1, stderr: 'ECONNREFUSED' } : { code: 0 },
    );
    const context = { ...fakeContext(cluster), outside: { ...outside, seal: cluster.outside.seal } };
    expect(await errorOf(hook.undo(plan, context))).to.contain(
      'HOOK: probe: look ended with 1 and said on stderr: ECONN',
    );
  });

  it('by HTTP is on where an answer of 2xx has the text', async () => {
    const probe = { url: URL, method: 'GET', says: '"OUT"' };
    const answers = { code: 200, said: '{"zone":"IN"}' };
    const outside = saying(() => answers);
    const context = { ...fakeContext(fakeSystem()), outside };
    const spec = { ...blockOf(hook), ...COMMANDS, probe } as FaultBlock;
    const plan = await hook.plan({ name: 'broken', spec }, context);
    expect((await hook.prove(plan, context)).proven).to.equal(false);
    answers.said = '{"zone":"OUT"}';
    expect((await hook.prove(plan, context)).proven).to.equal(true);
    answers.code = 302;
    expect(await errorOf(hook.prove(plan, context))).to.contain(`HOOK: probe: ${URL} answered 302`);
  });

  it('is not run by another user or on another machine: the command is named', async () => {
    const { cluster, plan } = await on();
    const asked: OutsideAction[] = [];
    const elsewhere = {
      ...fakeContext(cluster),
      outside: { ...saying(() => ({ code: 0 }), asked), seal: async () => 'x' },
    };
    const { state, detail, first, commands } = await hook.undo(plan, elsewhere);
    expect([state, asked], 'a person has to decide').to.deep.equal(['conflict', []]);
    expect(detail).to.contain('its commands are not run on the word of its plan');
    expect([first, commands], 'none to paste, and none that only hides it').to.deep.equal([BY_HAND, []]);
    expect(await errorOf(hook.inject(plan, elsewhere))).to.contain('JOURNAL');
    expect(await errorOf(hook.prove(plan, elsewhere))).to.contain('JOURNAL');
    expect(asked).to.deep.equal([]);
    expect(asked).to.deep.equal([]);
  });

  it('is open for another user whose Job somebody has deleted, whatever has become of it: nobody there can look', async () => {
    const { cluster, plan } = await on();
    const seal = async () => 'x';
    const elsewhere = { ...fakeContext(cluster), outside: { ...cluster.outside, seal } };
    for (const key of cluster.objects.keys()) if (key.startsWith('Job ')) cluster.objects.delete(key);
    for (const context of [elsewhere, { ...elsewhere, plansGone: true as const }]) {
      const { state, detail, first, objects, commands, stands } = await hook.undo(plan, context);
      expect([state, first, commands, stands]).to.deep.equal(['conflict', BY_HAND, [], true]);
      expect(detail).to.contain(
        'its Job is not there, which does not tell that it is off; it was planned by another user',
      );
      expect(objects.map((object) => object.state)).to.deep.equal(['conflict']);
    }
  });

  it('of another user that is undone by a request is told without a folder', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(hook, cluster, { ...COMMANDS, undo: { url: URL, method: 'PUT' } });
    const outside = { ...cluster.outside, seal: async () => 'x' };
    expect((await hook.undo(plan, { ...fakeContext(cluster), outside })).first).to.equal(
      'run this first, where the scenario says the same (whoever may write its plan may have made it up): ' +
        `curl -fsS -X PUT ${URL}`,
    );
  });

  it('is not undone while the probe says that it is on, and what is on without its Job is told', async () => {
    const { cluster, plan } = await on();
    const stuck = { ...fakeContext(cluster), outside: { ...saying(() => ({ code: 0 })), seal: cluster.outside.seal } };
    const { state: stays, detail } = await hook.undo(plan, stuck);
    expect([stays, detail]).to.deep.equal([
      'failed',
      'it was undone, and the probe still says that it is on; it was left alone',
    ]);
    const context = fakeContext(cluster, AbortSignal.abort());
    const probe = saying(() => ({ code: context.now() > 10e6 ? 1 : 0 }));
    const later = { ...context, outside: { ...probe, seal: cluster.outside.seal } };
    expect((await hook.undo(plan, later)).state, 'in a hurry').to.equal('undone');
    for (const key of cluster.objects.keys()) if (key.startsWith('Job ')) cluster.objects.delete(key);
    const { state, commands } = await hook.undo(plan, fakeContext(cluster));
    expect([state, commands[0]]).to.deep.equal(['conflict', 'cd /drills && off']);
  });

  it('says that what its undo has started goes on', async () => {
    const { cluster, plan } = await on();
    const act: Outside['act'] = async (action, options) => ({
      ...(await cluster.outside.act(action, options)),
      left: true,
    });
    const context = { ...fakeContext(cluster), outside: { ...cluster.outside, act } };
    const { state, detail } = await hook.undo(plan, context);
    expect([state, detail]).to.deep.equal([
      'undone',
      'it was undone, and the probe says that it is off; what its program had started goes on, and holds its output',
    ]);
  });

  it('runs nothing where what its undo depends on is another, and stays open', async () => {
    const { cluster, plan } = await on();
    const asked: OutsideAction[] = [];
    const obstacles = async () => ['the variable TOKEN has another value than when this was planned: set it'];
    const context = {
      ...fakeContext(cluster),
      outside: { ...saying(() => ({ code: 0 }), asked), seal: cluster.outside.seal, obstacles },
    };
    const { state, detail, commands } = await hook.undo(plan, context);
    expect([state, detail]).to.deep.equal([
      'failed',
      'nothing was run: the variable TOKEN has another value than when this was planned: set it, and recover again; it was left alone',
    ]);
    expect(commands[0]).to.equal('cd /drills && off');
    for (const key of cluster.objects.keys()) if (key.startsWith('Job ')) cluster.objects.delete(key);
    const without = await hook.undo(plan, context);
    expect([without.state, without.detail.slice(0, 60)], 'a person may have undone it').to.deep.equal([
      'conflict',
      'its Job is not there, and it may be on; nothing was run: the',
    ]);
    expect(asked).to.deep.equal([]);
  });

  it('is done and undone in the surroundings of its plan, which the seal vouches for', async () => {
    const cluster = fakeSystem();
    const seen: unknown[] = [];
    const outside: Outside = {
      ...cluster.outside,
      seal: async (text) => text,
      surroundings: async (actions, env) => ({ programs: null, values: { [env.join()]: JSON.stringify(actions) } }),
      act: async (action, options) => {
        seen.push(options.surroundings);
        return cluster.outside.act(action, options);
      },
    };
    const context = { ...fakeContext(cluster), outside };
    const spec = { ...blockOf(hook), ...COMMANDS, env: ['TOKEN'] } as FaultBlock;
    const plan = await hook.plan({ name: 'broken', spec }, context);
    const surroundings = { programs: null, values: { TOKEN: JSON.stringify([COMMANDS.undo, COMMANDS.probe]) } };
    await hook.inject(plan, context);
    const { surroundings: _, ...without } = actionsIn(plan);
    for (const actions of [{ ...without, surroundings: { ...surroundings, values: {} } }, without]) {
      const forged = { ...plan, data: { ...(plan.data as object), actions } };
      expect((await hook.undo(forged, context)).detail).to.contain('planned by another user or on another machine');
    }
    expect((await hook.undo(plan, context)).state).to.equal('undone');
    expect(seen, 'probe, inject, undo, probe').to.deep.equal(Array(4).fill(surroundings));
  });

  it('of an older version, whose plan does not tell where, is undone here, and that is said', async () => {
    const { cluster, plan } = await on();
    const { surroundings: _, ...actions } = actionsIn(plan);
    const seal = await cluster.outside.seal(JSON.stringify(actions));
    const older = { ...(plan.data as object), actions, seal };
    expect(hook.isData(older)).to.equal(true);
    for (const surroundings of ['x', null, { programs: {}, values: {} }, { programs: null, values: [] }]) {
      expect(hook.isData({ ...older, actions: { ...actions, surroundings } })).to.equal(false);
    }
    const { state, detail } = await hook.undo({ ...plan, data: older }, fakeContext(cluster));
    expect([state, detail]).to.deep.equal([
      'undone',
      'it was undone, and the probe says that it is off. Its plan is of an older version and does not tell in which folder and with ' +
        'which values it was done: the folder and the variables of this process were taken',
    ]);
  });

  it('does nothing where there is no way to the outside', async () => {
    const { cluster, plan } = await on();
    const { outside: _, ...inside } = fakeContext(cluster);
    for (const step of [hook.inject, hook.prove, hook.undo]) {
      expect(await errorOf(step(plan, inside) as Promise<unknown>)).to.contain('INTERNAL: a hook was given no way');
    }
  });

  it('ends with its runner, but for an undo, within its limit', async () => {
    const { cluster, plan } = await on();
    const seen: string[] = [];
    const act: Outside['act'] = async (action, { limit, outlives }) => {
      seen.push(`${'command' in action && action.command[0]} ${limit} ${outlives}`);
      return cluster.outside.act(action, { env: [], limit, outlives });
    };
    const context = { ...fakeContext(cluster), outside: { ...cluster.outside, act } };
    await hook.inject(plan, context);
    await hook.prove(plan, context);
    await hook.undo(plan, context);
    expect(seen).to.deep.equal(['on 30000 false', 'look 30000 false', 'off 30000 true', 'look 30000 false']);
  });

  it('is ended when the run is told to end, its undo is not, and one look needs no time', async () => {
    const { cluster, plan } = await on();
    const stop = new AbortController();
    const asked: string[] = [];
    const act: Outside['act'] = async (action, { signal, ...options }) => {
      asked.push(`${'command' in action && action.command[0]} ${signal === stop.signal ? 'ends' : signal}`);
      return cluster.outside.act(action, options);
    };
    const outside = { ...cluster.outside, act };
    const context = { ...fakeContext(cluster), outside, signal: stop.signal };
    await hook.inject(plan, context);
    await hook.prove(plan, context);
    expect((await hook.prove(plan, { ...context, signal: AbortSignal.abort() })).proven).to.equal(true);
    await hook.undo(plan, context);
    expect(asked).to.deep.equal(['on ends', 'look ends', 'look undefined', 'off undefined', 'look undefined']);
  });

  it('does and undoes nothing once its runner does not hold the cluster any more', async () => {
    const { cluster, plan } = await on();
    const asked: OutsideAction[] = [];
    const mayWrite = async () => {
      throw new FaultlineError('LEASE_LOST', 'another run holds it');
    };
    const outside = { ...saying(() => ({ code: 0 }), asked), seal: cluster.outside.seal };
    const context = { ...fakeContext(cluster), cluster: alteredCluster(cluster, { mayWrite }), outside };
    for (const step of [hook.inject, hook.undo]) {
      expect(await errorOf(step(plan, context) as Promise<unknown>)).to.contain('LEASE_LOST: another run holds it');
    }
    expect(asked).to.deep.equal([]);
    expect((await hook.prove(plan, context)).proven, 'a look is free').to.equal(true);
  });

  it('says what a failed command said', async () => {
    const cluster = fakeSystem();
    const plan = await planWith(hook, cluster, COMMANDS);
    const failing = saying(({ ...action }) => ({
      code: 'command' in action && action.command[0] === 'on' ? 4 : 1,
      said: 'quota of https://joe:pw@cloud.example',
    }));
    const context = { ...fakeContext(cluster), outside: { ...failing, seal: cluster.outside.seal } };
    expect(await errorOf(hook.inject(plan, context))).to.contain(
      'HOOK: inject: on ended with 4: quota of https://[redacted]@cloud.example',
    );
  });
});
