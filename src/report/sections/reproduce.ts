import { rateText } from '../../model/rates.ts';
import { spokenText } from '../../model/target.ts';
import { visible } from '../../model/visible.ts';
import { isPlainFileName, oneLine } from '../escape.ts';
import { formatNumber } from '../format.ts';
import { type Html, html } from '../html.ts';
import { MOST_SHOWN, moreText } from '../shortlist.ts';
import { section, table, type View } from '../view.ts';
import { DASHBOARD } from '../words.ts';

const MOST_YAML = 64_000;

function versions(view: View): Html {
  const { run } = view.result;
  const rows = [['faultline', run.tool.version], ...Object.entries(run.versions)] as const;
  return table({
    caption: 'Versions of what took part',
    columns: ['What', 'Version'],
    rows: rows.map(([name = '', version = '']) => [{ head: oneLine(name, 60) }, oneLine(version, 200)]),
  });
}

function clusters(view: View): Html {
  const rows = view.result.run.topology.clusters;
  if (rows.length === 0) return html`<p class="none">No cluster was recorded.</p>`;
  return table({
    caption: 'Clusters',
    columns: ['Cluster', 'Region', 'Zones', 'API server', 'Identity (UID of kube-system)', 'Version'],
    rows: rows.map((cluster) => [
      { head: oneLine(cluster.name, 60) },
      oneLine(cluster.region, 60),
      cluster.zones.map((zone) => oneLine(zone, 60)).join(', '),
      oneLine(cluster.server, 120),
      oneLine(cluster.uid, 60),
      oneLine(cluster.version, 60),
    ]),
  });
}

function paths(view: View): Html {
  const rows = view.result.run.topology.paths;
  if (rows.length === 0) return html``;
  const more = moreText(rows.length - MOST_SHOWN);
  return table({
    caption: `Paths${more === '' ? '' : `, ${more}`}`,
    columns: ['Path', 'Address', 'Cluster', 'Zone'],
    rows: rows
      .slice(0, MOST_SHOWN)
      .map((path) => [
        { head: oneLine(path.id, 90) },
        html`${path.protocol}://${oneLine(path.host, 90)}:${path.port}${spokenText(path)}`,
        oneLine(path.cluster, 60),
        oneLine(path.zone, 60),
      ]),
  });
}

function appendix({ result: { loadDashboard } }: View): Html {
  if (loadDashboard === undefined || !isPlainFileName(loadDashboard)) return html``;
  return html`<h3>Appendix</h3><p>${DASHBOARD.name}: <a href="${loadDashboard}">${loadDashboard}</a> beside this page, ${DASHBOARD.what}.</p>`;
}

/** All that is needed to run it again. */
export function reproduceSection(view: View): Html {
  const { scenario, command } = view.result.run;
  const { load, source } = scenario;
  const yaml = visible(source.text);
  const cut = yaml.length > MOST_YAML ? `\n# cut here, ${yaml.length} characters in all` : '';
  return section(
    'reproduce',
    'Reproduce',
    html`Load: open model, ${rateText(load, (rate) => formatNumber(rate, 2))} on each path, timeout ${formatNumber(load.timeoutMs / 1000, 3)} s, connections ${load.connections}.`,
    html`<h3>Command</h3><pre tabindex="0">${visible(command)}</pre><h3>Scenario ${oneLine(source.file, 200)}</h3><p class="sub">SHA-256 <code>${oneLine(source.sha256, 80)}</code></p><pre tabindex="0">${yaml.slice(0, MOST_YAML).toWellFormed()}${cut}</pre>${versions(view)}${clusters(view)}${paths(view)}${appendix(view)}`,
  );
}
