
// What every run answered for every test picture, and which pictures a reader asks for. N pictures, K classes.

const whole = (n) => n.toLocaleString("en-US");
const plural = (n, word) => `${whole(n)} ${word}${n === 1 ? "" : "s"}`;
const make = (tag, text, cls) => {
  const node = document.createElement(tag);
  if (text !== undefined) node.textContent = text;
  if (cls) node.className = cls;
  return node;
};

/** The page's data, unpacked (show/explorer.py packs it): `truth` [N]; `entries` of {name, from, runs: [{seed, said [N],
 * sure [N] of 255}]}; `place`: where in the sheet each picture that is there stands. */
const unpack = async (data) => {
  const K = data.classes.length, N = data.examples, wide = K > 256 ? 2 : 1;
  const stream = new Blob([Uint8Array.from(atob(data.packed), (c) => c.charCodeAt(0))]).stream();
  const raw = new Uint8Array(await new Response(stream.pipeThrough(new DecompressionStream("deflate"))).arrayBuffer());
  const code = (row, i) => { const at = wide * (row * N + i); return wide === 1 ? raw[at] : raw[at] + 256 * raw[at + 1]; };
  const truth = Uint16Array.from({ length: N }, (_, i) => code(0, i));
  const count = data.entries.reduce((sum, e) => sum + e.seeds.length, 0);
  let row = 0;
  const run = (seed) => {
    row++;
    const at = row, from = wide * (count + 1) * N + (row - 1) * N;
    return { seed, said: truth.map((label, i) => (label + code(at, i)) % K), sure: raw.subarray(from, from + N) };
  };
  return {
    K, N, truth, names: data.classes, order: data.order, blocks: data.blocks, columns: data.sprite.columns,
    entries: data.entries.map((e) => ({ name: e.name, from: e.from, runs: e.seeds.map(run) })),
    place: new Map(data.sprite.images.map((image, at) => [image, at])),
  };
};

/** How much runs disagree about a picture: the chance that two draws from their answers differ, 0..1. */
const disagreement = (runs, i) => {
  const votes = new Map();
  for (const r of runs) votes.set(r.said[i], (votes.get(r.said[i]) ?? 0) + 1);
  let same = 0;
  for (const n of votes.values()) same += n * n;
  return 1 - same / runs.length ** 2;
};

const ORDERS = {
  sure: (a, b) => b.weight - a.weight || a.image - b.image,
  unsure: (a, b) => a.weight - b.weight || a.image - b.image,
  split: (a, b) => b.split - a.split || b.weight - a.weight || a.image - b.image,
  number: (a, b) => a.image - b.image,
};

/** The pictures that a reader asks for, in order: [{image, by, weight, split}], `by` the runs that gave the answer and
 * `weight` their summed confidence. `want`: {runs, truth, said, enough, other, otherwise, order}: `truth` a class, -1 for
 * any; `said` a class, "any", "right" or "wrong"; `enough` "any", "most" or "all" of the runs, of `other` (runs, or null)
 * too, which are then "right" or "wrong" (`otherwise`). */
const matching = ({ truth, N }, want) => {
  const enough = (hits, runs) => (want.enough === "all" ? hits === runs : want.enough === "most" ? 2 * hits > runs : hits > 0);
  const fits = (said, label) =>
    want.said === "any" || (want.said === "right" ? said === label : want.said === "wrong" ? said !== label : said === want.said);
  const found = [];
  for (let i = 0; i < N; i++) {
    if (want.truth >= 0 && truth[i] !== want.truth) continue;
    const by = want.runs.filter((r) => fits(r.said[i], truth[i]));
    if (!enough(by.length, want.runs.length)) continue;
    if (want.other) {
      const right = want.otherwise === "right";
      if (!enough(want.other.filter((r) => (r.said[i] === truth[i]) === right).length, want.other.length)) continue;
    }
    found.push({ image: i, by, weight: by.reduce((sum, r) => sum + r.sure[i], 0), split: disagreement(want.runs, i) });
  }
  return found.sort(ORDERS[want.order]);
};

/** The answers of runs to one picture, the most frequent first: [{said, runs, sure}], `sure` the mean of 0..1. */
const answers = (runs, i) => {
  const by = new Map();
  for (const r of runs) by.set(r.said[i], [...(by.get(r.said[i]) ?? []), r]);
  const mean = (some) => some.reduce((sum, r) => sum + r.sure[i], 0) / (255 * some.length);
  return [...by].map(([said, some]) => ({ said, runs: some, sure: mean(some) })).sort((a, b) => b.runs.length - a.runs.length || b.sure - a.sure);
};

/** The `count` wrong answers of runs with the highest summed confidence: [{image, p, by, weight}], `p` what was said. */
const mistakes = ({ truth, N }, runs, count) => {
  const found = [];
  for (let i = 0; i < N; i++) {
    for (const p of new Set(runs.map((r) => r.said[i]))) {
      if (p === truth[i]) continue;
      const by = runs.filter((r) => r.said[i] === p);
      found.push({ image: i, p, by, weight: by.reduce((sum, r) => sum + r.sure[i], 0) });
    }
  }
  return found.sort((a, b) => b.weight - a.weight || a.image - b.image || a.p - b.p).slice(0, count);
};
