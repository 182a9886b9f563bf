import { INKS, type Ink, PALETTE } from './palette.ts';

function variables(theme: 0 | 1): string {
  return INKS.map((ink) => `--${ink}:${PALETTE[ink][theme]}`).join(';');
}

function inkClasses(ink: Ink): string {
  return `.f-${ink}{fill:var(--${ink})}.s-${ink}{stroke:var(--${ink})}`;
}

const BASE = `
*{box-sizing:border-box}
html{scroll-padding-top:52px;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
header,main,footer{max-width:1240px;margin:0 auto;padding:0 20px}
header{display:flex;gap:16px;align-items:center;justify-content:space-between;padding-top:8px;padding-bottom:8px}
.facts{margin:0;color:var(--muted);font-size:13px}.facts b{color:var(--text);font-weight:600}.dot{padding:0 3px}
a{color:var(--link)}a:focus-visible,button:focus-visible,summary:focus-visible,.scroll:focus-visible,pre:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--bg);padding:8px;z-index:9}
button,input{font:inherit;color:var(--text);background:var(--surface);border:1px solid var(--neutral);border-radius:6px;padding:3px 10px}
button.theme{font-size:13px;white-space:nowrap;cursor:pointer}
nav{position:sticky;top:0;z-index:5;background:var(--bg);border-bottom:1px solid var(--rule);border-top:1px solid var(--rule)}
nav ul{max-width:1240px;margin:0 auto;padding:0 12px;list-style:none;display:flex;overflow-x:auto;gap:2px}
nav a{display:block;padding:7px 8px;text-decoration:none;color:var(--muted);font-size:14px;white-space:nowrap}nav a:hover{color:var(--text);text-decoration:underline}
section{margin:0 0 44px}
h1,h2,h3{line-height:1.25;margin:0}
h2{font-size:21px;margin:0 0 4px}h2 .self{color:inherit;text-decoration:none}h2 .self:hover{text-decoration:underline}
h3{font-size:15px;margin:20px 0 4px}
p{margin:0 0 8px}.lead{color:var(--muted);max-width:84ch}
.muted,.sub,.utc,caption{color:var(--muted)}.sub,.utc{font-size:13px}div.sub,.gauge-words .sub,.gauge-name .sub,.where .sub,.bar .sub{display:block}
.t{white-space:nowrap}.utc{white-space:nowrap}
`;

const HERO = `
.hero{display:flex;gap:16px;align-items:flex-start;padding:18px 20px;margin:16px 0 18px;border-left:6px solid;border-radius:4px}
.h-pass{background:var(--passTint);border-color:var(--pass)}.h-fail{background:var(--failTint);border-color:var(--fail)}.h-inconclusive{background:var(--inconclusiveTint);border-color:var(--inconclusive)}.h-untested{background:var(--surface);border-color:var(--neutral)}
.emblem{flex:none}h1{font-size:26px}h1 .name{font-weight:500}
.h-pass .word,.v-pass,.k-pass{color:var(--pass)}.h-fail .word,.v-fail,.k-fail{color:var(--fail)}.h-inconclusive .word,.v-inconclusive{color:var(--inconclusive)}.k-neutral{color:var(--muted)}
.hypothesis{margin:4px 0 8px;max-width:92ch}.reason{font-weight:600;max-width:92ch;margin:0 0 6px}
.reason a{font-weight:400;white-space:nowrap}
.reason-facts{display:flex;flex-wrap:wrap;gap:2px 22px;margin:0 0 10px}.reason-facts div{display:flex;gap:6px}.reason-facts dt{color:var(--muted);overflow-wrap:break-word}.notes dt{overflow-wrap:anywhere}.reason-facts dd{margin:0;font-weight:600}
.chips{list-style:none;display:flex;flex-wrap:wrap;gap:6px;margin:0;padding:0}
.chip{border:1px solid var(--neutral);border-radius:14px;padding:1px 11px;font-size:14px;background:var(--bg)}
.chip.good{border-color:var(--pass)}.chip.good>span{color:var(--pass)}.chip.bad{border:2px solid var(--fail);font-weight:600}.chip.bad>span{color:var(--fail)}
.failed{margin:10px 0 0}.failed p{margin:0;color:var(--muted)}.failed ul{margin:2px 0 0;padding-left:18px;max-width:92ch}
.chip a{color:inherit}.why{margin:8px 0 0}
.below{display:grid;grid-template-columns:260px minmax(0,1fr);gap:28px}.below.alone{grid-template-columns:minmax(0,1fr)}.below tbody th{width:42%}.below td:first-child{width:1%}h2.small{font-size:17px}
.story{margin:6px 0 0;padding:0;list-style:none}.story li{padding:0 0 10px 14px;border-left:2px solid var(--rule);position:relative}.story li>span:last-child{display:block}
.story a{font-size:13px;font-weight:600}.story .utc{font-weight:400}
.v,.k{white-space:nowrap;font-weight:600}.below td:last-child a{white-space:nowrap}.below .why td{white-space:normal}
`;

