// <form data-autosave="address">: sent to the address a moment after the last change; the answer's text is shown in
// the form's .saved. Before another form of the page is sent, and when the page is put away, what waits is sent at once.
const WAIT_MS = 1500;
const RETRY_MS = 12000;
const waiting = new Map();

function told(form, words, isBad = false) {
  const place = form.querySelector(".saved");
  if (!place) return;
  place.textContent = words;
  place.classList.toggle("is-bad", isBad);
}

function said(form, name) {
  const place = form.querySelector(".saved");
  return (place && place.dataset[name]) || "";
}

// Whether what was typed is kept now.
async function save(form) {
  forget(form);
  told(form, said(form, "saving"));
  try {
    const body = new FormData(form);
    const keepalive = document.visibilityState === "hidden";
    const answer = await fetch(form.dataset.autosave, { method: "POST", body, headers: { "HX-Request": "true" }, keepalive });
    const isRefused = answer.status === 422 || answer.status === 409;
    if (answer.redirected || (!answer.ok && !isRefused)) throw new Error(String(answer.status));
    if (!waiting.has(form)) told(form, await answer.text(), isRefused);
    return answer.ok;
  } catch {
    told(form, said(form, "failed"), true);
    later(form, RETRY_MS);
    return false;
  }
}

function later(form, ms) {
  clearTimeout(waiting.get(form));
  waiting.set(
    form,
    setTimeout(() => save(form), ms),
  );
}

export function changed({ target }) {
  const { form } = target;
  if (target.type === "file") return;
  told(form, said(form, "unsaved"));
  later(form, WAIT_MS);
}

async function sendFirst(event) {
  forget(event.target);
  if (!waiting.size || event.target.hasAttribute("hx-get") || event.target.method === "dialog") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const { target, submitter } = event;
  const kept = await Promise.all([...waiting.keys()].map(save));
  if (kept.every(Boolean)) target.requestSubmit(submitter || undefined);
}

function forget(form) {
  clearTimeout(waiting.get(form));
  waiting.delete(form);
}

document.addEventListener("submit", sendFirst, true);
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "hidden") for (const form of [...waiting.keys()]) save(form);
});
addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});
