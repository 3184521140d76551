// <form data-autosave="address">: sent to the address a moment after the last change; the answer's text is shown in
// the form's .saved. Leaving with something unsent is asked about.
const WAIT_MS = 1500;
const waiting = new Map();

async function save(form) {
  waiting.delete(form);
  const place = form.querySelector(".saved");
  try {
    const answer = await fetch(form.dataset.autosave, {
      method: "POST",
      body: new FormData(form),
      headers: { "HX-Request": "true" },
    });
    if (answer.redirected || !answer.ok) throw new Error(String(answer.status));
    if (place) place.textContent = await answer.text();
  } catch {
    if (place) place.textContent = place.dataset.failed || "";
    later(form, WAIT_MS * 8);
  }
}

function later(form, ms) {
  clearTimeout(waiting.get(form));
  waiting.set(
    form,
    setTimeout(() => save(form), ms),
  );
}

document.addEventListener("input", (event) => {
  const form = event.target.form;
  if (form && form.dataset.autosave && event.target.type !== "file") later(form, WAIT_MS);
});

document.addEventListener("submit", (event) => {
  clearTimeout(waiting.get(event.target));
  waiting.delete(event.target);
});

addEventListener("beforeunload", (event) => {
  if (waiting.size) event.preventDefault();
});
