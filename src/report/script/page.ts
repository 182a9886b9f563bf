/** Theme switch, deep links into details, and `el` and `find`, which make and find elements. */
export const PAGE = `var d=document,root=d.documentElement,key="faultline-theme";
function el(name,cls,text){var e=d.createElement(name);e.className=cls;if(text)e.textContent=text;return e}
function find(q,from){return[].slice.call((from||d).querySelectorAll(q))}
function button(text,act){var b=el("button","",text);b.type="button";b.addEventListener("click",act);return b}
function list(name){return(root.getAttribute(name)||"").split(";").filter(Boolean)}
function stored(v){try{if(v===undefined)return localStorage.getItem(key);localStorage.setItem(key,v)}catch(e){}return null}
var themes=["auto","light","dark"],theme=themes.indexOf(stored())>0?stored():"auto";
var sw=button("",function(){theme=themes[(themes.indexOf(theme)+1)%3];stored(theme);apply()});sw.className="theme";
function apply(){if(theme==="auto")root.removeAttribute("data-theme");else root.setAttribute("data-theme",theme);sw.textContent="Theme: "+theme}
var head=d.querySelector("header");if(head)head.appendChild(sw);apply();
var nav=d.querySelector("nav ul");
function chip(act){var li=el("li","state"),b=button("",act);li.hidden=true;li.appendChild(b);if(nav)nav.appendChild(li);
return function(text){li.hidden=!text;b.textContent=text}}
function open(){var t=null;try{t=d.getElementById(decodeURIComponent(location.hash.slice(1)))}catch(e){}
for(var p=t;p;p=p.parentElement)if(p.tagName==="DETAILS")p.open=true;if(t)t.scrollIntoView()}
addEventListener("hashchange",open);if(location.hash)open();
`;
