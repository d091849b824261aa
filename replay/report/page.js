"use strict";
// Texts get into the page through textContent only: see doc.go.

const data = (id) => JSON.parse(document.getElementById(id).textContent);
const $ = (id) => document.getElementById(id);
const rows = data("rows");
const all = data("summary");

// make returns an element with a class and children, which are elements or texts.
function make(tag, kind, ...children) {
  const e = document.createElement(tag);
  if (kind) e.className = kind;
  e.append(...children);
  return e;
}

const count = (n) => n.toLocaleString("en");
const digits = (x) => x < 10 ? x.toFixed(2) : x < 100 ? x.toFixed(1) : x.toFixed(0);

function time(ns) {
  if (ns >= 1e9) return digits(ns / 1e9) + " s";
  return ns >= 1e6 ? digits(ns / 1e6) + " ms" : digits(ns / 1e3) + " µs";
}

function bytes(n) {
  if (n >= 1e6) return digits(n / 1e6) + " MB";
  return n >= 1e3 ? digits(n / 1e3) + " kB" : n + " B";
}

// ---- totals

const states = ["unchanged", "changed", "quarantined", "rejected", "tempfailed", "discarded", "problem"];
const labels = { problem: "not played", errors: "with script errors", differs: "differ from before" };
const kinds = Object.fromEntries(states.map((s) => [s, (r) => r.state === s]));
kinds.errors = (r) => Boolean(r.errors);
kinds.differs = (r) => Boolean(r.differs);
const totals = {};
for (const kind in kinds) totals[kind] = rows.reduce((n, r) => n + kinds[kind](r), 0);

function showTotals() {
  const seconds = all.took / 1e9;
  $("about").textContent = `${all.made} · ${all.scripts.join(", ")}${all.older ? " · compared with " + all.older.join(", ") : ""} · ` +
    `${bytes(all.bytes)} in ${time(all.took)}${seconds > 0 ? `, ${count(Math.round(all.messages / seconds))} messages a second` : ""}`;
  $("totals").append(make("div", "tile", make("b", "", count(rows.length)), make("span", "", "messages")));
  for (const kind in kinds) {
    if (!totals[kind] && kind !== "unchanged" && kind !== "changed") continue;
    const tile = make("button", "tile " + kind, make("b", "", count(totals[kind])), make("span", "", labels[kind] || kind));
    tile.type = "button";
    tile.onclick = () => { $("state").value = kind; refresh(); $("table").scrollIntoView({ block: "nearest" }); };
    $("totals").append(tile);
  }
  if (all.refused) $("totals").append(make("div", "tile", make("b", "", count(all.refused)), make("span", "", "recipients refused of messages that went on")));
}

// table makes a table of titles and rows of cells; a title that begins with # is that of numbers.
function table(titles, lines) {
  const kind = titles.map((t) => t.startsWith("#") ? "number" : "");
  const cells = (tag, line) => make("tr", "", ...line.map((cell, i) => make(tag, kind[i], cell)));
  return make("table", "", make("thead", "", cells("th", titles.map((t) => t.replace("#", "")))), make("tbody", "", ...lines.map((l) => cells("td", l))));
}

function showTables() {
  $("verdicts").append(table(["#messages", "verdict", "stage", "by"], all.verdicts.map((v) => [count(v.count), v.verdict, v.stage, v.place || v.script || "nobody objected"])));
  $("hooks").append(table(["hook", "#all", "#a call", "#longest", "#calls"],
    all.hooks.slice(0, 10).map((h) => [h.name, time(h.took), time(h.took / Math.max(1, h.calls)), time(h.longest), count(h.calls)])));
  $("lookups").hidden = !all.lookups;
  for (const one of all.lookups || []) $("asked").append(make("li", "", one));
  $("faults").hidden = !all.errors.length;
  for (const e of all.errors) $("errors").append(fault(e));
}

function fault(e) {
  const box = make("div", "fault", make("b", "", e.text));
  if (e.excerpt) box.append(lines(e.excerpt, () => ""));
  if (e.times) box.append(make("div", "dim", `in ${e.hook}, ${e.times === 1 ? "once" : count(e.times) + " times"}; first with ${e.messages.join(", ")}`));
  return box;
}

// ---- histograms

