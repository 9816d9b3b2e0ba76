
// Matrix, explorer and mistakes, put together. Names are hostile text: they reach the page through textContent only.
(async () => {
  const $ = (id) => document.getElementById(id);
  if (!$("report-data")) return;
  let tests;
  try { tests = await unpack(JSON.parse($("report-data").textContent)); } catch { $("unreadable").hidden = false; return; }
  const { names, truth, entries } = tests;

  /** The runs that the selectors show. */
  const chosen = () => {
    const { runs } = entries[$("entry").value];
    const seed = Number($("seed").value);
    return seed < 0 ? runs : [runs[seed]];
  };
  const seeds = () => {
    const { runs } = entries[$("entry").value];
    const options = runs.map((r, i) => new Option(String(r.seed), String(i)));
    if (runs.length > 1) options.unshift(new Option(`all ${runs.length}`, "-1"));
    $("seed").replaceChildren(...options);
  };
  /** What is shown names the runs that it comes from. */
  const trace = () => {
    const { from } = entries[$("entry").value], seed = Number($("seed").value);
    const runs = seed < 0 ? from : `${from}-s${chosen()[0].seed}`;
    $("cell").dataset.runs = $("grid").dataset.runs = runs;
    const other = $("other").value;
    $("explorer").dataset.runs = $("pictures-note").dataset.runs = other === "" ? runs : `${runs} ${entries[other].from}`;
  };
  $("explorer").addEventListener("change", trace);
  seeds();
  const explorer = explore(tests, chosen);
  const paint = matrix(tests, chosen, explorer);
  $("entry").addEventListener("change", () => { seeds(); trace(); paint(); explorer.refresh(); });
  $("seed").addEventListener("change", () => { trace(); paint(); explorer.refresh(); });
  $("measure").addEventListener("change", paint);

  $("mistaken").addEventListener("change", () => {
    const { runs, from } = entries[$("mistaken").value];
    $("mistake-pics").dataset.runs = from;
    const items = mistakes(tests, runs, 24).map(({ image, p }) => {
      const words = `test picture ${image}: true ${names[truth[image]]}, taken for ${names[p]}`;
      const item = make("li");
      item.append(explorer.tile(image, words), make("b", names[p]), make("bdi", `label: ${names[truth[image]]}`));
      return item;
    });
    $("mistake-pics").replaceChildren(...(items.length ? items : [make("li", "None.")]));
  });
  trace();
  document.documentElement.dataset.ready = "";
})();
