import { readFileSync, writeFileSync } from 'node:fs';
import { expect } from 'chai';

/** Compares a text with the file that holds it, by its path from the root or its URL; UPDATE_GOLDEN=1 writes the file first. */
export function expectGolden(file: string | URL, text: string): void {
  if (process.env.UPDATE_GOLDEN === '1') writeFileSync(file, text);
  expect(readFileSync(file, 'utf8')).to.equal(text);
}
