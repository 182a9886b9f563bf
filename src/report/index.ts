export { anchorOf, SECTIONS, type SectionId } from './anchors.ts';
export { renderJunit } from './junit.ts';
export { renderMarkdown } from './markdown.ts';
export { renderLostLine, renderOneLine } from './one-line.ts';
export { renderHtml } from './page.ts';
export { serializeResult } from './serialize.ts';
export { renderTerminal, type TerminalOptions } from './terminal.ts';
export { inked } from './terminal-text.ts';
export {
  type OneOfMany,
  renderTogetherJunit,
  renderTogetherLine,
  renderTogetherMarkdown,
} from './together.ts';
