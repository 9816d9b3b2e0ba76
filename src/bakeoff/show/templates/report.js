"use strict";
// The page's behaviour. Names are hostile text: they reach the page through textContent and setAttribute only.
(() => {
  const root = document.documentElement;
  const $ = (id) => document.getElementById(id);

  // ---- theme: follows the system until the reader chooses
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const remembered = () => { try { return localStorage.getItem("bakeoff-theme"); } catch { return null; } };
  const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : dark.matches);
  const label = () => { $("theme").textContent = isDark() ? "Light theme" : "Dark theme"; };
  if (["dark", "light"].includes(remembered())) root.dataset.theme = remembered();
  $("theme").addEventListener("click", () => {
    root.dataset.theme = isDark() ? "light" : "dark";
    try { localStorage.setItem("bakeoff-theme", root.dataset.theme); } catch { /* private window */ }
    label();
  });
  dark.addEventListener("change", label);
  label();

  // ---- contents: mark the section that is being read
  const links = [...document.querySelectorAll("nav a")];
  const sections = links.map((a) => $(a.hash.slice(1)));
  const mark = () => {
    let now = 0;
    sections.forEach((s, i) => { if (s.getBoundingClientRect().top < innerHeight * 0.35) now = i; });
    if (links[now]?.hasAttribute("aria-current")) return;
    links.forEach((a, i) => (i === now ? a.setAttribute("aria-current", "true") : a.removeAttribute("aria-current")));
    const strip = document.querySelector("nav");
    if (strip.scrollWidth > strip.clientWidth) strip.scrollLeft = links[now].offsetLeft - 90;
  };
  addEventListener("scroll", mark, { passive: true });
  mark();

  // ---- what is folded away opens for print and for links into it
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open])")];
    opened.forEach((d) => { d.open = true; });
  });
  addEventListener("afterprint", () => opened.forEach((d) => { d.open = false; }));
  const reveal = () => {
    const fold = location.hash.length > 1 && $(decodeURIComponent(location.hash.slice(1)))?.closest("details");
    if (fold && !fold.open) { fold.open = true; $(location.hash.slice(1)).scrollIntoView({ block: "center" }); }
  };
  addEventListener("hashchange", reveal);
  document.querySelectorAll(".versus a").forEach((a) => a.addEventListener("click", () => { $("pair-details").open = true; }));
  reveal();

  // ---- confusion matrix and pictures
  if (!$("report-data")) return;
  const data = JSON.parse($("report-data").textContent);
  const unpack = (text, width) => {
    const raw = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    return width === 1 ? raw : Uint16Array.from({ length: raw.length / 2 }, (_, i) => raw[2 * i] + 256 * raw[2 * i + 1]);
  };
  const names = data.classes;
  const K = names.length;
  const truth = unpack(data.labels, data.bytes);
  const N = truth.length;
  const entries = data.entries.map((e) => ({
    name: e.name,
    runs: e.runs.map((r) => ({ seed: r.seed, said: unpack(r.predicted, data.bytes), sure: unpack(r.confidence, 1) })),
  }));
  const place = new Map(data.sprite.images.map((image, i) => [image, i]));
  const hash = (image) => Math.imul(image + 1, 2654435761) >>> 0;
  const whole = (n) => n.toLocaleString("en-US");
  const plural = (n, word) => `${whole(n)} ${word}${n === 1 ? "" : "s"}`;
  const make = (tag, text, cls) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };

  /** The runs that the selectors show. */
  const chosen = () => {
    const entry = entries[Number($("entry").value)];
    const seed = Number($("seed").value);
    return seed < 0 ? entry.runs : [entry.runs[seed]];
  };

  /** Pictures of one cell in the order the page shows them; mirrors show/predictions.py. */
  const behind = (runs, t, p) => {
    const found = [];
    for (let i = 0; i < N; i++) {
      if (truth[i] !== t) continue;
      const by = runs.filter((r) => r.said[i] === p);
      if (by.length) found.push({ image: i, p, by, weight: by.reduce((sum, r) => sum + r.sure[i], 0) });
    }
    const order = t === p ? (f) => hash(f.image) : (f) => -f.weight;
    return found.sort((a, b) => order(a) - order(b) || a.image - b.image);
  };

  const picture = (found, runs, head, foot) => {
    const item = make("li");
    const at = place.get(found.image);
    const sure = Math.round((100 * found.weight) / (255 * found.by.length));
    const words = `test picture ${found.image}: true ${names[truth[found.image]]}, taken for ${names[found.p]}, ` +
      `${sure}% sure` + (runs.length > 1 ? `, by seed ${found.by.map((r) => r.seed).join(", ")} of ${runs.map((r) => r.seed).join(", ")}` : "");
    const pic = make("span", undefined, "pic");
    pic.setAttribute("role", "img");
    pic.setAttribute("aria-label", words);
    pic.title = words;
    pic.style.setProperty("--x", at % data.sprite.columns);
    pic.style.setProperty("--y", Math.floor(at / data.sprite.columns));
    item.append(pic, make("b", head(sure, found)), make("bdi", foot(sure, found)));
    return item;
  };

  // Classes stand in the order of the data, those of one superclass side by side; `at` = true class x K + said class.
  const { order, blocks } = data;
  const spot = [];
  order.forEach((c, i) => { spot[c] = i; });
  const starts = new Set(blocks.map(([, start]) => start));
  const above = [];
  for (const [name, start, count] of blocks) for (const c of order.slice(start, start + count)) above[c] = name;

  const grid = $("grid");
  const gap = K > 30 ? 0 : 1;
  const room = grid.parentElement.clientWidth - (innerWidth < 600 ? 84 : 160);
  const size = Math.min(52, Math.max(6, Math.floor(room / K) - gap));
  grid.style.setProperty("--cell", `${size}px`);
  grid.classList.toggle("large", K > 30);
  const named = size >= 13;
  const coarse = !named && blocks.length > 0;
  const cells = [];
  let focus = order[0] * K + order[0];

  /** A heading over `count` columns or beside as many rows; its words only where they have room. */
  const heading = (name, scope, count, cls) => {
    const th = make("th", undefined, cls);
    const shown = named || (coarse && size * count >= 11) ? name : "";
    th.append(scope === "col" ? make("span", shown) : shown);
    th.scope = scope === "col" && count > 1 ? "colgroup" : scope === "row" && count > 1 ? "rowgroup" : scope;
    if (scope === "col") th.colSpan = count; else th.rowSpan = count;
    th.title = name;
    return th;
  };

  const build = () => {
    const head = make("tr");
    head.append(make("td", "true ↓ said →"));
    if (coarse) for (const [name, , count] of blocks) head.append(heading(name, "col", count, "block"));
    else for (const c of order) head.append(heading(names[c], "col", 1));
    const thead = make("thead");
    if (named || coarse) thead.append(head);
    const body = make("tbody");
    order.forEach((t, i) => {
      const row = make("tr", undefined, starts.has(i) && i ? "above" : "");
      row.setAttribute("role", "row");
      if (!coarse) row.append(heading(names[t], "row", 1));
      else if (starts.has(i)) row.append(heading(above[t], "row", blocks.find(([, start]) => start === i)[2], "block"));
      order.forEach((p, j) => {
        const td = make("td", undefined, starts.has(j) && j ? "left" : "");
        td.setAttribute("role", "gridcell");
        td.dataset.at = t * K + p;
        td.tabIndex = -1;
        cells[t * K + p] = td;
        row.append(td);
      });
      body.append(row);
    });
    grid.replaceChildren(thead, body);
    cells[focus].tabIndex = 0;
  };

  let counts = new Float64Array(K * K);
  let totals = new Float64Array(K);
  const share = (at) => counts[at] / (totals[Math.floor(at / K)] || 1);

  const paint = () => {
    counts = new Float64Array(K * K);
    totals = new Float64Array(K);
    for (const run of chosen()) for (let i = 0; i < N; i++) { counts[truth[i] * K + run.said[i]]++; totals[truth[i]]++; }
    let top = 1e-9;
    for (let at = 0; at < K * K; at++) if (at % (K + 1)) top = Math.max(top, share(at));
    const asCount = $("measure").value === "count";
    cells.forEach((td, at) => {
      const right = at % (K + 1) === 0;
      const value = share(at);
      const opacity = right || value === 0 ? 0 : 0.04 + 0.86 * (value / top) ** 0.65;
      td.classList.toggle("right", right);
      td.classList.toggle("strong", !right && opacity > 0.62);
      td.style.background = opacity ? `rgb(var(--heat) / ${opacity.toFixed(3)})` : "";
      const digits = value < 0.0995 && !right && size > 40 ? 1 : 0;
      if (size >= 17) td.textContent = counts[at] === 0 ? "" : asCount ? whole(counts[at]) : value < 0.005 ? "·" : (100 * value).toFixed(digits);
      td.removeAttribute("aria-label");
    });
  };

  const sentence = (at) => {
    const t = Math.floor(at / K), p = at % K;
    const what = t === p ? `${names[t]}, recognised` : `${names[t]} taken for ${names[p]}`;
    const where = t === p || !blocks.length ? "" : above[t] === above[p] ? ` (both ${above[t]})` : ` (${above[t]}, ${above[p]})`;
    return `${what}${where}: ${whole(counts[at])} of ${whole(totals[t])}, ${(100 * share(at)).toFixed(1)}%`;
  };

  let open = -1;
  const show = (at) => {
    open = at;
    cells.forEach((td, i) => td.classList.toggle("open", i === at));
    const runs = chosen(), t = Math.floor(at / K), p = at % K;
    const found = behind(runs, t, p);
    const limit = t === p ? data.sprite.right : data.sprite.errors;
    const shown = found.filter((f) => place.has(f.image)).slice(0, limit);
    $("behind").hidden = false;
    $("behind-title").textContent = sentence(at);
    const seeds = runs.length > 1 ? `${plural(found.length, "different picture")} over ${runs.length} seeds` : `${plural(found.length, "picture")}, seed ${runs[0].seed}`;
    const cut = shown.length < Math.min(found.length, limit);
    const part = cut ? `${shown.length} are in this file` : t === p ? `a sample of ${shown.length}` : `the ${shown.length} most confident`;
    const rest = found.length > shown.length ? `; ${part}` : t === p ? "" : "; all shown, most confident first";
    $("behind-note").textContent = found.length ? `${entries[Number($("entry").value)].name}: ${seeds}${rest}.` : "No picture is in this cell.";
    $("behind-pics").replaceChildren(...shown.map((f) =>
      picture(f, runs, (sure) => `${sure}% sure`, () => (runs.length > 1 ? `${f.by.length} of ${runs.length} seeds` : `no. ${f.image}`))));
  };

  const move = (at) => {
    cells[focus].tabIndex = -1;
    focus = at;
    cells[at].tabIndex = 0;
    cells[at].focus();
  };
  grid.addEventListener("focusin", (event) => {
    const at = event.target.dataset.at;
    if (at === undefined) return;
    cells[focus].tabIndex = -1;
    focus = Number(at);
    cells[focus].tabIndex = 0;
    cells[focus].setAttribute("aria-label", sentence(focus));
    $("cell").textContent = sentence(focus);
  });
  grid.addEventListener("pointerover", (event) => {
    if (event.target.dataset.at !== undefined) $("cell").textContent = sentence(Number(event.target.dataset.at));
  });
  grid.addEventListener("click", (event) => {
    const td = event.target.closest("td[data-at]");
    if (td) show(Number(td.dataset.at));
  });
  grid.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] }[event.key];
    const row = spot[Math.floor(focus / K)], column = spot[focus % K];
    const within = (i) => order[Math.min(K - 1, Math.max(0, i))];
    if (step) move(within(row + step[0]) * K + within(column + step[1]));
    else if (event.key === "Home") move(within(row) * K + order[0]);
    else if (event.key === "End") move(within(row) * K + order[K - 1]);
    else if (event.key === "Enter" || event.key === " ") show(focus);
    else return;
    event.preventDefault();
  });

  const seeds = () => {
    const runs = entries[Number($("entry").value)].runs;
    const options = runs.map((r, i) => new Option(String(r.seed), String(i)));
    if (runs.length > 1) options.unshift(new Option(`all ${runs.length}`, "-1"));
    $("seed").replaceChildren(...options);
  };
  const refresh = () => { paint(); if (open >= 0) show(open); };
  $("entry").addEventListener("change", () => { seeds(); refresh(); });
  $("seed").addEventListener("change", refresh);
  $("measure").addEventListener("change", refresh);

  /** The 24 wrong answers of an entry with the highest summed confidence. */
  const mistakes = () => {
    const { runs } = entries[Number($("mistaken").value)];
    const found = [];
    for (let i = 0; i < N; i++) {
      for (const p of new Set(runs.map((r) => r.said[i]))) {
        if (p === truth[i]) continue;
        const by = runs.filter((r) => r.said[i] === p);
        found.push({ image: i, p, by, weight: by.reduce((sum, r) => sum + r.sure[i], 0) });
      }
    }
    found.sort((a, b) => b.weight - a.weight || a.image - b.image || a.p - b.p);
    const items = found.slice(0, 24).map((f) => picture(f, runs, () => names[f.p], () => `label: ${names[truth[f.image]]}`));
    $("mistake-pics").replaceChildren(...(items.length ? items : [make("li", "None.")]));
  };
  $("mistaken").addEventListener("change", mistakes);

  build();
  seeds();
  paint();
  // Open the largest confusion, so that the page (and its print) shows what a cell holds.
  let worst = -1;
  for (let at = 0; at < K * K; at++) if (at % (K + 1) && counts[at] && (worst < 0 || share(at) > share(worst))) worst = at;
  if (worst >= 0) show(worst);
})();
