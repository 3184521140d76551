// Whoever has the focus when the part around it is replaced has it again: the same box, or where it stood.
let kept = null;

const same = (node) => (node.id ? `#${CSS.escape(node.id)}` : node.name && `[name="${CSS.escape(node.name)}"][value="${CSS.escape(node.value)}"]`);

document.addEventListener("htmx:before:swap", () => {
  const at = document.activeElement;
  const part = at.closest("main [id]:not(input, select, a)");
  kept = part && { again: same(at), part: part.id };
});

document.addEventListener("htmx:after:swap", () => {
  if (!kept || document.activeElement !== document.body) return;
  const again = kept.again && document.querySelector(kept.again);
  const part = document.getElementById(kept.part);
  kept = null;
  if (again) again.focus({ preventScroll: true });
  if (!part || document.activeElement !== document.body) return;
  part.tabIndex = -1;
  part.focus({ preventScroll: true });
});
