"use strict";
// The page of the front door: what it shows comes from the API alone, described at /openapi.json.

const edits = new Map(); // by request id, the oldest first
const sources = new Map(); // addresses of images that were chosen here, by request id
const MOST = 200;
const $ = (id) => document.getElementById(id);
const STAGES = ["queued", "fetched", "read", "denoised", "decoded", "stored"];

let key = sessionStorage.getItem("key") || "";
let tenant = sessionStorage.getItem("tenant") || "";

function make(tag, properties, ...children) {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
}

function address(path) {
  return tenant ? path + (path.includes("?") ? "&" : "?") + "tenant=" + encodeURIComponent(tenant) : path;
}

async function call(method, path, body, type, signal) {
  const headers = {};
  if (key) headers.Authorization = "Bearer " + key;
  if (type) headers["Content-Type"] = type;
  const answer = await fetch(address(path), { method, headers, body, signal });
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Error(problem.detail || "The front door answered " + answer.status + ".");
  }
  return answer;
}

const json = async (method, path, body) =>
  (await call(method, path, body && JSON.stringify(body), body && "application/json")).json();

// Said by screen readers as it happens; of many events at once the last.
function announce(text) { $("said-live").textContent = text; }

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const hashOf = (id) => "#/edits/" + encodeURIComponent(id);
const api = (id, rest) => "/v1/edits/" + encodeURIComponent(id) + (rest || "");

// --- what is known ---

function learn(id, news) {
  const known = edits.get(id) || {};
  const ended = known.state === "COMPLETED" || known.state === "FAILED";
  if (ended && (news.state === "RUNNING" || news.state === "REQUESTED")) return;
  edits.set(id, Object.assign(known, news, { requestId: id }));
  if (edits.size > MOST) edits.delete(edits.keys().next().value);
  show();
}

function hear(type, data) {
  if (type === "held") {
    learn(data.requestId, { held: { policy: data.policy, reason: data.reason }, state: "RUNNING" });
    announce(data.requestId + " is held for review");
    reviews();
    return;
  }
  observe(type, data);
  if (type !== "progress") announce(data.requestId + (type === "completed" ? " is edited" : " has failed: " + data.message));
  if (type === "progress") learn(data.requestId, { ...data, state: "RUNNING" });
  if (type === "completed") learn(data.requestId, { ...data, state: "COMPLETED" });
  if (type === "failed") learn(data.requestId, {
    seconds: data.seconds, instruction: data.instruction, state: "FAILED",
    failure: { status: data.status, kind: data.kind, message: data.message } });
}

// --- the stream as a whole, from what is heard ---

const workers = new Map(); // by name: what it holds, how many it ended, when it was heard of
const models = new Map(); // by tenant and model
const SAMPLES = 1000;
const MINUTES = 60;
let minutes = []; // of the last hour, by model, as the front door tells them

function observe(type, data) {
  const end = type === "completed" || type === "failed";
  const worker = workers.get(data.worker) || { holds: new Map(), ended: 0 };
  if (data.worker) workers.set(data.worker, worker);
  worker.heard = Date.now();
  if (type === "progress") worker.holds.set(data.requestId, data.step + " of " + data.steps);
  if (!end) return;
  for (const each of workers.values()) each.holds.delete(data.requestId);
  worker.ended++;
  const took = Object.values(data.seconds || {}).reduce((sum, part) => sum + part, 0);
  const name = data.tenant + ", " + (data.model || "not edited");
  const model = models.get(name) || { completed: 0, failed: 0, took: [] };
  models.set(name, model);
  model[type]++;
  if (type === "completed") { model.took.push(took); if (model.took.length > SAMPLES) model.took.shift(); }
  for (const map of [workers, models]) if (map.size > MOST) map.delete(map.keys().next().value);
}

const share = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(1) + " s" : "";
};