// bars draws how many values there are from each power of two, or of four where there are many, to the next.
function bars(id, values, unit) {
  values = values.filter((v) => v > 0).map((v) => Math.log2(v));
  if (!values.length) return $(id).append(make("p", "note", "nothing to show"));
  const low = Math.floor(values.reduce((a, b) => Math.min(a, b))), high = values.reduce((a, b) => Math.max(a, b));
  const step = high - low > 9 ? 2 : 1;
  const counts = new Array(Math.floor((high - low) / step) + 1).fill(0);
  for (const v of values) counts[Math.floor((v - low) / step)]++;
  const most = Math.max(...counts);
  counts.forEach((n, i) => {
    const from = unit(2 ** (low + i * step)), to = unit(2 ** (low + (i + 1) * step));
    const fill = make("i");
    fill.style.setProperty("--part", n / most);
    const bar = make("div", "bar", n ? count(n) : "", fill, make("span", "", from));
    bar.title = `${from} to ${to}: ${count(n)} messages`;
    $(id).append(bar);
  });
}

// ---- the list

const columns = [
  { title: "verdict", key: (r) => states.indexOf(r.state) },
  { title: "message", key: (r) => r.name },
  { title: "from", key: (r) => r.sender },
  { title: "subject", key: (r) => r.subject },
  { title: "size", key: (r) => r.size, number: true },
  { title: "time", key: (r) => r.took, number: true },
];
const rowHeight = 30;
let shown = rows, sorted = -1, descending = false, current = 0;

function showHead() {
  columns.forEach((c, i) => {
    const button = make("button", "", c.title);
    button.type = "button";
    button.onclick = () => sortBy(i);
    c.head = make("div", c.number ? "number" : "", button);
    c.head.setAttribute("role", "columnheader");
    $("head").append(c.head);
  });
}

function sortBy(i) {
  descending = sorted === i ? !descending : Boolean(columns[i].number);
  sorted = i;
  columns.forEach((c, n) => {
    c.head.firstChild.textContent = c.title + (n !== i ? "" : descending ? " ↓" : " ↑");
    if (n === i) c.head.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else c.head.removeAttribute("aria-sort");
  });
  refresh();
}

// text returns what is searched of a row.
function text(r) {
  r.text ??= [r.name, r.subject, r.sender, ...(r.to || []), r.client, r.verdict, ...(r.changes || []), ...(r.lookups || []), ...(r.errors || []).map((e) => e.text)].join("\n").toLowerCase();
  return r.text;
}

// refresh filters and sorts, and shows the list from its beginning.
function refresh() {
  const words = $("find").value.toLowerCase().split(/\s+/).filter(Boolean);
  const is = kinds[$("state").value] || (() => true);
  shown = rows.filter((r) => is(r) && words.every((w) => text(r).includes(w)));
  if (sorted >= 0) {
    const key = columns[sorted].key, sign = descending ? -1 : 1;
    shown.sort((a, b) => { const x = key(a), y = key(b); return x < y ? -sign : x > y ? sign : 0; });
  }
  $("count").textContent = `${count(shown.length)} of ${count(rows.length)}`;
  $("none").hidden = shown.length > 0;
  $("table").hidden = !shown.length;
  $("table").setAttribute("aria-rowcount", shown.length);
  $("rows-in-view").style.height = shown.length * rowHeight + "px";
  current = 0;
  $("view").scrollTop = 0;
  draw();
}

// room is how much of the list shows, below its head.
const room = () => $("view").clientHeight - $("head").offsetHeight;

// draw makes the rows that are in view.
function draw() {
  const view = $("view"), first = Math.max(0, Math.floor(view.scrollTop / rowHeight) - 5);
  const last = Math.min(shown.length, first + Math.ceil(room() / rowHeight) + 10);
  const made = [];
  for (let i = first; i < last; i++) {
    const r = shown[i];
    const cells = [make("div", "state " + r.state, labels[r.state] || r.state), make("div", "", r.name), make("div", "", r.sender || "<>"), make("div", "", r.subject),
      make("div", "number", bytes(r.size)), make("div", "number", r.took ? time(r.took) : "")];
    for (const [n, cell] of cells.entries()) {
      cell.setAttribute("role", "gridcell");
      if (n === 1) cell.title = r.name;
    }
    const row = make("div", "row", ...cells);
    row.id = "row" + i;
    row.setAttribute("role", "row");
    row.setAttribute("aria-rowindex", i + 1);
    row.setAttribute("aria-selected", i === current);
    row.style.top = i * rowHeight + "px";
    row.onclick = () => { current = i; open(); };
    made.push(row);
  }
  $("rows-in-view").replaceChildren(...made);
  view.setAttribute("aria-activedescendant", "row" + current);
}

