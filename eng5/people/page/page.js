"use strict";
// The judge's page. What the server knows is fetched, never remembered here; only an answer that has not arrived yet
// is kept until it has, under the id of its question, so that it is sent again and never counted twice.

const $ = (id) => document.getElementById(id);
const RETRY_MS = [1000, 2000, 4000, 8000];
const SETTLE_MS = 350; // a key held down, or a second click, must not answer the next pair

let state = null;
let busy = false;
let paused = false;
let shownAt = 0;
let first = true;

// ---- time that a pair was looked at: stands still while the page is hidden or paused
let looked = 0;
let since = null;
const runs = () => !paused && document.visibilityState === "visible" && state !== null && state.question !== null;
function clock() {
  const now = performance.now();
  if (since !== null) looked += now - since;
  since = runs() ? now : null;
}

// ---- talking to the server
function credential() {
  const text = location.hash.slice(1);
  try { return decodeURIComponent(text); } catch { return text; } // a link that was cut in the middle of a letter
}
const keptUnder = () => "eng5-answer-" + location.hash;

async function ask(path, body) {
  const response = await fetch(path, {
    method: body === undefined ? "GET" : "POST",
    headers: { "authorization": "Bearer " + encodeURIComponent(credential()), "content-type": "application/json" },
    body: JSON.stringify(body),
    cache: "no-store",
  });
  if (response.status >= 500) throw new Error("server");
  return { status: response.status, document: await response.json() };
}

async function untilAnswered(path, body) {
  for (let turn = 0; ; turn++) {
    try {
      const answer = await ask(path, body);
      trouble("");
      return answer;
    } catch {
      trouble(body === undefined
        ? "Not connected. The page goes on by itself when the connection is back."
        : "Not connected. Your answer is kept here and sent again by itself; please leave this page open.");
      await new Promise((done) => {
        const timer = setTimeout(done, RETRY_MS[Math.min(turn, RETRY_MS.length - 1)]);
        addEventListener("online", () => { clearTimeout(timer); done(); }, { once: true });
      });
    }
  }
}

// ---- what is seen
function trouble(text) { if ($("trouble").textContent !== text) $("trouble").textContent = text; }
function say(text) { $("said").textContent = text; }

function inWords(seconds) {
  const minutes = Math.max(1, Math.round(seconds / 60));
  if (minutes < 90) return "about " + minutes + (minutes === 1 ? " minute" : " minutes") + " left";
  return "about " + Math.round(minutes / 60) + " hours left";
}

function show(part) {
  for (const id of ["who", "rest", "work"]) $(id).hidden = id !== part;
  $("tools").hidden = part === "who";
}

function howFar() {
  const left = state.secondsLeft === null || state.done >= state.total ? "" : ", " + inWords(state.secondsLeft);
  return state.done + " of " + state.total + " done" + left;
}

function draw(focus) {
  $("bar").max = Math.max(1, state.total);
  $("bar").value = state.done;
  $("progress").textContent = howFar();
  $("undo").disabled = state.undo === null || busy;
  $("pause").hidden = state.question === null;
  $("pause").firstChild.textContent = paused ? "Go on " : "Pause ";
  for (const id of ["left", "right", "tie"]) $(id).disabled = busy;
  if (state.question === null || paused) {
    rest(focus);
    return;
  }
  show("work");
  if ($("question").dataset.id !== state.question.id) {
    $("question").dataset.id = state.question.id;
    $("question-title").textContent = "Comparison " + (state.done + 1) + " of " + state.total;
    $("a").textContent = state.question.left;
    $("b").textContent = state.question.right;
    $("comment").value = "";
    looked = 0;
    since = null;
    shownAt = performance.now();
    scrollTo(0, 0);
    if (focus) $("question-title").focus({ preventScroll: true });
  }
  clock();
}

function rest(focus) {
  clock();
  show("rest");
  const done = state.question === null;
  $("go-on").hidden = done;
  const [title, text] = !done
    ? ["Paused", "Every answer so far is kept. You may close this page and come back another day by the same link: you go on where you stopped."]
    : state.closed
      ? ["This panel is closed", "No more answers are needed. Thank you."]
      : ["All done. Thank you!", "Every answer is kept. You may take the last one back, or close this page."];
  $("rest-title").textContent = title;
  $("rest-text").textContent = text;
  if (focus) $("rest-title").focus({ preventScroll: true });
}

