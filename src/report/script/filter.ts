/** Filters of what is listed by verdict, zone and service, and of the evidence by any text. */
export const FILTER = `var want={verdict:"",zone:"",service:"",text:""},lists=find("[data-filter] tbody").map(function(b){return{rows:[].slice.call(b.rows),findings:!!b.closest("#verdict"),evidence:!!b.closest("#evidence")}});
function names(text,name){return!name||new RegExp("(^|[^a-z0-9])"+name.replace(/[^\\w]/g,"\\\\$&")+"($|[^a-z0-9])","i").test(text)}
function text(e){if(e.words===undefined){var w=d.createTreeWalker(e,4),all=[];while(w.nextNode())all.push(w.currentNode.data);e.words=all.join(" ")}return e.words}
function fits(text){return names(text,want.zone)&&names(text,want.service)}
var status=el("span","count");status.setAttribute("role","status");
var clear=chip(function(){want.verdict=want.zone=want.service="";find(".filters select").forEach(function(s){s.value=""});filter()});
function filter(){var all=0,left=0;lists.forEach(function(l){var shown=true;l.rows.forEach(function(r){
if(!l.findings){r.hidden=!(fits(text(r))&&(!l.evidence||text(r).toLowerCase().indexOf(want.text)>=0));return}
if(r.classList.contains("why")){r.hidden=!shown;return}
var items=find(".fold li[id]",r),ok=!want.verdict||r.classList.contains("r-"+want.verdict);
if(items.length){var open=0;items.forEach(function(i){i.hidden=!fits(text(i)+" "+decodeURIComponent(i.id));if(!i.hidden)open++});all+=items.length;shown=ok&&open>0;if(shown)left+=open}
else{shown=ok&&fits(text(r));all++;if(shown)left++}r.hidden=!shown})});
find(".filters button").forEach(function(b){b.setAttribute("aria-pressed",String(b.value===want.verdict))});
var on=[want.verdict,want.zone,want.service].filter(Boolean).join(", ");status.textContent=on?left+" of "+all+" findings":all+" findings";
clear(on?"Only "+on+": show all":"")}
function choice(name,options){if(options.length<2)return null;var l=el("label","",name+" "),s=el("select","");s.appendChild(new Option("all",""));
options.forEach(function(o){s.appendChild(new Option(o,o))});s.addEventListener("change",function(){want[name.toLowerCase()]=s.value;filter()});l.appendChild(s);return l}
var table=d.querySelector("#verdict [data-filter]");
if(table){var bar=el("div","filters");bar.setAttribute("role","group");bar.setAttribute("aria-label","Filter findings, failures and evidence");
var kinds=["fail","inconclusive","pass"].filter(function(v){return table.querySelector(".r-"+v)});
if(kinds.length>1)[""].concat(kinds).forEach(function(v){var b=button(v||"all",function(){want.verdict=v;filter()});b.value=v;bar.appendChild(b)});
[choice("Zone",list("data-zones")),choice("Service",list("data-services")),status].forEach(function(e){if(e)bar.appendChild(e)});
table.parentNode.insertBefore(bar,table);filter()}
var rows=d.querySelector("#evidence [data-filter]");
if(rows&&rows.querySelectorAll("tbody tr").length>8){var lab=el("label","filter","Filter evidence "),input=el("input","");input.type="search";lab.appendChild(input);
rows.parentNode.insertBefore(lab,rows);input.addEventListener("input",function(){want.text=input.value.toLowerCase();filter()})}
`;
