
/** The pictures below the matrix: what is asked for, the pictures found, and one of them in full. Returns `show`. */
const explore = (tests, chosen) => {
  const $ = (id) => document.getElementById(id);
  const { names, truth, entries, place, columns } = tests;
  const PAGE = 60;
  const list = $("pictures");
  let found = [], held = [], length = PAGE, open = null;

  names.forEach((name, c) => { $("true").append(new Option(name, c)); $("said").append(new Option(name, c)); });
  entries.forEach((e, i) => $("other").append(new Option(e.name, i)));

  const want = () => {
    const other = $("other").value, said = $("said").value;
    return {
      runs: chosen(), truth: Number($("true").value), said: /^\d/.test(said) ? Number(said) : said, enough: $("enough").value,
      other: other === "" ? null : entries[other].runs, otherwise: $("otherwise").value, order: $("order").value,
    };
  };

  /** A picture of the sheet. */
  const tile = (image, words) => {
    const at = place.get(image), pic = make("span", undefined, "pic");
    pic.setAttribute("role", "img");
    pic.setAttribute("aria-label", words);
    pic.style.setProperty("--x", at % columns);
    pic.style.setProperty("--y", Math.floor(at / columns));
    return pic;
  };
  const percent = (share) => `${Math.round(100 * share)}%`;
  const seeds = (runs) => `seed${runs.length === 1 ? "" : "s"} ${runs.map((r) => r.seed).join(", ")}`;

  const item = ({ image, by }, { runs }) => {
    const [top] = answers(by.length ? by : runs, image);
    const said = new Set(by.map((r) => r.said[image])).size > 1 ? `${names[top.said]} and others` : names[top.said];
    const words = `test picture ${image}: true ${names[truth[image]]}, taken for ${said}, ${percent(top.sure)} sure` +
      (runs.length > 1 ? `, by ${seeds(by)} of ${runs.length}` : "");
    const li = make("li");
    li.setAttribute("role", "option");
    li.setAttribute("aria-selected", "false");
    li.tabIndex = -1;
    li.dataset.image = image;
    li.title = words;
    li.append(tile(image, words), make("b", names[top.said]),
      make("bdi", `${percent(top.sure)}${runs.length > 1 ? ` · ${by.length} of ${runs.length}` : ""}`));
    return li;
  };

  /** What is asked for, in words. */
  const title = ({ truth: t, said, enough, runs, other, otherwise }) => {
    const of = t < 0 ? "" : names[t];
    const what = said === "any" ? of || "All pictures"
      : said === "right" || said === t ? (of ? `${of}, recognised` : "Right answers")
      : said === "wrong" ? (of ? `${of} taken for something else` : "Wrong answers")
      : of ? `${of} taken for ${names[said]}` : `Taken for ${names[said]}`;
    const by = enough === "any" || runs.length === 1 ? "" : enough === "all" ? " by every seed" : " by most seeds";
    return `${what}${by}${other ? `, while ${entries[$("other").value].name} is ${otherwise}` : ""}`;
  };

  const note = (asked) => {
    const part = held.length < found.length ? `; ${whole(held.length)} of them ${held.length === 1 ? "is" : "are"} in this file` : "";
    const page = length < held.length ? `, the first ${length} are shown` : "";
    const few = asked.runs.length > 1 ? `${asked.runs.length} seeds` : seeds(asked.runs);
    return found.length
      ? `${plural(found.length, "picture")} of ${whole(tests.N)} (${entries[$("entry").value].name}, ${few})${part}${page}.`
      : "No picture is like this.";
  };

  const draw = () => {
    const asked = want();
    list.replaceChildren(...held.slice(0, length).map((f) => item(f, asked)));
    if (list.firstChild) list.firstChild.tabIndex = 0;
    list.hidden = !held.length;
    $("pictures-title").textContent = title(asked);
    $("pictures-note").textContent = note(asked);
    $("more").hidden = length >= held.length;
    choose(held.slice(0, length).some((f) => f.image === open) ? open : null);
  };

  const refresh = () => {
    $("otherwise").disabled = $("other").value === "";
    found = matching(tests, want());
    held = found.filter((f) => place.has(f.image));
    length = PAGE;
    draw();
  };

  /** One picture in full: what every entry says of it. */
  const choose = (image) => {
    open = image;
    for (const li of list.children) li.setAttribute("aria-selected", String(Number(li.dataset.image) === image));
    $("picture").hidden = image === null;
    if (image === null) return;
    const label = names[truth[image]];
    $("picture-title").textContent = `Test picture ${image}, labelled ${label}`;
    $("picture-tile").replaceChildren(tile(image, `test picture ${image}, labelled ${label}`));
    $("picture-answers").replaceChildren(...entries.map((entry) => {
      const row = make("tr"), head = make("th"), cell = make("td"), right = entry.runs.filter((r) => r.said[image] === truth[image]).length;
      row.dataset.runs = entry.from;
      head.scope = "row";
      head.append(make("bdi", entry.name));
      answers(entry.runs, image).forEach((a) => {
        const line = make("div", undefined, a.said === truth[image] ? "answer-of right" : "answer-of");
        line.append(make("bdi", names[a.said]), ` ${percent(a.sure)} `, make("small", entry.runs.length > 1 ? seeds(a.runs) : ""));
        cell.append(line);
      });
      row.append(head, make("td", entry.runs.length > 1 ? `${right} of ${entry.runs.length}` : right ? "yes" : "no"), cell);
      return row;
    }));
  };

  const focus = (li) => {
    list.querySelector('[tabindex="0"]')?.setAttribute("tabindex", "-1");
    li.tabIndex = 0;
    li.focus();
    if (open !== null) choose(Number(li.dataset.image));
  };
  list.addEventListener("click", (event) => {
    const li = event.target.closest("li");
    if (li) { choose(Number(li.dataset.image)); focus(li); }
  });
  list.addEventListener("keydown", (event) => {
    const all = [...list.children], at = all.indexOf(document.activeElement);
    if (at < 0) return;
    const across = all.filter((li) => li.offsetTop === all[0].offsetTop).length;
    const step = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -across, ArrowDown: across, Home: -all.length, End: all.length }[event.key];
    if (step) focus(all[Math.min(all.length - 1, Math.max(0, at + step))]);
    else if (event.key === "Enter" || event.key === " ") choose(Number(all[at].dataset.image));
    else return;
    event.preventDefault();
  });
  const close = () => {
    const li = list.querySelector('[tabindex="0"]');
    choose(null);
    li?.focus();
  };
  $("explorer").addEventListener("keydown", (event) => {
    if (event.key === "Escape" && open !== null && !event.target.matches("select")) close();
  });
  $("close").addEventListener("click", close);
  $("more").addEventListener("click", () => {
    const first = length;
    length += PAGE;
    draw();
    focus(list.children[first]);
  });
  for (const id of ["true", "said", "enough", "other", "otherwise", "order"]) $(id).addEventListener("change", refresh);

  /** Show what stands behind a cell of the matrix: pictures of class `t` that at least one of its runs takes for `p`. */
  const show = (t, p) => {
    [["true", t], ["said", p], ["enough", "any"], ["other", ""], ["order", "sure"]].forEach(([id, value]) => { $(id).value = value; });
    refresh();
  };
  $("clear").addEventListener("click", () => show(-1, "wrong"));
  return { show, refresh, want, tile };
};
