/// <reference types="k6" />
import faultline from 'k6/x/faultline';

/*
 * Run by k6, not by Node: one k6 scenario for each path, and each iteration is one request. What to send and how often is
 * in the file the harness has written.
 */
const { options: planned, client } = JSON.parse(open(__ENV.FAULTLINE_CONFIG ?? ''));
faultline.open(JSON.stringify(client));

/** Read by k6. */
export const options = planned;

/** One iteration: the next request of this scenario's path. */
export function send(): void {
  faultline.request(Number(__ENV.FAULTLINE_PATH));
}
