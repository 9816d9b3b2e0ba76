
/** The confusion matrix of the chosen runs; a cell shows its pictures below. Classes stand in the order of the data,
 * those of one superclass side by side; `at` = true class x K + said class. */
const matrix = (tests, chosen, explorer) => {
  const $ = (id) => document.getElementById(id);
  const { K, N, truth, names, order, blocks } = tests;
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

  /** The opacity of an error that is this part of the strongest one; show/plot_confusion.py shades alike. */
  const shade = (part) => 0.04 + 0.86 * part ** 0.65;
  const scale = $("scale");
  scale.hidden = size >= 17; // cells of that size carry numbers
  scale.querySelector("i").style.backgroundImage = `linear-gradient(to right, ${
    Array.from({ length: 13 }, (_, i) => `rgb(var(--heat) / ${shade(i / 12).toFixed(3)})`).join(", ")})`;

  let counts = new Float64Array(K * K);
  let totals = new Float64Array(K);
  const share = (at) => counts[at] / (totals[Math.floor(at / K)] || 1);

  const paint = () => {
    counts = new Float64Array(K * K);
    totals = new Float64Array(K);
    for (const run of chosen()) for (let i = 0; i < N; i++) { counts[truth[i] * K + run.said[i]]++; totals[truth[i]]++; }
    let top = 1e-9;
    for (let at = 0; at < K * K; at++) if (at % (K + 1)) top = Math.max(top, share(at));
    scale.querySelectorAll("b").forEach((mark, i, { length }) => { mark.textContent = i ? `${(100 * top * i / (length - 1)).toFixed(1)}%` : "0%"; });
    const asCount = $("measure").value === "count";
    cells.forEach((td, at) => {
      const right = at % (K + 1) === 0;
      const value = share(at);
      const opacity = right || value === 0 ? 0 : shade(value / top);
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

  const show = (at) => {
    explorer.show(Math.floor(at / K), at % K);
    mark();
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

  /** Mark the cell whose pictures the explorer shows, if it shows those of one cell. */
  const mark = () => {
    const { truth: t, said: p, other } = explorer.want();
    const at = t >= 0 && Number.isInteger(p) && !other ? t * K + p : -1;
    cells.forEach((td, i) => td.classList.toggle("open", i === at));
  };
  $("explorer").addEventListener("change", mark);
  $("clear").addEventListener("click", mark);

  build();
  paint();
  // Open the largest confusion, so that the page (and its print) shows what a cell holds.
  let worst = -1;
  for (let at = 0; at < K * K; at++) if (at % (K + 1) && counts[at] && (worst < 0 || share(at) > share(worst))) worst = at;
  if (worst >= 0) show(worst); else explorer.refresh();
  return paint;
};