// move makes another row the current one and brings it into view.
function move(to) {
  current = Math.max(0, Math.min(shown.length - 1, to));
  const view = $("view"), top = current * rowHeight;
  if (top < view.scrollTop) view.scrollTop = top;
  if (top + rowHeight > view.scrollTop + room()) view.scrollTop = top + rowHeight - room();
  draw();
}

function listKey(ev) {
  if (ev.target !== $("view")) return; // a button of the head
  const page = Math.max(1, Math.floor(room() / rowHeight) - 1);
  const to = { ArrowDown: current + 1, ArrowUp: current - 1, j: current + 1, k: current - 1, PageDown: current + page, PageUp: current - page, Home: 0, End: shown.length - 1 }[ev.key];
  if (ev.ctrlKey || ev.metaKey || ev.altKey) return;
  if (to !== undefined) move(to);
  else if (ev.key === "Enter" || ev.key === " ") open();
  else return;
  ev.preventDefault();
}

// ---- one message

// lines makes a block of lines; kind gives the class of each.
function lines(text, kind) {
  return make("pre", "", ...text.replace(/\n$/, "").split("\n").map((l, i) => make("div", kind(l, i), l)));
}

function diffLine(l, i) {
  if (i < 2) return "file";
  return { "@": "hunk", "+": "plus", "-": "minus" }[l[0]] || "";
}

// open shows the current message.
function open() {
  const r = shown[current];
  if (!r) return;
  const list = make("dl");
  const fact = (name, value) => { if (value) list.append(make("dt", "", name), make("dd", "", value)); };
  fact("verdict", make("span", "state " + r.state, r.verdict));
  fact("subject", r.subject);
  fact("from", "<" + r.sender + ">");
  fact("to", (r.to || []).join(", "));
  fact("client", r.client);
  fact("size", bytes(r.size));
  for (const one of r.refused || []) fact("refused", one);
  for (const one of r.changes || []) fact("change", one);
  for (const one of r.lookups || []) fact("asked", one);
  for (const h of r.hooks || []) fact(h.name, time(h.took) + (h.calls > 1 ? ` in ${count(h.calls)} calls, the longest ${time(h.longest)}` : ""));
  const body = $("detail-text");
  body.replaceChildren(list);
  if (r.errors) body.append(make("h3", "", "Errors"), ...r.errors.map(fault));
  if (r.comparison) body.append(make("h3", "", "Older and newer scripts: " + r.differs), lines(r.comparison, diffLine));
  if (r.header) body.append(make("h3", "", "Header"), lines(r.header, diffLine));
  if (r.body) body.append(make("h3", "", "Body"), lines(r.body, diffLine));
  $("detail-title").textContent = r.name;
  if (!$("detail").open) $("detail").showModal();
  body.scrollTop = 0;
  body.focus();
}

const turn = (by) => { move(current + by); open(); };

function detailKey(ev) {
  if (ev.key === "j") turn(1);
  else if (ev.key === "k") turn(-1);
}

// ---- begin

showTotals();
showTables();
bars("times", rows.map((r) => r.took), time);
bars("sizes", rows.map((r) => r.size), bytes);
showHead();
$("state").append(new Option("all messages", ""), ...Object.keys(kinds).filter((k) => totals[k]).map((k) => new Option(`${labels[k] || k} (${count(totals[k])})`, k)));
$("find").oninput = $("state").onchange = refresh;
$("filter").onsubmit = (ev) => { ev.preventDefault(); $("view").focus(); };
$("clear").onclick = () => { $("find").value = $("state").value = ""; refresh(); };
$("view").onscroll = () => requestAnimationFrame(draw);
$("view").onkeydown = listKey;
$("previous").onclick = () => turn(-1);
$("next").onclick = () => turn(1);
$("detail").onkeydown = detailKey;
$("detail").onclose = () => $("view").focus();
onresize = draw;
onkeydown = (ev) => {
  if (ev.key !== "/" || $("detail").open || ev.target.tagName === "INPUT") return;
  ev.preventDefault();
  $("find").focus();
};
refresh();
