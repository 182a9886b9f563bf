/** The page's only script: theme switch, crosshair over all time charts, evidence filter, deep links into details. */
export const SCRIPT = `(function(){
"use strict";
var d=document,root=d.documentElement,key="faultline-theme";
function el(name,cls,text){var e=d.createElement(name);e.className=cls;e.textContent=text;return e}
function stored(v){try{if(v===undefined)return localStorage.getItem(key);localStorage.setItem(key,v)}catch(e){}return null}
var themes=["auto","light","dark"],theme=themes.indexOf(stored())>0?stored():"auto";
var button=el("button","theme","");button.type="button";
function apply(){if(theme==="auto")root.removeAttribute("data-theme");else root.setAttribute("data-theme",theme);button.textContent="Theme: "+theme}
button.addEventListener("click",function(){theme=themes[(themes.indexOf(theme)+1)%3];stored(theme);apply()});
var head=d.querySelector("header");if(head)head.appendChild(button);apply();
var charts=[].slice.call(d.querySelectorAll(".chart"));
var lines=charts.map(function(c){var l=el("div","cross","");l.appendChild(el("span","",""));l.hidden=true;c.appendChild(l);return l});
function list(name){return(root.getAttribute(name)||"").split(";").filter(Boolean).map(function(s){return s.split(" ")})}
var phases=list("data-phases"),cols=list("data-columns")[0]||[0,0],counts=list("data-counts");
function seen(t){var p=phases.filter(function(x){return+x[1]<=t}).pop(),c=cols[1]>0?counts[Math.floor((t-cols[0])/cols[1])]:0;
return"\\n"+(p?p[0]:"")+(c?(p?": ":"")+c[0]+" good, "+c[1]+" bad"+(+c[2]?", "+c[2]+" unknown":"")+" in "+(cols[1]/1e6).toFixed(2)+" s":"")}
var zero=root.getAttribute("data-zero"),began=Date.parse(root.getAttribute("data-began"));
function say(t){var s=(t-(zero===null?0:+zero))/1e6,o=(zero===null?"start":"T0")+(s<0?"\\u2212":"+")+Math.abs(s).toFixed(3)+" s";
return isNaN(began)?o:o+"  "+new Date(began+t/1e3).toISOString().slice(11,23)+" UTC"}
function move(t){charts.forEach(function(c,i){var a=+c.dataset.start,b=+c.dataset.end,x=(t-a)/(b-a),l=lines[i];
l.hidden=!(x>=0&&x<=1);if(l.hidden)return;var w=c.clientWidth;l.firstChild.textContent=say(t)+seen(t);l.style.transform="translateX("+x*w+"px)";l.classList.toggle("left",x>.5)})}
charts.forEach(function(c){
c.addEventListener("pointermove",function(e){var r=c.getBoundingClientRect(),a=+c.dataset.start,b=+c.dataset.end;move(a+(e.clientX-r.left)/r.width*(b-a))});
c.addEventListener("pointerleave",function(){lines.forEach(function(l){l.hidden=true})})});
var table=d.querySelector("#evidence table");
if(table&&table.tBodies[0].rows.length>8){var lab=el("label","filter","Filter evidence "),input=el("input","","");input.type="search";lab.appendChild(input);
table.parentNode.parentNode.insertBefore(lab,table.parentNode);
input.addEventListener("input",function(){var q=input.value.toLowerCase();[].forEach.call(table.tBodies[0].rows,function(r){r.hidden=r.textContent.toLowerCase().indexOf(q)<0})})}
function open(){var t=null;try{t=d.getElementById(decodeURIComponent(location.hash.slice(1)))}catch(e){}
for(var p=t;p;p=p.parentElement)if(p.tagName==="DETAILS")p.open=true;if(t)t.scrollIntoView()}
addEventListener("hashchange",open);if(location.hash)open();
})();`;