function stream() {
  $("quiet").hidden = workers.size > 0 || minutes.length > 0;
  $("workers").hidden = workers.size === 0;
  $("models").hidden = models.size === 0;
  const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row", textContent: name }), ...cells.map((cell) => make("td", {}, cell)));
  const works = [...workers].map(([name, worker]) => row(name,
    make("ul", {}, ...[...worker.holds].map(([id, step]) => make("li", {}, make("a", { href: hashOf(id), textContent: id }), " step " + step))),
    String(worker.ended), new Date(worker.heard).toLocaleTimeString()));
  if (!$("workers").contains(document.activeElement)) $("workers").tBodies[0].replaceChildren(...works);
  $("models").tBodies[0].replaceChildren(...[...models].map(([name, model]) => row(name,
    String(model.completed), String(model.failed), share(model.took, 0.5), share(model.took, 0.95))));
}

// --- throughput and latency of the last hour, from the front door ---

async function history() {
  try {
    minutes = (await json("GET", "/v1/metrics?minutes=" + MINUTES)).minutes;
  } catch (e) {
    minutes = []; // what is wrong stands beside the title: events cannot be followed either
  }
  $("quiet").hidden = workers.size > 0 || minutes.length > 0;
  $("history").hidden = minutes.length === 0;
  const last = Math.floor(Date.now() / 60000);
  const shown = Array.from({ length: MINUTES }, (_, i) => {
    const mine = minutes.filter((minute) => Date.parse(minute.start) / 60000 === last - MINUTES + 1 + i);
    const sum = (of) => mine.reduce((total, minute) => total + of(minute), 0);
    return {
      at: new Date((last - MINUTES + 1 + i) * 60000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
      edited: sum((minute) => minute.counts.EDITED || 0),
      ended: sum((minute) => Object.values(minute.counts).reduce((one, other) => one + other, 0)),
      slow: Math.max(0, ...mine.map((minute) => (minute.seconds.total || {}).p95 || 0)),
      half: Math.max(0, ...mine.map((minute) => (minute.seconds.total || {}).p50 || 0)) };
  });
  chart("throughput", shown, (minute) => [minute.edited, minute.ended - minute.edited],
    (minute) => minute.edited + " edited" + (minute.ended > minute.edited ? ", " + (minute.ended - minute.edited) + " not" : ""), String);
  chart("latency", shown, (minute) => [minute.half, Math.max(0, minute.slow - minute.half)],
    (minute) => "half within " + minute.half.toFixed(1) + " s, 95 % within " + minute.slow.toFixed(1) + " s", (most) => most.toFixed(1) + " s");
}

// Bars of two parts for the eye; the same as a table, of the minutes in which something ended, for a screen reader.
function chart(id, shown, parts, words, scale) {
  const most = Math.max(...shown.map((minute) => parts(minute)[0] + parts(minute)[1]), 0) || 1;
  const height = (part) => (100 * part) / most + "%";
  $(id).querySelector(".bars").replaceChildren(...shown.map((minute) => {
    const bar = make("span", { className: "bar", title: minute.at + ": " + (minute.ended ? words(minute) : "nothing ended") });
    parts(minute).forEach((part, i) => { const piece = make("span", { className: "part" + i }); piece.style.height = height(part); bar.prepend(piece); });
    return bar;
  }));
  $(id).querySelector(".most").textContent = scale(most);
  $(id).querySelector(".span").replaceChildren(make("span", { textContent: shown[0].at }), make("span", { textContent: shown[shown.length - 1].at }));
  $(id).querySelector("tbody").replaceChildren(...shown.filter((minute) => minute.ended).map((minute) =>
    make("tr", {}, make("th", { scope: "row", textContent: minute.at }), make("td", { textContent: words(minute) }))));
}

// --- what waits for a person, where this one may decide ---

const held = new Map(); // by tenant and id: what is shown of it

async function reviews() {
  let items = [];
  try {
    const headers = key ? { Authorization: "Bearer " + key } : {};
    const answer = await fetch("/v1/reviews" + (tenant ? "?tenant=" + encodeURIComponent(tenant) : ""), { headers });
    items = answer.ok ? (await answer.json()).items : []; // who may not decide is shown none
  } catch (e) {
    return; // asked again soon
  }
  const names = new Set(items.map((item) => item.key));
  for (const [name, row] of held) if (!names.has(name)) { row.remove(); held.delete(name); }
  for (const item of items) {
    if (!held.has(item.key)) { held.set(item.key, review(item)); $("held").append(held.get(item.key)); }
  }
  $("reviews").hidden = held.size === 0;
  $("held-count").textContent = held.size === 100 ? "100 or more results wait for a decision." : held.size + " waiting";
}

function review(item) {
  const of = (path) => path + "?tenant=" + encodeURIComponent(item.tenant);
  const id = encodeURIComponent(item.requestId);
  const pictures = make("div", { className: "pair" });
  const show = async (what, alt) => {
    const headers = key ? { Authorization: "Bearer " + key } : {};
    const answer = await fetch(of("/v1/reviews/" + id + "/" + what), { headers });
    if (answer.ok) pictures.append(make("img", { src: URL.createObjectURL(await answer.blob()), alt: alt + " of " + item.requestId }));
  };
  const reason = make("input", { maxLength: 1000, autocomplete: "off" });
  const decide = (name, what) => make("button", { type: "button", textContent: name, ariaLabel: name + " " + item.requestId, onclick: async () => {
    said.textContent = "";
    try {
      const headers = { "Content-Type": "application/json", ...(key ? { Authorization: "Bearer " + key } : {}) };
      const body = reason.value ? JSON.stringify({ reason: reason.value }) : undefined;
      const answer = await fetch(of("/v1/edits/" + id + "/" + what), { method: "POST", headers, body });
      if (!answer.ok) throw new Error((await answer.json().catch(() => ({}))).detail || "The front door answered " + answer.status + ".");
      announce(item.requestId + (what === "release" ? " is released" : " is refused"));
      row.remove();
      $("reviews-title").focus();
      setTimeout(reviews, 1000);
    } catch (e) { said.textContent = e.message; }
  } });
  const said = make("p", { role: "alert", className: "reason" });
  const row = make("li", {},
    make("p", { className: "name" }, make("strong", { textContent: item.requestId }), " of " + item.tenant + ", since " + new Date(item.since).toLocaleString()),
    make("p", { className: "words", textContent: item.instruction || "" }),
    make("p", { className: "reason", textContent: item.policy + (item.reason ? ": " + item.reason : "") }),
    pictures,
    make("label", { textContent: "Reason" }, reason),
    make("div", { className: "do" }, decide("Release", "release"), decide("Refuse", "refuse")), said);
  show("source", "Source").catch(() => {}).then(() => show("result", "Result")).catch(() => {});
  return row;
}

// --- events ---

let following = new AbortController();

async function follow() {
  following.abort();
  following = new AbortController();
  const mine = following.signal;
  while (!mine.aborted) {
    try {
      const answer = await call("GET", "/v1/events", undefined, undefined, mine);
      $("link").textContent = "live";
      await read(answer.body.getReader());
      $("link").textContent = "connecting again";
    } catch (e) {
      if (mine.aborted) return;
      $("link").textContent = "not connected: " + e.message;
    }
    await new Promise((then) => setTimeout(then, 2000));
  }
}

async function read(reader) {
  const decoder = new TextDecoder();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += decoder.decode(value, { stream: true });
    const messages = text.split("\n\n");
    text = messages.pop();
    for (const message of messages) {
      const field = (name) =>
        message.split("\n").filter((l) => l.startsWith(name + ": ")).map((l) => l.slice(name.length + 2)).join("\n");
      if (field("data")) hear(field("event"), JSON.parse(field("data")));
    }
  }
}