const TABLES = `
.scroll{overflow-x:auto;margin:6px 0 14px}
table{border-collapse:collapse;width:100%;font-size:14px}table:not(.stacks){overflow-wrap:break-word}table:not(.stacks) :is(th,td){max-width:60ch}
caption{text-align:left;padding:2px 0 4px;font-size:13px}
th,td{text-align:left;vertical-align:top;padding:5px 12px 5px 0;border-bottom:1px solid var(--rule)}
thead th{font-size:13px;color:var(--muted);font-weight:500;white-space:nowrap}tbody th{font-weight:400}
.whole{overflow-wrap:break-word}td.num{white-space:nowrap}th.num,td.num{text-align:right;padding-right:18px}td,tbody th{min-width:7ch}
.title{font-weight:600}.perma{font-size:12px;color:var(--muted);text-decoration:none}.perma:hover{text-decoration:underline}

tr.r-fail{background:var(--failTint)}tr.r-inconclusive{background:var(--inconclusiveTint)}
tr.r-fail:not(.why)>*,tr.r-inconclusive:not(.why)>*{border-bottom:0}tr.why td{padding-top:0;padding-bottom:10px;max-width:1px}tr.r-fail>:first-child,tr.r-inconclusive>:first-child{padding-left:8px}
:target{outline:3px solid var(--link);outline-offset:-1px}section:target{outline:none}section:target>h2{text-decoration:underline;text-decoration-thickness:3px}
pre{background:var(--surface);border:1px solid var(--rule);border-radius:4px;padding:10px 12px;overflow-x:auto;font:13px/1.45 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;margin:4px 0 12px}
details pre{white-space:pre-wrap}code{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
.quote{font-size:13px;color:var(--muted);border-left:2px solid var(--rule);padding-left:8px}
details.data{margin:6px 0}.fold{margin:2px 0}.fold ul{margin:4px 0;padding-left:18px;font-size:14px}.fold li{padding:1px 0}.fold summary{color:var(--text)}summary{cursor:pointer;color:var(--muted);font-size:14px}
.none{color:var(--muted);font-style:italic}.warn{border-left:4px solid var(--inconclusive);background:var(--inconclusiveTint);padding:8px 12px}
.filter{display:block;font-size:14px;margin:8px 0}
`;

const PICTURES = `
.chart{position:relative;overflow-x:clip;margin:4px 0 8px}.pic,.share{display:block;overflow:hidden}
.cross{position:absolute;top:0;bottom:0;left:0;border-left:1px solid var(--text);pointer-events:none;font-size:12px;line-height:1.25;z-index:2}.cross span{position:absolute;box-sizing:border-box;width:max-content;white-space:pre-wrap;overflow-wrap:anywhere;bottom:0;left:0;padding:3px 6px;background:var(--bg);border:1px solid var(--text);font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
[hidden]{display:none!important}.cross.far span{display:none}
.probe{position:absolute;inset:0;cursor:crosshair;touch-action:pan-y;z-index:3}.probe:focus-visible{outline:3px solid var(--link);outline-offset:-3px}
.brush{position:absolute;top:0;bottom:0;background:var(--link);opacity:.2;z-index:1}
.marks span{position:absolute;bottom:2px;padding:0 4px;font-size:12px;color:var(--muted);background:var(--bg);transform:translateX(-50%);white-space:nowrap}.marks span:first-child{transform:none}.marks span:last-child{transform:translateX(-100%)}.zoomed .ticks{display:none}
.tools,.filters{display:flex;flex-wrap:wrap;gap:4px 8px;align-items:center;font-size:13px;color:var(--muted);margin:6px 0}.tools button,.filters button{cursor:pointer}.filters button[aria-pressed=true]{border-color:var(--link);box-shadow:inset 0 0 0 1px var(--link);font-weight:600}select{font:inherit;color:var(--text);background:var(--surface);border:1px solid var(--neutral);border-radius:6px;padding:3px 6px;max-width:220px}.state button{margin:3px 4px;font-size:13px;white-space:nowrap;cursor:pointer;border-color:var(--link)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:2px 18px;padding:0;margin:8px 0 2px;font-size:14px}
.guides{display:grid;grid-template-columns:repeat(6,minmax(0,1fr));gap:4px 12px;margin:4px 0 16px}.guides dt{font-weight:600}.guides dd{margin:0;font-size:14px}.guides .utc{display:block}
.said{max-width:92ch;font-size:16px}.flows{display:flex;flex-wrap:wrap;gap:10px 26px;margin:6px 0}.flow{margin:0;padding:8px 10px;border:1px solid var(--rule);border-radius:4px}.flow.on{border-color:var(--bandEdge);background:var(--bg)}.flow figcaption{font-weight:600;margin:0 0 2px;max-width:290px}.map{display:block;max-width:100%}
.notes{margin:8px 0 0;font-size:13px}.sign{display:none;margin:0 0 14px}.sign span{display:inline-block;width:30%;border-bottom:1px solid var(--text);margin-right:4%}
.fl{margin:4px 0 8px}
.ladder{margin:8px 0 22px}.rungs{list-style:none;padding:0;margin:0}
.rung{display:grid;grid-template-columns:28px 220px minmax(160px,1fr) 200px 230px;gap:0 16px;align-items:center;min-height:56px}
.rung .rail{display:block;align-self:stretch;height:100%}.rung.g-no{background:var(--failTint)}
.way{display:grid;grid-template-columns:204px minmax(160px,1fr) 300px;gap:0 18px;align-items:start;padding-left:28px}.way .sub{display:block}
.gauges{list-style:none;padding:0;margin:8px 0}.gauges li{display:grid;grid-template-columns:290px minmax(160px,1fr) 300px;gap:0 18px;align-items:center;padding:4px 0;border-bottom:1px solid var(--rule)}
.gauges li.ruler{border:0}.calm{margin:0;color:var(--muted);font-size:13px}
.parts{padding:0;margin:4px 0;list-style:none}.state .sub,.hit .utc{display:block}
footer{color:var(--muted);font-size:13px;border-top:1px solid var(--rule);padding-top:10px;padding-bottom:24px}
`;

