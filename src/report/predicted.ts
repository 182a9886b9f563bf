import type { ComparedValue, Prediction, PredictionReview, TimeRange } from '../model/prediction.ts';
import { countText, measuredText } from './format.ts';

/** How a compared value came out, in a word. */
export const REVIEW_WORDS: Readonly<Record<ComparedValue['state'], string>> = {
  inside: 'inside',
  missed: 'missed',
  'not-measured': 'not measured',
};

/** A predicted or measured range. */
export function rangeText(range: TimeRange | undefined, unit: ComparedValue['unit']): string {
  return measuredText(range && { ...range, unit });
}

/** Whether the model was right, in one sentence. It says nothing of the system. */
export function reviewText({ predicted, compared }: PredictionReview): string {
  if (predicted.state === 'not-predicted') return `not predicted: ${predicted.reason}`;
  const measured = compared.filter(({ state }) => state !== 'not-measured');
  const missed = measured.filter(({ state }) => state === 'missed').length;
  if (measured.length === 0) return 'nothing that was predicted was measured';
  const inside = `${measured.length - missed} of ${countText(measured.length, 'measured value')} inside what the model said before the run`;
  return missed === 0
    ? inside
    : `${inside}; each miss is a fault of the model, or of what it was told, not of the system`;
}

/** What was taken for granted. */
export function assumedText(predicted: Prediction): string {
  return predicted.state === 'predicted' && predicted.assumptions.length > 0
    ? `Taken for granted: ${predicted.assumptions.join('; ')}.`
    : '';
}

/** Misses first. */
export function worstFirst(compared: readonly ComparedValue[]): readonly ComparedValue[] {
  const rank = { missed: 0, inside: 1, 'not-measured': 2 };
  return compared.toSorted((a, b) => rank[a.state] - rank[b.state]);
}
