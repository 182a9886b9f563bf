import type { LoadEngine, PodCluster } from './ports.ts';
import type { Load } from './scenario.ts';
import type { LoadCluster, Target } from './target.ts';

/** A script and everything it reads, by names relative to a common folder, with slashes. */
export type ScriptFiles = { readonly main: string; readonly files: ReadonlyMap<string, string> };

/** What a scenario may ask of a load beyond plain requests at one rate. */
export type LoadFeature =
  /** A request sends a body of the scenario. */
  | 'body'
  /** A path has a rate of its own. */
  | 'rate'
  /** A header value is read again while the load goes on. */
  | 'refresh'
  /** A good answer says something besides status and chain. */
  | 'content'
  /** A request is sent over HTTP/2, as those of gRPC are. */
  | 'http2';

/** A feature that an engine cannot do. */
export type Refusal = {
  readonly what: LoadFeature;
  /** Only where a user's script sends the requests. */
  readonly scripted?: true;
  /** A clause without a full stop. */
  readonly why: string;
  /** What to do in its place: an imperative without a full stop. */
  readonly instead: string;
};

/** What a scenario must know of an engine to read a load and to check that the engine can send it. */
export type EngineTraits = {
  /** As `spec.load.engine` spells it. */
  readonly name: string;
  /** What it is and needs, as words that complete its name in one sentence of the documentation. */
  readonly doc: string;
  /** How a user's script is run; absent: there is none. */
  readonly script?: Pick<ScriptSupport, 'freshOnly'>;
  /** Whether it keeps a dashboard of its own beside the report. */
  readonly dashboard: boolean;
  /** What a scenario may ask of a load and this engine cannot do; empty: it can do everything. */
  readonly refuses: readonly Refusal[];
  /** Why it needs fresh connections; absent: it sends over kept ones, too. */
  readonly freshOnly?: string;
};

export type ScriptSupport = {
  /** Why a script needs fresh connections. */
  readonly freshOnly: string;
  /** Where its files are put: in a folder like the scenario's, or beside one another, in pods. */
  readonly layout: 'tree' | 'flat';
  /** Names that a run itself has there. */
  readonly taken: readonly string[];
  readonly list: ListLoaded;
};

/** What a script imports and opens while it is loaded: names within the scenario's folder, and all else. */
export type LoadedFiles = { readonly inside: readonly string[]; readonly elsewhere: readonly string[] };

/**
 * Asks the engine itself what a script loads: `main` is its name in the folder. Undefined where nobody is there to ask.
 * Rejects with FaultlineError LOAD where the script cannot be loaded.
 */
export type ListLoaded = (folder: string, main: string) => Promise<LoadedFiles | undefined>;

/** A run that asks for an engine. */
export type EngineRequest = {
  readonly load: Load;
  readonly target: Target;
  readonly runId: string;
  readonly script?: ScriptFiles | undefined;
  readonly ports: EnginePorts;
};

/** What engines reach outside through. */
export type EnginePorts = {
  /** Throws FaultlineError where kubeconfig or context are not there. */
  readonly openCluster: (where: LoadCluster) => PodCluster;
};

/** An engine that can be started; `words` complete "load by …". */
export type OpenEngine = { readonly engine: LoadEngine; readonly words: string };

/** One thing that is there or not, for `faultline doctor`. */
export type Check = {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  /** The command or step that puts it right. */
  readonly fix?: string;
  /** Only some scenarios need it: its absence is said and is no failure. */
  readonly optional?: true;
};

/** One way to send a load. */
export type EngineKind = EngineTraits & {
  readonly script?: ScriptSupport;
  /**
   * Requests per second, of all paths together, that it carries and still measures well; that is what `auto` goes by.
   * Absent: `auto` never takes it.
   */
  carries?(load: Pick<Load, 'connections'>): number;
  /** Rejects with FaultlineError LOAD, with a hint, where it cannot send this load from here. */
  open(request: EngineRequest): Promise<OpenEngine>;
  /** What sends, and what it creates where; lines for people who look at a plan. Empty: faultline itself, and nothing. */
  describe(load: Pick<Load, 'script'>, target: Target): readonly string[];
  /** What it needs, looked at. `target`: undefined where that cannot be opened. Never rejects. */
  doctor(target: Target | undefined, ports: EnginePorts): Promise<readonly Check[]>;
};

/** What `spec.load.engine` says to leave the choice to faultline. */
export const AUTO = 'auto';
