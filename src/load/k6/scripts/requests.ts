/// <reference types="k6" />
import { sendAll } from './faultline.ts';

export { options } from './faultline.ts';

/** Run by k6 where a scenario brings no script of its own. */
export default function (): void {
  sendAll();
}
