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
  observe(type, data);
  if (type === "progress") learn(data.requestId, { ...data, state: "RUNNING" });
  if (type === "completed") learn(data.requestId, { ...data, state: "COMPLETED" });
  if (type === "failed") learn(data.requestId, {
    seconds: data.seconds, instruction: data.instruction, state: "FAILED",
    failure: { status: data.status, kind: data.kind, message: data.message } });
}

// --- the stream as a whole, from what is heard ---

const workers = new Map(); // by name: what it holds, how many it ended, when it was heard of
const models = new Map(); // by tenant and model
const minutes = new Map(); // by minute since 1970, the oldest first
const SAMPLES = 1000;
const MINUTES = 30;

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
  const minute = Math.floor(Date.now() / 60000);
  const now = minutes.get(minute) || { count: 0, took: [] };
  minutes.set(minute, now);
  now.count++;
  if (type === "completed") {
    for (const list of [model.took, now.took]) { list.push(took); if (list.length > SAMPLES) list.shift(); }
  }
  for (const map of [workers, models, minutes]) if (map.size > MOST) map.delete(map.keys().next().value);
}

const share = (values, part) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted.length ? sorted[Math.min(sorted.length - 1, Math.floor(part * sorted.length))].toFixed(1) + " s" : "";
};

function stream() {
  $("quiet").hidden = workers.size > 0;
  $("workers").hidden = workers.size === 0;
  $("models").hidden = models.size === 0;
  $("minutes").hidden = minutes.size === 0;
  const row = (name, ...cells) => make("tr", {}, make("th", { scope: "row", textContent: name }), ...cells.map((cell) => make("td", {}, cell)));
  $("workers").tBodies[0].replaceChildren(...[...workers].map(([name, worker]) => row(name,
    make("ul", {}, ...[...worker.holds].map(([id, step]) => make("li", {}, make("a", { href: "#/edits/" + id, textContent: id }), " step " + step))),
    String(worker.ended), new Date(worker.heard).toLocaleTimeString())));
  $("models").tBodies[0].replaceChildren(...[...models].map(([name, model]) => row(name,
    String(model.completed), String(model.failed), share(model.took, 0.5), share(model.took, 0.95))));
  const last = Math.floor(Date.now() / 60000);
  const shown = Array.from({ length: MINUTES }, (_, i) => last - MINUTES + 1 + i);
  const most = Math.max(1, ...shown.map((minute) => (minutes.get(minute) || { count: 0 }).count));
  $("minutes").querySelector("ol").replaceChildren(...shown.map((minute) => {
    const { count, took } = minutes.get(minute) || { count: 0, took: [] };
    const at = new Date(minute * 60000).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    const bar = make("li", { title: at + ": " + count + " ended" + (took.length ? ", half within " + share(took, 0.5) : "") },
      make("span", { textContent: at + ": " + count + (took.length ? ", " + share(took, 0.5) : "") }));
    bar.style.setProperty("--height", (100 * count) / most + "%");
    return bar;
  }));
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
  if (edit.state === "RUNNING" && edit.steps) return "step " + edit.step + " of " + edit.steps;
  return (edit.failure && edit.failure.status !== "FAILED" ? edit.failure.status : edit.state || "").toLowerCase();
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
        make("a", { href: "#/edits/" + edit.requestId, textContent: edit.requestId }),
        make("span", { className: "state" }),
        make("p", { className: "words" }),
        make("progress", { hidden: true, ariaLabel: "Progress of " + edit.requestId }),
        make("p", { className: "reason" }));
      rows.set(edit.requestId, row);
    }
    const [, state, words, bar, reason] = row.children;
    state.textContent = word(edit);
    state.className = "state " + (edit.state || "").toLowerCase();
    words.textContent = edit.instruction || "";
    bar.hidden = edit.state !== "RUNNING";
    if (edit.steps) { bar.max = edit.steps; bar.value = edit.step; }
    reason.textContent = edit.failure ? edit.failure.message : "";
    if ($("list").children[place] !== row) $("list").insertBefore(row, $("list").children[place] || null);
  });
}

let drawn = "";

