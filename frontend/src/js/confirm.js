// <form data-confirm="id-of-dialog">: asked before it is sent; the answer's fields travel along.
document.addEventListener(
  "submit",
  (event) => {
    const form = event.target;
    const dialog = form.dataset.confirm && document.getElementById(form.dataset.confirm);
    if (!dialog || !dialog.showModal || form.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(dialog, form, event.submitter);
  },
  true,
);

function ask(dialog, form, submitter) {
  dialog.returnValue = "";
  dialog.addEventListener("close", () => answered(dialog, form, submitter), { once: true });
  dialog.showModal();
}

function answered(dialog, form, submitter) {
  if (dialog.returnValue !== "yes") return;
  for (const [name, value] of new FormData(dialog.querySelector("form"))) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.dataset.confirmed = "yes";
  form.requestSubmit(submitter || undefined);
  delete form.dataset.confirmed;
}
