import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { FaultlineError, messageOf } from '../../model/errors.ts';
import { jsonText } from '../../model/visible.ts';
import { makeFolders, writeWhole } from '../../store/run-folder.ts';
import type { FoundRuns } from '../../trend/gate/found.ts';
import { groupsOf } from '../../trend/gate/gate.ts';
import { renderBadge } from '../../trend/page/badge.ts';
import { renderHistory } from '../../trend/page/page.ts';
import { trendOf } from '../../trend/page/summary.ts';
import type { RecordedRun } from '../../trend/recorded-run.ts';

type HistoryFiles = { readonly html: string; readonly json: string; readonly badge: string };

/** Writes the page, the badge and the JSON of many runs into a folder. Throws USAGE for a file, and RUN_FOLDER. */
export function writeHistory(folder: string, found: FoundRuns): HistoryFiles {
  const files = {
    html: join(folder, 'history.html'),
    json: join(folder, 'history.json'),
    badge: join(folder, 'badge.svg'),
  };
  const groups = groupsOf(found.runs);
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === false) {
    throw new FaultlineError('USAGE', `${folder}: no folder`, { hint: 'Name the folder for the page: --out DIR' });
  }
  try {
    makeFolders(resolve(folder));
  } catch (cause) {
    throw new FaultlineError('RUN_FOLDER', `${folder}: cannot be created: ${messageOf(cause)}`, { cause });
  }
  writeWhole(
    files.html,
    renderHistory(found, groups, (run) => linkFrom(folder, run)),
  );
  writeWhole(files.badge, renderBadge(groups));
  const { unreadable, repeated, leftBehind } = found;
  const history = { format: 'faultline/runs/v1', groups: groups.map(trendOf), unreadable, repeated, leftBehind };
  writeWhole(files.json, `${jsonText(history)}\n`);
  return files;
}

/** From the page to the report beside a result, where there is one. */
function linkFrom(folder: string, { path }: RecordedRun): string | undefined {
  const report = join(dirname(path), 'report.html');
  if (!existsSync(report)) return undefined;
  const way = relative(resolve(folder), resolve(report)).split(sep).map(encodeURIComponent).join('/');
  return `./${way}`;
}
