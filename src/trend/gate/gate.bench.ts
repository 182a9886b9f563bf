import { FAILED, found, OPEN, runOf } from '../testing/runs.ts';
import type { Decision } from './answers.ts';
import { gate, isFinal } from './gate.ts';
import type { Requirements } from './requirements.ts';

/*
 * 10,000 histories (FAULTLINE_HISTORIES) with known truth: each has its own pass rate, distribution of recovery times (with
 * the measured interval around each, and runs that never recovered), share of inconclusive runs, requirement and length; many
 * truths lie right at the bound. Of each, the gate is asked over the whole history and over the one that ends early. How often
 * is it wrong, among those in which it could be?
 */
const HISTORIES = Number(process.env.FAULTLINE_HISTORIES ?? 10_000);

let state = 2026;
function random(): number {
  state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
  return (state + 0.5) / 2 ** 32;
}
const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;

type Truth = {
  readonly requirements: Requirements;
  readonly n: number;
  readonly pass: number;
  readonly inTime: number;
  readonly open: number;
};

function truth(): Truth {
  const passRate = pick([0.7, 0.8, 0.9, 0.95]);
  const quantile = pick([0.5, 0.8, 0.9, 0.95]);
  const near = (bound: number) => pick([bound, bound - 1e-6, Math.min(0.999, bound + 0.03), bound - 0.1, 0.99, 0.5]);
  const which = pick(['passRate', 'recovery', 'both']);
  return {
    requirements: {
      confidence: pick([0.8, 0.9, 0.95]),
      ...(which !== 'recovery' && { passRate }),
      ...(which !== 'passRate' && { recovery: { quantile, withinMs: 5000 } }),
      maxUndecided: { share: 1 },
    },
    n: pick([10, 30, 59]),
    pass: near(passRate),
    inTime: near(quantile),
    open: pick([0, 0, 0.1]),
  };
}

function drawn({ pass, inTime, open }: Truth) {
  if (random() < open) return OPEN_RUN;
  const isLate = random() >= inTime;
  const took = isLate ? 5 + random() * 5 : random() * 5;
  const isMeasured = !isLate || random() < 0.5;
  const recovery = isMeasured
    ? { lo: Math.max(0, took - random() * 0.2), hi: took + random() * 0.2 }
    : { lo: 5.1, hi: null };
  return runOf({ ...(random() < pass ? {} : FAILED), recovery });
}

const { recovery: _, ...OPEN_RUN } = runOf(OPEN);

function isTrue({ requirements: { passRate, recovery }, pass, inTime }: Truth): boolean {
  return (passRate === undefined || pass >= passRate) && (recovery === undefined || inTime >= recovery.quantile);
}

const tallies = new Map<string, { wrong: number; all: number; right: number; runs: number }>();

function count(kind: string, of: Truth, decision: Decision, runs: number): void {
  const truthHolds = isTrue(of);
  const key = `${kind}, confidence ${of.requirements.confidence}, ${truthHolds ? 'true' : 'false'}`;
  const tally = tallies.get(key) ?? { wrong: 0, all: 0, right: 0, runs: 0 };
  tally.all += 1;
  tally.runs += runs;
  if (decision === (truthHolds ? 'not-met' : 'met')) tally.wrong += 1;
  if (decision === (truthHolds ? 'met' : 'not-met')) tally.right += 1;
  tallies.set(key, tally);
}

for (let i = 0; i < HISTORIES; i++) {
  const of = truth();
  const runs = Array.from({ length: of.n }, () => drawn(of));
  count('whole', of, gate(found(...runs), of.requirements).decision, of.n);
  let made = 1;
  while (made < of.n && !isFinal(runs.slice(0, made), of.n - made, of.requirements)) made += 1;
  count('early', of, gate(found(...runs.slice(0, made)), of.requirements).decision, made);
}

const percent = (part: number, all: number): string => `${((100 * part) / all).toFixed(2)} %`;
for (const [key, { wrong, right, all, runs }] of [...tallies].sort()) {
  const risk = 1 - Number(/confidence ([\d.]+)/.exec(key)?.[1]);
  // Three standard deviations of a count whose chance is the risk.
  const isBroken = wrong > all * risk + 3 * Math.sqrt(all * risk * (1 - risk));
  console.log(
    `gate/${key}: wrong ${percent(wrong, all)} of ${all}, right ${percent(right, all)}, ${(runs / all).toFixed(1)} runs${isBroken ? ' MISSED its confidence' : ''}`,
  );
  if (isBroken) process.exitCode = 1;
}