// --- what is shown ---

let due = false;

function show() {
  if (due) return;
  due = true;
  requestAnimationFrame(() => {
    due = false;
    list();
    stream();
    one();
  });
}

function word(edit) {
  if (edit.held && edit.state === "RUNNING") return "held for review";
  if (edit.state === "REQUESTED" && edit.paused) return "paused";
  if (edit.state === "RUNNING" && edit.steps) return "step " + edit.step + " of " + edit.steps;
  return (edit.failure && edit.failure.status !== "FAILED" ? edit.failure.status : edit.state || "").toLowerCase();
}

/* Why a request has not begun, as far as is known. */
function waiting(edit) {
  if (edit.paused) return "Paused with " + (edit.paused.scope === "all" ? "everything" : "the " + edit.paused.scope + " " + edit.paused.name) + (edit.paused.reason ? ": " + edit.paused.reason : "");
  if (edit.waitsFor) return "No worker serves " + edit.waitsFor.model + " now";
  if (!edit.expectedStartAt) return "";
  const based = edit.basedOn;
  return "Expected to begin at " + new Date(edit.expectedStartAt).toLocaleTimeString() + ": " + based.requestsAhead + " requests ahead, "
    + based.workers + (based.workers === 1 ? " worker, " : " workers, ") + based.secondsPerEdit.toFixed(1) + " s each";
}