const NARROW = `
@media (max-width:900px){.below{grid-template-columns:minmax(0,1fr)}.below:not(.alone)>:first-child{order:2}.guides{grid-template-columns:repeat(3,minmax(0,1fr))}
.rung{grid-template-columns:28px minmax(0,1fr) minmax(0,1fr);padding:4px 0}.rung .rail{grid-row:1/3}.rung .state{grid-column:3}.rung .hit{grid-column:2}
.gauges li{grid-template-columns:minmax(0,1fr)}.gauges li.ruler>div:empty{display:none}}
@media (max-width:640px){.k{white-space:normal}.stacks td.num{text-align:left}.stacks td:empty{display:none}.way{grid-template-columns:minmax(0,1fr)}header,main,footer{padding-left:12px;padding-right:12px}body{font-size:14px}.wide{display:none}
.facts{font-size:12px}.hero{padding:12px;gap:10px;margin-top:10px}.emblem{width:32px;height:32px}h1{font-size:20px}
.guides{grid-template-columns:repeat(2,minmax(0,1fr))}
.rung{grid-template-columns:28px minmax(0,1fr)}.rung .rail{grid-row:1/5}.rung .state,.rung .hit,.rung .bar,.rung .where{grid-column:2}
.below tbody th,.below td:first-child{width:auto}.stacks,.stacks tbody,.stacks tr,.stacks td,.stacks th{display:block}.stacks thead{position:absolute;left:-9999px}.stacks caption{display:block}
.stacks td,.stacks th{border:0;padding:1px 6px}.stacks tr{border-bottom:1px solid var(--rule);padding:6px 0}.stacks td[data-l]::before{content:attr(data-l) ": ";color:var(--muted)}.stacks td.num{white-space:normal;display:inline-block;padding-right:14px}.below .stacks td{display:inline-block;padding-right:14px}.below .stacks td:first-child::before{content:none}.below .stacks td:empty{display:none}.below .stacks .why td{display:block;max-width:none}.below .stacks .why td:empty{display:none}.stacks tr.r-fail:not(.why),.stacks tr.r-inconclusive:not(.why){border-bottom:0;padding-bottom:0}}
`;

const PRINT = `
@media print{nav,.skip,button,.filter,.filters,.tools,.marks,.state,.perma,.cross,#evidence .scroll,#evidence .lead{display:none}body{font-size:9pt}table,pre,code{font-size:8pt}section{margin-bottom:22px}#evidence::after{content:"The rows are in the file of this report and in result.json; they are not printed."}.sign{display:block}header,main,footer{max-width:none;padding:0}
@page{margin:14mm}h2,h3,.lead,.legend,caption,summary{break-after:avoid}.chart,.rung,.gauges li,tr,.hero{break-inside:avoid}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
`;

/** The style sheet: both themes from one palette; the system's choice, unless the reader switches. */
export const STYLE = `:root{color-scheme:light dark;${variables(0)}}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${variables(1)}}}
:root[data-theme=light]{color-scheme:light}:root[data-theme=dark]{color-scheme:dark;${variables(1)}}
@media print{:root,:root:not([data-theme=light]),:root[data-theme=dark]{color-scheme:light;${variables(0)}}}
${BASE}${HERO}${TABLES}${PICTURES}${NARROW}${PRINT}${INKS.map(inkClasses).join('')}`.replace(/\n/g, '');
