import type { Command, Run } from './command.ts';

/** The steps of a build. */
export type StepName =
  | 'kubernetes-pins'
  | 'kubernetes'
  | 'istio'
  | 'etcd'
  | 'containerd'
  | 'coredns'
  | 'kube-router'
  | 'mock'
  | 'wan'
  | 'pause'
  | 'envoy'
  | `image-${string}`;

/** All that the output of a step depends on: texts by name. Nothing in it names this machine's folders. */
export type Inputs = Readonly<Record<string, string>>;

/** Where a step that is finished has left its files. */
export type OutputOf = (step: StepName) => string;

/** What a step may use while it works. */
export type Tools = {
  /** Runs a command; its words go into the step's log. */
  readonly run: (command: Command) => ReturnType<Run>;
  /** How many compilers may work at the same time; undefined leaves it to Go. */
  readonly jobs: number | undefined;
};

/** One step: what stands in its folder is a function of its inputs. */
export type Step = {
  readonly name: StepName;
  /** For people, for example `Kubernetes 1.36.3: kube-apiserver, kubelet`. */
  readonly what: string;
  /** Asked when all steps before it are finished. */
  inputs(output: OutputOf): Promise<Inputs>;
  /** Fills the folder, which is empty. */
  make(folder: string, tools: Tools, output: OutputOf): Promise<void>;
};
