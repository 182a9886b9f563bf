import { ADMISSION } from './conformance/admission.ts';
import { AIM } from './conformance/aim.ts';
import { ALONE } from './conformance/alone.ts';
import { CLAIMS } from './conformance/claims.ts';
import { DEATHS } from './conformance/deaths.ts';
import { EDITED } from './conformance/edits.ts';
import { ERRORS } from './conformance/errors.ts';
import { EXPIRY } from './conformance/expiry.ts';
import { FIELDS } from './conformance/fields.ts';
import { LATE } from './conformance/late.ts';
import { LIFE } from './conformance/life.ts';
import { NEWER_RUN } from './conformance/newer.ts';
import { RIGHTS } from './conformance/rights.ts';
import type { Check } from './conformance/stage.ts';
import { TERMS } from './conformance/terms.ts';
import { THIRDS } from './conformance/thirds.ts';

/** What holds for every kind of fault. */
export const CONFORMANCE: readonly Check[] = [
  ...LIFE,
  ...CLAIMS,
  ...DEATHS,
  ...ALONE,
  ...ERRORS,
  ...LATE,
  ...EDITED,
  ...THIRDS,
  ...FIELDS,
  ...RIGHTS,
  ...TERMS,
  ...AIM,
  ...ADMISSION,
  ...EXPIRY,
  ...NEWER_RUN,
];
