import { serializeResult } from './index.ts';
import { renderHtml, renderJunit, renderMarkdown } from './testing/render.ts';
import { FIXTURES } from './testing/results/index.ts';
import { many } from './testing/results/many.ts';

/*
 * Size and render time of a report of ten million requests: 900 columns, all different, 500 evidence rows, 1,000 changes
 * of the outlier statistics; of one with 1,000 paths, and of one with 400 paths that all fail in each of 20 faults. The time is the median of the rounds after the first; the first is told apart, because a
 * command line renders once.
 */
const ROUNDS = 21;
const MOST_BYTES = 1024 * 1024;
const MOST_MS = 500;

function timed(render: () => string): { first: number; median: number; bytes: number } {
  const times: number[] = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const start = performance.now();
    const text = render();
    times.push(performance.now() - start);
    bytes = Buffer.byteLength(text);
  }
  const [first = 0, ...rest] = times;
  return { first, median: rest.toSorted((a, b) => a - b)[Math.floor(rest.length / 2)] ?? 0, bytes };
}

const SHAPES = { html: renderHtml, junit: renderJunit, markdown: renderMarkdown, json: serializeResult };

const RESULTS = {
  ...FIXTURES,
  'many paths': many({ paths: 1000, faults: 1 }),
  'many paths and faults': many({ paths: 400, faults: 20, allFail: true }),
};

for (const [name, result] of Object.entries(RESULTS)) {
  for (const [shape, render] of Object.entries(SHAPES)) {
    if (shape !== 'html' && name !== 'large') continue;
    const { first, median, bytes } = timed(() => render(result));
    const size = `${(bytes / 1024).toFixed(1)} KiB`;
    console.log(`report/${shape}: ${name} ${size}, first ${first.toFixed(1)} ms, median ${median.toFixed(1)} ms`);
    if (bytes > MOST_BYTES || first > MOST_MS) {
      console.log(`report/${shape}: ${name} MISSED its goal of ${MOST_BYTES} bytes and ${MOST_MS} ms`);
      process.exitCode = 1;
    }
  }
}
