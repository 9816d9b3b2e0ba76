
// The map of any two hyper-parameters of a search. Names reach the page through textContent only.
(() => {
  const STEPS = 9;
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  const make = (tag, text, cls) => {
    const node = document.createElement(tag);
    if (text !== undefined) node.textContent = text;
    if (cls) node.className = cls;
    return node;
  };
  for (const script of document.querySelectorAll(".search-data")) {
    const place = document.getElementById(script.dataset.for);
    if (!place) continue;
    const data = JSON.parse(script.textContent);
    const raw = bytes(data.scores);
    const range = data.high - data.low;
    const scores = Float64Array.from({ length: raw.length / 2 }, (_, i) => data.low + (range * (raw[2 * i] + 256 * raw[2 * i + 1])) / 65535);
    const axes = data.axes.map((axis) => ({ ...axis, codes: bytes(axis.codes) }));
    const $ = (name) => place.querySelector(name);
    const [across, down, cells] = [$(".across"), $(".down"), $(".cells")];
    axes.forEach((axis, i) => { across.append(new Option(axis.name, i)); down.append(new Option(axis.name, i)); });
    [across.value, down.value] = data.first;
    const better = (a, b) => (data.accuracy ? a > b : a < b);
    const words = (v) => (data.accuracy ? `${(100 * v).toFixed(2)}%` : v.toFixed(4));
    const short = (v) => (data.accuracy ? (100 * v).toFixed(1) : v.toFixed(3));
    const whole = (n) => n.toLocaleString("en-US");

    const paint = () => {
      const a = axes[across.value], b = axes[down.value], show = cells.value;
      const A = a.labels.length, B = b.labels.length;
      const count = new Int32Array(A * B), sum = new Float64Array(A * B), best = new Float64Array(A * B);
      for (let i = 0; i < scores.length; i++) {
        if (a.codes[i] === 255 || b.codes[i] === 255) continue;
        const at = b.codes[i] * A + a.codes[i];
        if (!count[at] || better(scores[i], best[at])) best[at] = scores[i];
        count[at]++;
        sum[at] += scores[i];
      }
      const value = (at) => (show === "count" ? count[at] : show === "best" ? best[at] : sum[at] / count[at]);
      const known = [...count.keys()].filter((at) => count[at]).map(value);
      const low = Math.min(...known), high = Math.max(...known);
      const step = (v) => {
        const share = high > low ? (v - low) / (high - low) : 0.5;
        return Math.min(STEPS - 1, Math.floor((data.accuracy || show === "count" ? share : 1 - share) * STEPS));
      };
      const head = make("tr");
      head.append(make("th", `${b.name} ↓ ${a.name} →`));
      for (const label of a.labels) { const th = make("th", label); th.scope = "col"; th.title = label; head.append(th); }
      const thead = make("thead"), body = make("tbody");
      thead.append(head);
      for (let j = B - 1; j >= 0; j--) {
        const row = make("tr"), th = make("th", b.labels[j]);
        th.scope = "row";
        th.title = b.labels[j];
        row.append(th);
        for (let i = 0; i < A; i++) {
          const at = j * A + i, td = make("td", undefined, "none");
          if (count[at]) {
            const level = step(value(at));
            td.className = level > STEPS / 2 ? "far" : "near";
            td.style.background = `var(--s${level})`;
            td.append(show === "count" ? whole(count[at]) : short(value(at)));
            if (show !== "count") td.append(make("small", `n=${whole(count[at])}`));
            td.dataset.words = `${a.name} ${a.labels[i]}, ${b.name} ${b.labels[j]}: mean ${words(sum[at] / count[at])}, best ${words(best[at])}, ${whole(count[at])} ${count[at] === 1 ? "candidate" : "candidates"}`;
          } else td.textContent = "–";
          row.append(td);
        }
        body.append(row);
      }
      $(".heat").replaceChildren(thead, body);
    };
    $(".heat").addEventListener("pointerover", (event) => {
      const words = event.target.closest("td")?.dataset.words;
      if (words) $(".cell").textContent = words;
    });
    for (const select of [across, down, cells]) select.addEventListener("change", paint);
    paint();
    $(".still").hidden = true;
    $(".map").hidden = false;
  }
})();
