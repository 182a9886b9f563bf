/** What each chart shows at a moment, in words, and which part of the run it shows. */
export const CHARTS = `var zero=root.getAttribute("data-zero"),began=Date.parse(root.getAttribute("data-began"));
var phases=list("data-phases").map(function(s){return s.split(" ")}),cols=(list("data-columns")[0]||"0 0").split(" "),counts=list("data-counts"),notes=list("data-told").map(function(s){var i=s.indexOf(" ");return[+s.slice(0,i),s.slice(i+1)]});
function offset(t){var s=(t-(zero===null?0:+zero))/1e6;return(zero===null?"start":"T0")+(s<0?"\\u2212":"+")+Math.abs(s).toFixed(3)+" s"}
function say(t){return offset(t)+(isNaN(began)?"":"  "+new Date(began+t/1e3).toISOString().slice(11,23)+" UTC")}
function seen(t){var p=phases.filter(function(x){return+x[1]<=t}).pop(),c=cols[1]>0?counts[Math.floor((t-cols[0])/cols[1])]:0;c=c&&c.split(" ");
return(p?p[0]:"")+(c?(p?": ":"")+c[0]+" good, "+c[1]+" bad"+(+c[2]?", "+c[2]+" unknown":"")+" in "+(cols[1]/1e6).toFixed(2)+" s":"")}
function values(text){var all=[];text.split(",").forEach(function(run){var p=run.split("*");for(var n=+p[1]||1;n>0;n--)all.push(p[0])});return all}
function chartOf(box){var at=(box.dataset.at||"0 0").split(" ");
var c={box:box,pic:box.querySelector("svg"),start:+box.dataset.start,end:+box.dataset.end,from:+at[0],step:+at[1],unit:box.dataset.unit||""};
c.a=c.start;c.b=c.end;c.rows=(box.dataset.rows||"").split(";").filter(Boolean).map(function(r){var p=r.split("|");return{group:p[0],name:p[1],values:values(p[2])}});return c}
function pad(s,n){while(s.length<n)s+=" ";return s}
function told(c,t){var at=Math.floor((t-c.from)/c.step),groups=[],names=[],cells={};
c.rows.forEach(function(r){var v=r.values[at];if(v===undefined||v===""||(r.group&&v==="0"))return;
if(names.indexOf(r.name)<0)names.push(r.name);if(groups.indexOf(r.group)<0)groups.push(r.group);cells[r.group+"|"+r.name]=v});
var first=Math.max.apply(0,[0].concat(names.map(function(n){return n.length})))+2,wide=groups.map(function(g){return Math.max(g.length,6)+1});
var lines=names.slice(0,12).map(function(n){return pad(n,first)+groups.map(function(g,i){var v=cells[g+"|"+n];return pad(v===undefined?"":v+c.unit,wide[i])}).join("")});
if(groups.join(""))lines.unshift(pad("",first)+groups.map(function(g,i){return pad(g,wide[i])}).join(""));
if(lines.some(function(l){return 8*l.length>c.box.clientWidth}))lines=groups.map(function(g){return(g?g+": ":"")+names.filter(function(n){return cells[g+"|"+n]!==undefined}).slice(0,12).map(function(n){return n+" "+cells[g+"|"+n]+c.unit}).join(", ")});
var near=(c.b-c.a)/120,all=notes.filter(function(n){return Math.abs(n[0]-t)<=near});
var told=all.slice(0,5).map(function(n){return offset(n[0])+"  "+n[1]});if(all.length>5)told.push("and "+(all.length-5)+" more");
return[say(t),seen(t)].concat(told,lines).join("\\n")}
var charts=find(".chart").map(chartOf),main=charts[0],unzoom=chip(function(){show(null)});
function isMain(c){return c.start===main.start&&c.end===main.end}
function show(range){charts.filter(isMain).forEach(function(c){var whole=c.end-c.start;c.a=range?range[0]:c.start;c.b=range?range[1]:c.end;
var span=c.b-c.a,left=c.a-c.start;c.pic.setAttribute("width",whole/span*100+"%");c.pic.style.marginLeft=-left/span*100+"%";
c.box.classList.toggle("zoomed",!!range);find(".lt",c.pic).forEach(function(t){t.setAttribute("x",left/whole*100+"%")});
c.marks.textContent="";if(range)[0,.25,.5,.75,1].forEach(function(f){var m=el("span","",offset(c.a+f*span));m.style.left=f*100+"%";c.marks.appendChild(m)})});
unzoom(range?"Zoomed: show the whole run":"")}
function zoom(t,factor){var span=(main.b-main.a)*factor,whole=main.end-main.start;if(span>=whole)return show(null);span=Math.max(span,whole/100);
var a=Math.min(Math.max(t-span*(t-main.a)/(main.b-main.a),main.start),main.end-span);show([a,a+span])}
`;
