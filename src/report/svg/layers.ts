import { type Html, html } from '../html.ts';

/** What lies below the guides of a chart, and the texts that lie above them. */
export type Layers = { readonly marks: Html; readonly titles: Html };

/** Several drawings as one. */
export function stacked(parts: readonly Layers[]): Layers {
  return { marks: html`${parts.map(({ marks }) => marks)}`, titles: html`${parts.map(({ titles }) => titles)}` };
}
