import { expect } from 'chai';
import { MergeWindow } from './merge-window.ts';

describe('merge window', () => {
  it('delivers an isolated change at once', () => {
    const window = new MergeWindow(1000);
    expect(window.healthChanged(5)).to.equal(true);
    expect(window.dueAt).to.equal(undefined);
  });

  it('holds a second change within the window back for one window, and later ones ride along', () => {
    const window = new MergeWindow(1000);
    window.healthChanged(0);
    expect(window.healthChanged(200)).to.equal(false);
    expect(window.healthChanged(900)).to.equal(false);
    expect(window.dueAt).to.equal(1200);
  });

  it('compares with "more than" one window', () => {
    const window = new MergeWindow(1000);
    window.healthChanged(0);
    expect(window.healthChanged(1000)).to.equal(false);
    const other = new MergeWindow(1000);
    other.healthChanged(0);
    expect(other.healthChanged(1001)).to.equal(true);
  });

  it('is left at once, waiting changes included, when the last delivery is older than the window', () => {
    const window = new MergeWindow(1000);
    window.healthChanged(0);
    window.healthChanged(900);
    expect(window.healthChanged(1100)).to.equal(true);
    expect(window.dueAt).to.equal(undefined);
  });

  it('is opened by an endpoint update too, which takes waiting changes with it', () => {
    const window = new MergeWindow(1000);
    window.healthChanged(0);
    window.healthChanged(10);
    window.delivered(50);
    expect(window.dueAt).to.equal(undefined);
    expect(window.healthChanged(600)).to.equal(false);
    expect(window.dueAt).to.equal(1600);
  });

  it('never holds anything back when it is 0', () => {
    const window = new MergeWindow(0);
    expect([0, 0, 1].map((now) => window.healthChanged(now))).to.deep.equal([true, true, true]);
  });
});
