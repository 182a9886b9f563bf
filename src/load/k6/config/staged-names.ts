/* What a run puts beside the files of a script. */

/** What k6 is told to run. */
export const ENTRY = 'faultline-entry.ts';
/** What k6 and its scripts read their configuration from. */
export const CONFIG = 'faultline-config.json';
/** Certificates to trust. */
export const CA_FILE = 'ca.pem';
/** On this machine only: what k6 prints on its console. */
export const CONSOLE_FILE = 'console.log';
