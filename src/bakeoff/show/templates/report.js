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
})();