const rows = new Map(); // kept, so that the focus stays where it is

function list() {
  const shown = [...edits.values()].reverse();
  $("none").hidden = shown.length > 0;
  for (const [id, row] of rows) {
    if (!edits.has(id)) { row.remove(); rows.delete(id); }
  }
  shown.forEach((edit, place) => {
    let row = rows.get(edit.requestId);
    if (!row) {
      row = make("li", {},
        make("a", { href: hashOf(edit.requestId), textContent: edit.requestId }),
        make("span", { className: "state" }),
        make("p", { className: "words" }),
        make("progress", { hidden: true, ariaLabel: "Progress of " + edit.requestId }),
        make("p", { className: "reason" }),
        make("button", { type: "button", className: "again", textContent: "Redrive", ariaLabel: "Redrive " + edit.requestId, hidden: true,
          onclick: (event) => redrive(edit.requestId).catch((e) => { event.target.previousElementSibling.textContent = e.message; }) }));
      rows.set(edit.requestId, row);
    }
    const [, state, words, bar, reason, again] = row.children;
    again.hidden = edit.state !== "FAILED";
    state.textContent = word(edit);
    state.className = "state " + (edit.state || "").toLowerCase();
    words.textContent = edit.instruction || "";
    bar.hidden = edit.state !== "RUNNING";
    if (edit.steps) { bar.max = edit.steps; bar.value = edit.step; }
    reason.textContent = edit.failure ? edit.failure.message : "";
    if ($("list").children[place] !== row) $("list").insertBefore(row, $("list").children[place] || null);
  });
}

/* What is expected of the shown edit changes though nothing happens to it. */
async function later() {
  const id = chosenId();
  if (!id || !edits.has(id) || edits.get(id).state !== "REQUESTED") return;
  try {
    learn(id, Object.assign({ paused: null, waitsFor: null, expectedStartAt: null }, await json("GET", api(id))));
  } catch { /* the front door is away: what was said stays */ }
}

let shown = null; // the edit that is shown, and the parts of it that change

async function one() {
  const id = chosenId();
  const section = $("one");
  section.hidden = !id;
  if (!id) { shown = null; return; }
  if (!shown || shown.id !== id) {
    shown = { id, drawn: "" };
    for (const [name, tag] of [["state", "p"], ["words", "p"], ["bar", "progress"], ["reason", "p"], ["images", "div"], ["times", "div"], ["do", "div"]]) shown[name] = make(tag, {});
    shown.state.role = "status";
    shown.reason.className = "reason";
    shown.bar.ariaLabel = "Progress";
    shown.bar.hidden = true;
    section.replaceChildren(title(id), shown.state, shown.words, shown.bar, shown.reason, make("div", { className: "pane" }, shown.images, shown.times), shown.do);
    section.focus();
    if (!NAME.test(id)) { shown.state.textContent = "That is no request id."; return; }
    try { learn(id, await json("GET", api(id))); } catch (e) { if (!edits.has(id)) shown.state.textContent = e.message; }
  }
  const edit = edits.get(id);
  if (!edit || shown.id !== id) return;
  shown.state.textContent = word(edit);
  shown.words.textContent = edit.instruction || "";
  shown.bar.hidden = edit.state !== "RUNNING" || !edit.steps;
  if (edit.steps) { shown.bar.max = edit.steps; shown.bar.value = edit.step; }
  shown.reason.textContent = edit.failure ? edit.failure.kind + ": " + edit.failure.message
    : edit.held && edit.state === "RUNNING" ? "Held by " + edit.held.policy + (edit.held.reason ? ": " + edit.held.reason : "")
    : edit.state === "REQUESTED" ? waiting(edit) : "";
  const drawn = edit.state + Boolean(edit.held) + Boolean(edit.seconds) + edit.output; // buttons and images stay as long as this does
  if (drawn === shown.drawn) return;
  shown.drawn = drawn;
  shown.times.replaceChildren(...(edit.seconds ? [timings(edit.seconds)] : []));
  shown.do.replaceChildren(buttons(edit));
  shown.images.replaceChildren();
  if (edit.state === "COMPLETED") compare(edit, shown.images);
}

