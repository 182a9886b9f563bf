import type { FaultBlock } from './scenario.ts';

/** The pods of a service in one zone, as far as a first fault depends on them. */
export type StarterAim = {
  readonly cluster: string;
  readonly namespace: string;
  readonly zone: string;
  /** The Deployment that all of them belong to; absent where there is none, or several. */
  readonly deployment?: {
    readonly name: string;
    readonly container: string;
    /** It has no pods elsewhere, and no probe that keeps an old pod until a new one serves. */
    readonly canBeReplaced: boolean;
  };
  /** Labels that all of them have. */
  readonly labels: Readonly<Record<string, string>>;
};

/** A block that takes such pods away, as it is written. */
export type StarterBlock = {
  readonly block: FaultBlock;
  /** The pods stay in the endpoints, so that their callers eject them. */
  readonly ejects: boolean;
};
