
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
  seeds();
  const explorer = explore(tests, chosen);
  const paint = matrix(tests, chosen, explorer);
  $("entry").addEventListener("change", () => { seeds(); paint(); explorer.refresh(); });
  $("seed").addEventListener("change", () => { paint(); explorer.refresh(); });
  $("measure").addEventListener("change", paint);

  $("mistaken").addEventListener("change", () => {
    const { runs } = entries[$("mistaken").value];
    const items = mistakes(tests, runs, 24).map(({ image, p }) => {
      const words = `test picture ${image}: true ${names[truth[image]]}, taken for ${names[p]}`;
      const item = make("li");
      item.append(explorer.tile(image, words), make("b", names[p]), make("bdi", `label: ${names[truth[image]]}`));
      return item;
    });
    $("mistake-pics").replaceChildren(...(items.length ? items : [make("li", "None.")]));
  });
  document.documentElement.dataset.ready = "";
})();