async function one() {
  const id = decodeURIComponent((location.hash.match(/^#\/edits\/(.+)$/) || [])[1] || "");
  const section = $("one");
  section.hidden = !id;
  if (!id) { drawn = ""; return; }
  const edit = edits.get(id);
  const now = id + JSON.stringify(edit || null);
  if (now === drawn) return;
  const before = drawn;
  drawn = now;
  if (!edit || (edit.state === "RUNNING" && before === "")) { // whether it is held, the sink alone knows
    try { learn(id, await json("GET", "/v1/edits/" + id)); } catch (e) { section.replaceChildren(title(id), make("p", { textContent: e.message })); }
    if (!edit) return;
  }
  const parts = [title(id), make("p", { textContent: word(edit), role: "status" })];
  if (edit.instruction) parts.push(make("p", { textContent: edit.instruction }));
  if (edit.state === "RUNNING" && edit.steps) parts.push(make("progress", { max: edit.steps, value: edit.step, ariaLabel: "Progress" }));
  if (edit.failure) parts.push(make("p", { className: "reason", textContent: edit.failure.message }));
  if (edit.held && edit.state === "RUNNING") parts.push(make("p", { className: "reason", textContent: "Held by " + edit.held.policy + (edit.held.reason ? ": " + edit.held.reason : "") }));
  const images = make("div");
  if (edit.state === "COMPLETED") parts.push(images);
  if (edit.seconds) parts.push(timings(edit.seconds));
  parts.push(buttons(edit));
  section.replaceChildren(...parts);
  if (!before.startsWith(id)) section.focus();
  if (edit.state === "COMPLETED") compare(edit, images);
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
  if (edit.state === "FAILED") all.push(button("Redrive", async () => {
    const again = await json("POST", "/v1/edits/" + edit.requestId + "/redrive");
    if (sources.has(edit.requestId)) sources.set(again.requestId, sources.get(edit.requestId));
    learn(again.requestId, { state: "REQUESTED", instruction: edit.instruction });
    location.hash = "#/edits/" + again.requestId;
  }));
  if (edit.state === "RUNNING" && edit.held) {
    all.push(button("Release", () => json("POST", "/v1/edits/" + edit.requestId + "/release")));
    all.push(button("Refuse", () => json("POST", "/v1/edits/" + edit.requestId + "/refuse")));
  } else if (edit.state === "RUNNING" || edit.state === "REQUESTED") all.push(button("Cancel", () => json("DELETE", "/v1/edits/" + edit.requestId)));
  return make("div", { className: "do" }, ...all);
}

async function image(path) {
  return URL.createObjectURL(await (await call("GET", path)).blob());
}

async function compare(edit, images) {
  const id = edit.requestId;
  const result = (variant) => image("/v1/edits/" + id + "/result" + (variant > 1 ? "?variant=" + variant : ""));
  try {
    const after = await result(1);
    const before = sources.get(id) || await image("/v1/edits/" + id + "/source").catch(() => null);
    const frame = make("div", { className: "compare" });
    if (before) frame.append(make("img", { src: before, alt: "Before" }));
    frame.append(make("img", { src: after, alt: "After", className: before ? "after" : "" }));
    images.replaceChildren(frame);
    if (before) images.append(make("label", { textContent: "Before and after" },
      make("input", { type: "range", min: 0, max: 100, value: 50, oninput: (event) => frame.style.setProperty("--cut", event.target.value + "%") })));
    const save = make("a", { href: after, download: id, textContent: "Save the result" });
    if (edit.variants) images.append(await variants(after, edit.variants, result, (chosen, variant) => {
      frame.lastChild.src = save.href = chosen;
      save.download = variant > 1 ? id + "-" + variant : id;
    }));
    images.append(make("p", {}, save));
  } catch (e) {
    images.replaceChildren(make("p", { textContent: e.message }));
  }
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
    location.hash = "#/edits/" + requestId;
  } catch (e) {
    $("said").textContent = e.message;
  }
});

$("search").addEventListener("submit", (event) => {
  event.preventDefault();
  const id = event.target.elements.id.value;
  if (id) location.hash = "#/edits/" + encodeURIComponent(id.trim());
});

$("who").addEventListener("submit", (event) => {
  event.preventDefault();
  key = event.target.key.value;
  tenant = event.target.tenant.value;
  sessionStorage.setItem("key", key);
  sessionStorage.setItem("tenant", tenant);
  for (const map of [edits, workers, models, minutes]) map.clear();
  show();
  follow();
});

$("who").tenant.value = tenant;
window.addEventListener("hashchange", () => { drawn = ""; show(); });
follow();
show();
