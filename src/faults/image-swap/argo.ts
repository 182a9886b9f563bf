import { KINDS, type KubeObject } from '../../model/kubernetes.ts';
import { type Millis, parseDuration } from '../../model/units.ts';
import { LIMIT_MS } from './limit.ts';

/* What is different about an Argo Rollout: its update may go in steps, wait for people, and be taken back by itself. */

type Step = { readonly pause?: { readonly duration?: number | string }; readonly [kind: string]: unknown };
type Canary = { readonly steps?: readonly Step[]; readonly analysis?: object; readonly trafficRouting?: object };
type BlueGreen = {
  readonly autoPromotionEnabled?: boolean;
  readonly autoPromotionSeconds?: number;
  readonly scaleDownDelaySeconds?: number;
  readonly prePromotionAnalysis?: object;
  readonly postPromotionAnalysis?: object;
};
type Raw = {
  spec?: {
    workloadRef?: { kind?: string; name?: string };
    strategy?: { canary?: Canary; blueGreen?: BlueGreen };
  };
  status?: {
    abort?: boolean;
    message?: string;
    currentPodHash?: string;
    stableRS?: string;
    currentStepIndex?: number;
    pauseConditions?: readonly { reason?: string }[];
  };
};

/** How long the old pods of a blue-green update stay after the promotion (argo-rollouts, DefaultScaleDownDelaySeconds). */
const SCALE_DOWN_DELAY_S = 30;

const partsOf = ({ spec = {}, status = {} }: Raw) => {
  const { canary = {}, blueGreen } = spec.strategy ?? {};
  return { spec, status, canary, blueGreen, steps: blueGreen === undefined ? (canary.steps ?? []) : [] };
};

/** Whether an object is an Argo Rollout. */
export function isRollout({ kind }: { readonly kind: string }): boolean {
  return kind === KINDS.rollout.kind;
}

/** Why the image of a Rollout must not be swapped now, in words; undefined where it may, and for other kinds. */
export function unswappable(object: KubeObject): string | undefined {
  if (!isRollout(object)) return undefined;
  const { spec, status, blueGreen } = partsOf(object as unknown as Raw);
  const { kind = 'Deployment', name = '' } = spec.workloadRef ?? {};
  if (spec.workloadRef !== undefined)
    return `takes its template from ${kind} ${name} (workloadRef), which faultline does not follow`;
  if (status.abort === true)
    return 'is aborted: its pods do not run its template, and putting that back would start the aborted update again';
  const { currentPodHash, stableRS } = status;
  if (stableRS !== undefined && stableRS !== '' && currentPodHash !== stableRS)
    return 'is in the middle of an update, which the fault would end and its undo would start again';
  if (blueGreen?.autoPromotionEnabled === false && blueGreen.autoPromotionSeconds === undefined)
    return 'waits for a person to promote new pods (autoPromotionEnabled: false)';
  return undefined;
}

/** Why a fault does not reach all pods of a Rollout at once, as its strategy has it. */
export function strategyTexts(object: KubeObject): string[] {
  if (!isRollout(object)) return [];
  const { canary, blueGreen, steps } = partsOf(object as unknown as Raw);
  const analysed =
    canary.analysis ??
    blueGreen?.prePromotionAnalysis ??
    blueGreen?.postPromotionAnalysis ??
    steps.find((step) => step.analysis !== undefined || step.experiment !== undefined);
  const told = [
    steps.length > 0 && stepsText(steps),
    blueGreen !== undefined && blueGreenText(blueGreen),
    analysed !== undefined &&
      'has an analysis: where that fails, as the fault may make it, the Rollout aborts and takes the fault back by itself, and the run is inconclusive.',
  ];
  return told.filter((text) => typeof text === 'string');
}

function stepsText(steps: readonly Step[]): string {
  const endless = endlessPause(steps);
  const pausesMs = steps.reduce((sum, { pause }) => sum + durationMs(pause?.duration), 0);
  const text = `updates in ${steps.length} step${steps.length === 1 ? '' : 's'}, so that the fault does not reach all pods at once, `;
  if (endless !== undefined)
    return `${text}and waits at step ${endless + 1} until a person promotes it: till then old pods go on serving, and the fault is not proven. Use podKill, zoneBlackhole or scale.`;
  if (pausesMs >= LIMIT_MS)
    return `${text}and pauses for ${pausesMs / 1000} s in all: the fault is not proven within ${LIMIT_MS / 1000} s. Use podKill, zoneBlackhole or scale.`;
  return `${text}and is proven when the last one is done, within ${LIMIT_MS / 1000} s. The undo after that goes through the same steps.`;
}

/** The first step that pauses until a person goes on. */
function endlessPause(steps: readonly Step[]): number | undefined {
  const at = steps.findIndex(({ pause }) => pause !== undefined && pause?.duration === undefined);
  return at < 0 ? undefined : at;
}

function blueGreenText({ scaleDownDelaySeconds, autoPromotionSeconds = 0 }: BlueGreen): string {
  const delay = (scaleDownDelaySeconds ?? SCALE_DOWN_DELAY_S) + autoPromotionSeconds;
  const late = delay * 1000 >= LIMIT_MS ? `: the fault is not proven within ${LIMIT_MS / 1000} s` : '';
  return (
    'is blue-green: no call reaches new pods until all of them are ready, and then all do at once; the fault is proven ' +
    `when the old pods are gone, ${delay} s or more after that${late}.`
  );
}

/** A bare number is one of seconds. */
function durationMs(duration: number | string = 0): Millis {
  return parseDuration(String(duration)) ?? Number(duration) * 1000;
}

/** What keeps the update of a Rollout from going on until a person does something, in words, with what that is. */
export function held(object: KubeObject): { readonly text: string; readonly command: string } | undefined {
  if (!isRollout(object)) return undefined;
  const { status, steps } = partsOf(object as unknown as Raw);
  const { namespace, name } = object.metadata;
  // As `kubectl argo rollouts promote --full` does: no step and no analysis stands in the way of its template any more.
  const command = `kubectl -n ${namespace} patch rollout/${name} --subresource=status --type=merge -p '{"status":{"promoteFull":true}}'`;
  if (status.abort === true) {
    const message = status.message === undefined ? '' : ` (${status.message})`;
    return { text: `the Rollout has aborted its update${message}`, command };
  }
  const at = status.currentStepIndex ?? 0;
  const isPaused = (status.pauseConditions ?? []).length > 0;
  const isTimed = steps[at]?.pause?.duration !== undefined;
  if (!isPaused || isTimed) return undefined;
  const where = steps.length === 0 ? '' : ` at step ${at + 1} of ${steps.length}`;
  const reasons = (status.pauseConditions ?? []).map(({ reason = '' }) => reason).join(', ');
  return { text: `the Rollout is paused${where} (${reasons})`, command };
}
