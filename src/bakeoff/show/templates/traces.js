
// Where a number comes from: the part of the list of sources that an element's data-runs names, beside the pointer.
(() => {
  const MOST = 10, FEW = 3, DELAY_MS = 350;
  const tip = make("div", undefined, "tip");
  tip.id = "tip";
  tip.setAttribute("role", "tooltip");
  tip.hidden = true;
  document.body.append(tip);
  let wait = 0, on = null;

  /** What the list says of one source: its runs, all or the one that the name asks for; in `brief` how many. */
  const source = (name, brief) => {
    const found = document.getElementById(`from-${name}`);
    const whole = found?.closest("details");
    if (!whole) return [];
    const runs = found === whole ? [...whole.querySelectorAll("li")] : [found];
    const title = make("h5"), link = make("a"), list = make("ul");
    link.href = `#from-${name}`;
    link.append(make("bdi", whole.querySelector("summary").textContent));
    title.append(link);
    if (brief && runs.length) title.append(make("span", ` ${runs.length === 1 ? "1 run" : `${runs.length} runs`}`));
    if (brief) return [title];
    if (!runs.length) return [title, make("p", whole.querySelector(".note").textContent)];
    for (const run of runs.slice(0, MOST)) {
      const item = make("li"), [what, key] = run.children;
      item.append(make("span", what.textContent), " ", make("code", `${key.textContent.slice(0, 16)}…`));
      list.append(item);
    }
    if (runs.length > MOST) list.append(make("li", `and ${runs.length - MOST} more`));
    return [title, list];
  };

  const hide = () => {
    clearTimeout(wait);
    tip.hidden = true;
    on?.removeAttribute("aria-describedby");
    on = null;
  };
  const show = (element, at) => {
    hide();
    const said = element.dataset.words ? [make("p", element.dataset.words)] : [];
    const names = element.dataset.runs.split(" ");
    tip.replaceChildren(...said, ...names.flatMap((name) => source(name, names.length > FEW)));
    tip.hidden = false;
    const box = at.getBoundingClientRect(), own = tip.getBoundingClientRect(), room = document.documentElement.clientWidth;
    const below = box.bottom + own.height + 12 < innerHeight || box.top < own.height + 12;
    tip.style.left = `${scrollX + Math.max(8, Math.min(box.left, room - own.width - 8))}px`;
    tip.style.top = `${scrollY + (below ? box.bottom + 5 : box.top - own.height - 5)}px`;
    on = element;
    if (element.matches("a")) element.setAttribute("aria-describedby", "tip");
  };

  /** [what has sources, where to show them] at an event; none inside large things, whose caption has a link. */
  const traced = (target) => {
    const element = target.closest?.("[data-runs]");
    if (!element || element.matches("figure, article, details, .explorer") || target.closest("#grid")) return null;
    return [element, element.matches("tr, dl, ul") ? (target.closest("td, th, div, li") ?? element) : element];
  };
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType !== "mouse" || tip.contains(event.target)) return;
    clearTimeout(wait);
    const found = traced(event.target);
    if (found) wait = setTimeout(() => show(...found), DELAY_MS);
    else if (on) wait = setTimeout(hide, DELAY_MS);
  });
  document.addEventListener("focusin", (event) => {
    const link = event.target.closest("a.from, .versus a");
    if (link?.matches(":focus-visible")) show(...traced(link)); else if (!tip.contains(event.target)) hide();
  });
  document.addEventListener("click", (event) => {
    if (tip.contains(event.target)) return;
    const found = event.target.closest("a, button, summary, select, [role=option]") ? null : traced(event.target);
    if (found) show(...found); else hide();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
})();