function instructions(about) {
  document.title = about.title;
  $("title").textContent = about.title;
  for (const each of document.querySelectorAll(".of-ties")) each.hidden = !about.ties;
  for (const id of ["a", "b"]) $(id).lang = about.language;
  const parts = about.instructions.flatMap(({ title, text }) => {
    const heading = document.createElement("h2");
    const paragraph = document.createElement("p");
    heading.textContent = title;
    paragraph.textContent = text;
    paragraph.lang = about.language;
    return [heading, paragraph];
  });
  $("instructions-text").replaceChildren(...parts);
  $("instructions").hidden = parts.length === 0;
  $("instructions").open = state.done === 0;
}

function whoAreYou(judges) {
  show("who");
  $("progress").textContent = "";
  const [title, text] = judges === null
    ? ["Please open your personal link", "This address alone does not say who you are. The link that you were sent does; if it no longer works, ask for a new one."]
    : ["Who are you?", "Choose the name that you were given."];
  $("who-title").textContent = title;
  $("who-text").textContent = text;
  $("names").replaceChildren(...(judges ?? []).map((name) => {
    const item = document.createElement("li");
    const link = document.createElement("button");
    link.type = "button";
    link.textContent = name;
    link.addEventListener("click", () => { location.hash = encodeURIComponent(name); });
    item.append(link);
    return item;
  }));
}

// ---- what is done
async function load() {
  const { status, document: found } = await untilAnswered("api/state");
  if (status === 401) { state = null; whoAreYou(found.judges); return; }
  if (status !== 200) { trouble(found.problem); return; }
  state = found;
  if (first) instructions(found.about);
  first = false;
  const kept = sessionStorage.getItem(keptUnder());
  draw(false);
  if (kept !== null && !busy) await send("api/answer", JSON.parse(kept));
}

async function send(path, body) {
  busy = true;
  draw(false);
  const answering = path === "api/answer";
  if (answering) sessionStorage.setItem(keptUnder(), JSON.stringify(body));
  const { status, document: found } = await untilAnswered(path, body);
  if (status !== 401) sessionStorage.removeItem(keptUnder());
  busy = false;
  if (status !== 200) {
    trouble(status === 401 ? "This link no longer works; ask for a new one." : found.problem);
    draw(false);
    return;
  }
  state = found;
  if (answering && state.done === 1) $("instructions").open = false;
  if (!answering) say(found.kept ? "Taken back. Please answer this pair again." : "There is nothing to take back.");
  else if (found.kept) say("Saved. " + howFar() + ".");
  else if (state.closed) say("The panel was closed before this answer came; it does not count.");
  else say("This pair was answered already; nothing was counted twice. " + howFar() + ".");
  draw(true);
}

function answer(choice) {
  if (busy || paused || state === null || state.question === null) return;
  if (choice === "tie" && $("tie").hidden) return;
  if (performance.now() - shownAt < SETTLE_MS) return;
  clock();
  const comment = $("comment").value;
  send("api/answer", { id: state.question.id, choice, comment, seconds: Math.round(looked / 100) / 10 });
}

function undo() {
  if (busy || state === null || state.undo === null) return;
  paused = false;
  send("api/undo", { id: state.undo });
}

function pause() {
  if (state === null || state.question === null) return;
  clock();
  paused = !paused;
  say(paused ? "Paused." : "");
  draw(true);
  if (!paused) $("question-title").focus({ preventScroll: true });
}

const KEYS = { ArrowLeft: "left", 1: "left", ArrowRight: "right", 2: "right", 0: "tie" };

addEventListener("keydown", (event) => {
  const writing = event.target instanceof Element && event.target.closest("textarea, select, input:not([type=checkbox])");
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || writing || !$("use-keys").checked) return;
  const key = event.key.toLowerCase();
  if (event.key in KEYS) answer(KEYS[event.key]);
  else if (key === "u") undo();
  else if (key === "p") pause();
  else return;
  event.preventDefault();
});
for (const id of ["left", "right", "tie"]) $(id).addEventListener("click", () => answer(id));
$("undo").addEventListener("click", undo);
$("pause").addEventListener("click", pause);
$("go-on").addEventListener("click", pause);
document.addEventListener("visibilitychange", () => {
  clock();
  if (document.visibilityState === "visible" && !busy && state !== null) load();
});
addEventListener("hashchange", () => { say(""); load(); });
addEventListener("pageshow", (event) => { if (event.persisted) load(); });
load();
