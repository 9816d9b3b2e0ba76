
// A live page loads itself anew while training goes on and keeps the reader's place, axis and pause. It stops when the
// study has ended, and when nobody has written it for long: a process that was killed cannot say so.
(() => {
  const root = document.documentElement;
  const { ending, written, due, refresh } = root.dataset;
  const $ = (id) => document.getElementById(id);
  const memory = (key, value) => {
    try { return value === undefined ? sessionStorage.getItem(key) : sessionStorage.setItem(key, value); } catch { return null; }
  };
  const name = (key) => `bakeoff-live-${key}-${location.pathname}`;

  document.querySelectorAll("input[name=axis]").forEach((input) => {
    input.addEventListener("change", () => { $("curves").dataset.axis = input.value; memory(name("axis"), input.value); });
    input.checked = input.value === (memory(name("axis")) ?? "epochs");
    if (input.checked) $("curves").dataset.axis = input.value;
  });

  const [x, y] = (memory(name("place")) ?? "0,0").split(",").map(Number);
  if (x || y) scrollTo(x, y);
  addEventListener("pagehide", () => memory(name("place"), `${scrollX},${scrollY}`));
  if (ending) return;

  const pause = $("pause");
  let paused = memory(name("paused")) === "yes";
  const late = Date.now() - Number(written) > 1000 * Math.max(60, 4 * Number(due));
  if (late) {
    $("headline").classList.add("lost");
    $("fresh").textContent = `${$("fresh").textContent.split(";")[0]}: nothing new since. The run was probably ended from outside; this page no longer refreshes.`;
    return;
  }
  const label = () => { pause.textContent = paused ? "Go on" : "Pause"; };
  const reload = () => { if (!paused && !document.hidden) location.reload(); };
  pause.hidden = false;
  pause.addEventListener("click", () => {
    paused = !paused;
    memory(name("paused"), paused ? "yes" : "no");
    label();
    reload();
  });
  label();
  addEventListener("visibilitychange", reload);
  setInterval(reload, 1000 * Number(refresh));
})();
