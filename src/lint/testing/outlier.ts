/** `outlierDetection` of the vendor page, in YAML. */
export const OUTLIER =
  'outlierDetection: {consecutive5xxErrors: 1, splitExternalLocalOriginErrors: true, consecutiveLocalOriginFailures: 1, interval: 30s, baseEjectionTime: 5m, maxEjectionPercent: 100}';
