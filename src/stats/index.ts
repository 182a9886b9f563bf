export { betaCdf, betaQuantile, binomialTail, logGamma } from './beta.ts';
export { type Count, chanceExplains, chanceOfGroup, chanceOfMore, noiseLimit } from './compare.ts';
export { type Block, designEffect, LEAST_SAMPLES, lowerLimit, PASS_RISK, samplesToShow, upperLimit } from './share.ts';
