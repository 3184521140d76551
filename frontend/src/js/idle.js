// A shared computer: whoever is at work stays signed in, and whoever left is signed out, warned two minutes before.
const idleS = Number(document.documentElement.dataset.idleS || 0);
const WARN_S = Math.min(120, idleS / 3);
const TELL_EVERY_S = Math.min(240, idleS / 4);
const AT_WORK = ["keydown", "pointerdown", "pointermove", "wheel", "timeupdate"];

let usedAt = Date.now();
let toldAt = Date.now();
let isWarned = false;

function notices() {
  return document.getElementById("notices");
}

async function tell() {
  toldAt = Date.now();
  const answer = await fetch("/me/here", { headers: { "HX-Request": "true" } }).catch(() => null);
  if (answer && answer.status === 401) leave();
}

function used() {
  usedAt = Date.now();
  if (isWarned) notices()?.replaceChildren();
  isWarned = false;
  if (usedAt - toldAt > TELL_EVERY_S * 1000) tell();
}

function warn() {
  const template = document.getElementById("idle-warning");
  if (!template || isWarned) return;
  isWarned = true;
  notices()?.replaceChildren(template.content.cloneNode(true));
}

// The form is posted, so that the server ends the sign-in and tells the browser to forget.
function leave() {
  clearInterval(clock);
  const form = document.createElement("form");
  form.method = "post";
  form.action = "/sign-out";
  document.body.append(form);
  form.submit();
}

function look() {
  const idle = (Date.now() - usedAt) / 1000;
  if (idle > idleS) leave();
  else if (idle > idleS - WARN_S) warn();
}

let clock = 0;
if (idleS) {
  for (const kind of AT_WORK) document.addEventListener(kind, used, { capture: true, passive: true });
  clock = setInterval(look, Math.min(5000, idleS * 100));
}