// The id in the address; none where that is none.
function chosenId() {
  const match = location.hash.match(/^#\/edits\/(.+)$/);
  try { return match ? decodeURIComponent(match[1]) : ""; } catch (e) { return match[1]; }
}

async function redrive(id) {
  const again = await json("POST", api(id, "/redrive"));
  if (sources.has(id)) sources.set(again.requestId, sources.get(id));
  learn(again.requestId, { state: "REQUESTED", instruction: (edits.get(id) || {}).instruction });
  location.hash = hashOf(again.requestId);
}

const title = (id) => make("h2", { id: "one-title", textContent: id });

function timings(seconds) {
  const longest = Math.max(...STAGES.map((stage) => seconds[stage] || 0), 0.001);
  const body = make("tbody", {}, ...STAGES.map((stage) => make("tr", {},
    make("th", { scope: "row", textContent: stage }),
    make("td", {}, make("meter", { max: longest, value: seconds[stage] || 0, ariaLabel: stage })),
    make("td", { textContent: (seconds[stage] || 0).toFixed(2) + " s" }))));
  return make("table", {}, make("caption", { textContent: "Time by stage" }), body);
}

function buttons(edit) {
  const button = (text, action) => make("button", { type: "button", textContent: text, onclick: async (event) => {
    event.target.disabled = true;
    try { await action(); } catch (e) { event.target.after(make("p", { role: "alert", textContent: e.message })); event.target.disabled = false; }
  } });
  const all = [];
  if (edit.state === "FAILED") all.push(button("Redrive", () => redrive(edit.requestId)));
  if (edit.state === "RUNNING" && edit.held) {
    all.push(button("Release", () => json("POST", api(edit.requestId, "/release"))));
    all.push(button("Refuse", () => json("POST", api(edit.requestId, "/refuse"))));
  } else if (edit.state === "RUNNING" || edit.state === "REQUESTED") all.push(button("Cancel", () => json("DELETE", api(edit.requestId))));
  return make("div", { className: "do" }, ...all);
}

async function image(path) {
  return URL.createObjectURL(await (await call("GET", path)).blob());
}

async function compare(edit, images) {
  const id = edit.requestId;
  const result = (variant) => image(api(id, "/result" + (variant > 1 ? "?variant=" + variant : "")));
  try {
    const after = await result(1);
    const before = sources.get(id) || await image(api(id, "/source")).catch(() => null);
    const frame = make("div", { className: "compare" });
    if (before) frame.append(make("img", { src: before, alt: "Before" }));
    const edited = make("img", { src: after, alt: "After", className: before ? "after" : "" });
    frame.append(edited);
    images.replaceChildren(frame);
    if (before) images.append(make("label", { textContent: "Before and after" },
      make("input", { type: "range", min: 0, max: 100, value: 50, oninput: (event) => frame.style.setProperty("--cut", event.target.value + "%") })));
    const { box: mark, toggle, label } = region(edit);
    if (label) { frame.append(mark); images.append(label); }
    const save = make("a", { href: after, download: id, textContent: "Save the result" });
    if (edit.variants) images.append(await variants(after, edit.variants, result, (chosen, variant) => {
      edited.src = save.href = chosen;
      mark.hidden = variant > 1 || !toggle.checked; // the region is the first one's
      save.download = variant > 1 ? id + "-" + variant : id;
    }));
    images.append(make("p", {}, save));
  } catch (e) {
    images.replaceChildren(make("p", { textContent: e.message }));
  }
}

// Where the result differs from its source: a box over the images, and a switch for it.
function region(edit) {
  const box = make("div", { className: "region", hidden: true });
  const toggle = make("input", { type: "checkbox", onchange: () => { box.hidden = !toggle.checked; } });
  const changed = edit.changed;
  if (!changed || !edit.width) return { box, toggle };
  if (!changed.share) return { box, toggle, label: make("p", { textContent: "Nothing of the image changed." }) };
  const part = (value, of) => (100 * value) / of + "%";
  Object.assign(box.style, { left: part(changed.x, edit.width), top: part(changed.y, edit.height),
    width: part(changed.width, edit.width), height: part(changed.height, edit.height) });
  return { box, toggle, label: make("label", { className: "switch" }, toggle,
    " Show what changed: " + changed.width + " x " + changed.height + " pixels at " + changed.x + ", " + changed.y +
    " (" + (100 * changed.share).toFixed(1) + " % of the image)") };
}

// A row of thumbnails; the one that is pressed is compared and saved.
async function variants(first, further, result, choose) {
  const row = make("div", { className: "variants", role: "group", ariaLabel: "Variants" });
  const all = [first, ...(await Promise.all(further.map((variant, i) => result(i + 2))))];
  all.forEach((src, i) => {
    const button = make("button", { type: "button", ariaPressed: String(i === 0), onclick: () => {
      for (const other of row.children) other.ariaPressed = String(other === button);
      choose(src, i + 1);
    } }, make("img", { src, alt: "Variant " + (i + 1) }));
    row.append(button);
  });
  return row;
}

// --- what is done ---

function chosen() {
  const file = $("new").file.files[0];
  $("preview").hidden = !file;
  if (file) $("preview").src = URL.createObjectURL(file);
  $("drop-text").textContent = file ? file.name : "Drop an image here, or choose one";
}

$("new").file.addEventListener("change", chosen);
for (const type of ["dragover", "dragleave", "drop"]) {
  $("drop").addEventListener(type, (event) => {
    event.preventDefault();
    $("drop").classList.toggle("over", type === "dragover");
    if (type === "drop" && event.dataTransfer.files.length) {
      $("new").file.files = event.dataTransfer.files;
      chosen();
    }
  });
}

$("new").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  $("said").textContent = "";
  try {
    const file = form.file.files[0];
    const { source } = await (await call("POST", "/v1/images", file, "application/octet-stream")).json();
    const options = {};
    for (const name of ["steps", "size", "seed", "variants"]) if (form[name].value) options[name] = Number(form[name].value);
    const instruction = form.instruction.value;
    const { requestId } = await json("POST", "/v1/edits", { source, instruction, options });
    sources.set(requestId, URL.createObjectURL(file));
    learn(requestId, { state: "REQUESTED", instruction });
    location.hash = hashOf(requestId);
  } catch (e) {
    $("said").textContent = e.message;
  }
});

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = event.target.elements.id.value;
  if (id.trim()) location.hash = hashOf(id.trim());
});

$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  key = event.target.key.value;
  tenant = event.target.tenant.value;
  sessionStorage.setItem("key", key);
  sessionStorage.setItem("tenant", tenant);
  for (const map of [edits, workers, models]) map.clear();
  shown = null;
  show();
  follow();
  history();
  reviews();
});

$("who").tenant.value = tenant;
window.addEventListener("hashchange", show);
follow();
show();
history();
reviews();
setInterval(() => { if (!document.hidden) { history(); reviews(); } }, 15000);
setInterval(() => { if (!document.hidden) later(); }, 3000);
