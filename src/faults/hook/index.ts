import { KINDS } from '../../model/kubernetes.ts';
import { defineFault } from '../define.ts';
import { isHookData } from './actions.ts';
import { schema } from './block.ts';
import { plan } from './plan.ts';
import { byHand, inject, prove, undo } from './steps.ts';

/** Does and undoes something outside of Kubernetes. */
export const hook = defineFault({
  kind: 'hook',
  doc:
    'Runs a command or sends an HTTP request that the scenario brings, for what lies outside of Kubernetes: a zone of a load ' +
    'balancer, DNS, a message queue. `undo` takes it back, and `probe` says whether it is on; the probe also runs for `plan`, ' +
    'and must change nothing. A program that ends with 1 and says something on stderr has broken down, and tells nothing. Programs are started without a shell, in the folder where faultline runs, with PATH, HOME and the ' +
    'variables that `env` names. The plan holds what undo and probe depend on: that folder, by which `./nlb-zone.sh` is the same file wherever ' +
    '`recover` is called, PATH, by which a program without a folder is looked for, HOME, and a seal of the value of each variable that ' +
    'they are given, in `env` or in a header, which only this user on this machine can make. They are run there and with these. Where the folder is gone, or a variable ' +
    'has another value or none, nothing is run, the fault stays open, and what to put right is said. The plan does not hold what is in files, those of the programs included. Each is over when it has ended itself, whatever it has started and left running; it is ended at `limit`, with all that it has started in its process group; what brings the fault and ' +
    'the probe after it also as soon as the run is told to end, which then begins its undo at once; and also when ' +
    'faultline itself is killed, so that nothing brings the fault after it was recovered; only an undo that is under way ' +
    'then goes on, up to its limit. Nothing ends a program that has made a session of its own (`setsid`), nor what a server makes ' +
    'of a request that was given up on its way. A request goes to the address that is written and follows no redirect. Plans keep names of ' +
    'variables, never their values, nor a digest that others could try values against. A Job in the cluster stands for the fault while it may be on, so that `recover` ' +
    'finds it; but commands are run only by the user who planned them, on the same machine, because what stands in a ' +
    'cluster others can write: elsewhere `recover` tells first the command and its folder, to be run by hand, and exits with 5 until ' +
    '`--accept-current` says that it is off, and closes it, which deletes the Job: that the Job is gone tells nobody that it is off. Where the cluster is gone (a sandbox that has ended with its run; else where a person says so: ' +
    '`--accept-current --only cluster/<name>`), the local journal of the same user is believed without the Job. Where it is not undone, run and `recover` tell its command and folder.',
  row: {
    does: 'runs a command or an HTTP request of the scenario, for what lies outside of Kubernetes (NLB, DNS)',
    undo: "runs the scenario's own undo until its probe says off",
    deadMan: 'it stays until `faultline recover` by the same user on the same machine, or the undo by hand',
  },
  schema,
  move: () => ({
    kind: 'untold',
    why: 'it acts outside of Kubernetes, where nothing tells what comes of it',
  }),
  example: {
    cluster: 'tokyo',
    namespace: 'default',
    hits: { app: 'mockb', version: 'ap-northeast-1a' },
    effect: 'stops-serving',
    inject: { command: ['./nlb-zone.sh', 'out', 'ap-northeast-1a'] },
    undo: { command: ['./nlb-zone.sh', 'in', 'ap-northeast-1a'] },
    probe: { command: ['./nlb-zone.sh', 'is-out', 'ap-northeast-1a'] },
    env: ['NLB_TOKEN'],
  },
  permissions: [
    { kind: KINDS.job, verbs: ['get', 'create', 'delete'], undo: ['get', 'delete'], scope: 'namespace' },
    { kind: KINDS.pod, verbs: ['list'], scope: 'namespace' },
    { kind: KINDS.node, verbs: ['list'], scope: 'cluster' },
  ],
  marks: [{ kind: KINDS.job, resource: 'job', ours: true }],
  isData: isHookData,
  plan,
  inject,
  prove,
  undo,
  byHand,
});
