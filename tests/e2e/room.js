// What a page does with little room, large letters and the keyboard; asked by tests/e2e/test_room.py.
(() => {
  const shown = (node) => node.checkVisibility({ visibilityProperty: true }) && node.getClientRects().length > 0;
  const named = (node) => node.outerHTML.replace(/\s+/g, " ").slice(0, 140);
  const root = document.documentElement;

  // What stands out beyond the window, when the page can be pushed sideways.
  const wider = () => {
    if (root.scrollWidth <= root.clientWidth) return [];
    const scrolls = (node) => node && node !== document.body && (getComputedStyle(node).overflowX !== "visible" || scrolls(node.parentElement));
    const beyond = [...document.body.querySelectorAll("*")].filter((node) => node.getBoundingClientRect().right > root.clientWidth + 1 && !scrolls(node));
    return [`${root.scrollWidth} px on ${root.clientWidth}`, ...beyond.slice(-4).map(named)];
  };

  // Letters and lines as far apart as a reader may set them (WCAG 1.4.12).
  const spread = () => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important } p { margin-bottom: 2em !important }");
    document.adoptedStyleSheets = [sheet];
    return () => (document.adoptedStyleSheets = []);
  };

  // Text that its box cuts off. Titles clamped on purpose stand in full on the page they lead to.
  const cut = () =>
    [...document.body.querySelectorAll("*")].filter((node) => {
      const style = getComputedStyle(node);
      const clips = ["hidden", "clip"].includes(style.overflowX) || ["hidden", "clip"].includes(style.overflowY);
      const clamped = style.webkitLineClamp !== "none";
      const unseen = style.clip !== "auto" || node.closest('[aria-hidden="true"], svg, template');
      const over = node.scrollHeight > node.clientHeight + 1 || node.scrollWidth > node.clientWidth + 1;
      return clips && !clamped && !unseen && over && shown(node) && node.textContent.trim();
    }).map(named);

  const ringed = (node) => {
    const label = node.labels && node.labels[0];
    const around = [node, node.firstElementChild, label, node.closest(".card"), node.closest(".drop")];
    return around.some((one) => {
      const style = one && getComputedStyle(one);
      return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
    });
  };

  // Whether any part of it can be seen, with nothing of the page lying over it.
  const uncovered = (node) => {
    const tiny = node.getBoundingClientRect().width <= 2 || getComputedStyle(node).opacity === "0";
    const seen = (tiny && node.labels && node.labels[0]) || node;
    const box = seen.getClientRects()[0];
    const across = [0.05, 0.5, 0.95].map((share) => box.left + box.width * share);
    const down = [0.1, 0.5, 0.9].map((share) => box.top + box.height * share);
    return across.some((x) => down.some((y) => {
      const top = document.elementFromPoint(x, y);
      return top && (seen.contains(top) || top.contains(seen));
    }));
  };

  const stops = () =>
    [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")].filter(
      (node) => !node.disabled && node.tabIndex >= 0 && node.type !== "hidden" && shown(node),
    );

  // Every place Tab comes to: does it take the focus, show it, and lie open?
  const unfocused = () =>
    stops().flatMap((node) => {
      node.focus();
      if (document.activeElement !== node) return [`takes no focus: ${named(node)}`];
      if (!ringed(node)) return [`does not show the focus: ${named(node)}`];
      return uncovered(node) ? [] : [`lies under something: ${named(node)}`];
    });

  const moving = () => [
    ...document.getAnimations().map((one) => `moves: ${one.animationName || one.transitionProperty}`),
    ...[...document.querySelectorAll("*")].filter((node) => getComputedStyle(node).scrollBehavior === "smooth").map(named),
  ];

  globalThis.room = { wider, spread, cut, stops, unfocused, ringed, uncovered, moving };
})();
