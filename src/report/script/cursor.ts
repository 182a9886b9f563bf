/** The line over all charts: it follows the pointer, or the arrow keys once a chart has the focus; dragging zooms. */
export const CURSOR = `var moment=null;
function inside(label,at,wide){label.style.left=0;label.style.maxWidth=wide+"px";var own=label.offsetWidth;
label.style.left=Math.max(0,Math.min(at>wide/2?at-own:at,wide-own))-at-1+"px"}
function move(t,over){moment=t;charts.forEach(function(c){var x=(t-c.a)/(c.b-c.a);c.line.hidden=!(x>=0&&x<=1);if(c.line.hidden)return;
c.line.style.transform="translateX("+x*c.box.clientWidth+"px)";c.line.classList.toggle("far",c!==over);
var label=c.line.firstChild;label.textContent=c===over?told(c,t):"";if(c===over)inside(label,x*c.box.clientWidth,c.box.clientWidth)});
if(over&&over.hit===d.activeElement){over.hit.setAttribute("aria-valuenow",((t-(zero===null?0:+zero))/1e6).toFixed(3));over.hit.setAttribute("aria-valuetext",told(over,t))}}
function away(){moment=null;charts.forEach(function(c){c.line.hidden=true})}
charts.forEach(function(c){var title=c.pic.querySelector("title");
c.hit=el("div","probe");c.hit.tabIndex=0;c.line=el("div","cross");c.line.appendChild(el("span",""));c.line.hidden=true;c.marks=el("div","marks");c.brush=el("div","brush");c.brush.hidden=true;
var z=zero===null?0:+zero,o={role:"slider","aria-label":"Moment in "+(title?title.textContent:"the chart"),"aria-valuemin":((c.start-z)/1e6).toFixed(3),"aria-valuemax":((c.end-z)/1e6).toFixed(3),"aria-valuenow":((c.start-z)/1e6).toFixed(3)};
Object.keys(o).forEach(function(k){c.hit.setAttribute(k,o[k])});
[c.marks,c.brush,c.line,c.hit].forEach(function(e){c.box.appendChild(e)});
function x(e){var r=c.box.getBoundingClientRect();return Math.min(1,Math.max(0,(e.clientX-r.left)/r.width))}
function time(f){return c.a+f*(c.b-c.a)}
var from=null;
c.hit.addEventListener("pointerdown",function(e){if(e.button===0&&isMain(c)){from=x(e);try{c.hit.setPointerCapture(e.pointerId)}catch(_){}}});
c.hit.addEventListener("pointermove",function(e){var to=x(e);move(time(to),c);if(from===null)return;
c.brush.hidden=Math.abs(to-from)<.01;c.brush.style.left=Math.min(from,to)*100+"%";c.brush.style.width=Math.abs(to-from)*100+"%"});
c.hit.addEventListener("pointerup",function(e){var to=x(e),start=from;from=null;c.brush.hidden=true;if(start!==null&&Math.abs(to-start)>=.01){
var a=time(Math.min(start,to)),b=time(Math.max(start,to)),least=(c.end-c.start)/100;if(b-a<least){a=Math.max(c.start,Math.min((a+b-least)/2,c.end-least));b=a+least}show([a,b])}});
c.hit.addEventListener("pointercancel",function(){from=null;c.brush.hidden=true});
c.hit.addEventListener("pointerleave",function(){if(from===null&&c.hit!==d.activeElement)away()});
c.hit.addEventListener("dblclick",function(){show(null)});
c.hit.addEventListener("focus",function(){var at=moment===null?Math.max(c.a,Math.min(z,c.b)):moment;move(Math.max(c.a,Math.min(at,c.b)),c)});
c.hit.addEventListener("blur",away);
c.hit.addEventListener("keydown",function(e){if(e.ctrlKey||e.metaKey||e.altKey)return;
var t=moment===null?c.a:moment,step=(c.step||(c.b-c.a)/100)*(e.shiftKey?10:1),k=e.key,to={ArrowLeft:t-step,ArrowRight:t+step,Home:c.a,End:c.b}[k];
if(to!==undefined)move(Math.max(c.a,Math.min(to,c.b)),c);
else if((k==="+"||k==="="||k==="-")&&isMain(c)){zoom(t,k==="-"?2:.5);move(Math.max(c.a,Math.min(t,c.b)),c)}
else if(k==="0"||k==="Escape"){show(null);move(t,c)}else return;e.preventDefault()})});
if(main){var tools=el("p","tools"),middle=function(){return moment===null||moment<main.a||moment>main.b?(main.a+main.b)/2:moment};
[button("Zoom in",function(){zoom(middle(),.5)}),button("Zoom out",function(){zoom(middle(),2)}),button("Whole run",function(){show(null)}),
el("span","","Drag over a chart to zoom. With a chart in focus: arrow keys read it, + and \\u2212 zoom, 0 shows the whole run.")].forEach(function(e){tools.appendChild(e)});
main.box.parentNode.insertBefore(tools,main.box)}
`;
