(() => {
  "use strict";
  const byId = (id) => document.getElementById(id);
  const [dialog, data] = [byId("reader"), JSON.parse(byId("reading").textContent)];
  const { essays } = data;
  const verdicts = data.verdicts.map(
    ([number, a, b, outcome, confidence, words, raw, judge, reused]) =>
      ({ number, a, b, winner: [a, b][outcome], outcome, confidence, words, raw, judge: judge ?? 0, reused }));
  const pairs = new Map();
  const keyOf = (one, other) => (one < other ? `${one}-${other}` : `${other}-${one}`);
  for (const each of verdicts) {
    const key = keyOf(each.a, each.b);
    pairs.set(key, [...(pairs.get(key) ?? []), each]);
  }

  const wins = (key, essay) => (pairs.get(key) ?? []).filter((each) => each.winner === essay).length;
  const ends = (key) => key.split("-").map(Number);
  const gap = (key) => {
    const [one, other] = ends(key).map((essay) => essays[essay].level);
    return one === null || other === null ? null : Math.abs(one - other);
  };
  // By how many verdicts the lower grade is ahead.
  const upset = (key) => {
    const [one, other] = ends(key);
    return gap(key) ? (wins(key, other) - wins(key, one)) * Math.sign(essays[one].level - essays[other].level) : 0;
  };
  const bySurprise = (keys) => keys.sort((one, other) => upset(other) - upset(one) || gap(other) - gap(one));
  const all = (keeps) => bySurprise([...pairs.keys()].filter(keeps));
  // What an address within the page opens: `#pair-3-7`, all pairs of an essay, of two grades, of a gap, …
  const choose = {
    pair: (one, other) => [keyOf(Number(one), Number(other))],
    essay: (essay) => {
      const own = all((key) => ends(key).includes(Number(essay)));
      return own.length ? own : [`${essay}-${essay}`];
    },
    levels: (low, high, otherLow, otherHigh) => all((key) => {
      const [one, other] = ends(key).map((essay) => essays[essay].level);
      const within = (level, from, to) => level !== null && from <= level && level <= to;
      return (within(one, low, high) && within(other, otherLow, otherHigh))
        || (within(other, low, high) && within(one, otherLow, otherHigh));
    }),
    gap: (wanted) => all((key) => gap(key) === Number(wanted)),
    confidence: (wanted) => all((key) => pairs.get(key).some((each) => Math.round(each.confidence) === Number(wanted))),
  };
  const LINKS = Object.keys(choose).map((kind) => `a[href^="#${kind}-"]`).join();
  const chosenBy = (link) => {
    const [kind, ...numbers] = link.getAttribute("href").slice(1).split("-");
    return choose[kind](...numbers);
  };

  let [keys, at] = [[], 0];
  const fill = (template, ...texts) => {
    const made = byId(template).content.firstElementChild.cloneNode(true);
    texts.forEach((text, place) => { made.children[place].textContent = text; });
    return made;
  };
  const named = (essay) => `${essays[essay].name} (${essays[essay].grade ?? "no grade"})`;
  const plural = (count, word) => `${count} ${word}${count === 1 ? "" : "s"}`;

  const spoken = (each) => {
    const result = each.winner === undefined ? (each.outcome === 2 ? "tie" : "failed") : `${essays[each.winner].name} won`;
    return [`#${each.number}`, result, each.confidence == null ? "no confidence" : `confidence ${each.confidence.toFixed(1)}`, data.judges[each.judge], each.reused && "kept from an earlier run",
    ].filter(Boolean).join(" · ");
  };
  const verdict = (each) => {
    const kept = `The words of comparison ${each.number} are in ${data.artefact}.`;
    const made = fill("reader-verdict", spoken(each), each.words === 0 ? kept : each.words ?? "no justification was given");
    made.querySelector("pre").textContent = each.raw === 0 ? kept : each.raw
      ?? `No raw answer is kept of comparison ${each.number}. Only language models give one; `
      + "the ledger of the service that asked has all that there is (build/.stack for the stand-in).";
    return made;
  };
  const order = (first, second, found) => {
    const made = fill("reader-order", `${essays[first].name} shown first`);
    const shown = found.filter((each) => each.a === first);
    made.lastElementChild.append(...shown.map(verdict));
    if (!shown.length) made.lastElementChild.replaceWith("Not asked in this order.");
    return made;
  };
  const essay = (number) => {
    const { about, text, why } = essays[number];
    const made = fill("reader-essay", named(number), about, text ?? why);
    made.lastElementChild.classList.toggle("quiet", text === undefined);
    return made;
  };

  const outcome = (one, other, found) => {
    const key = keyOf(one, other);
    const parts = [one, other].map((each) => `${essays[each].name} won ${wins(key, each)}`);
    for (const [code, word] of [[2, "tie"], [3, "failure"]]) {
      const count = found.filter((each) => each.outcome === code).length;
      if (count) parts.push(plural(count, word));
    }
    const places = new Set(found.filter((each) => each.winner !== undefined).map((each) => each.winner === each.a));
    const [first, second] = [one, other].map((shown) =>
      new Set(found.filter((each) => each.a === shown && each.winner !== undefined).map((each) => each.winner)));
    const flipped = places.size === 1 && first.size === 1 && second.size === 1;
    const surprise = upset(key) > 0 ? " The lower grade won more often." : upset(key) === 0 && gap(key) && found.length
      ? " Neither won more often." : "";
    return `Of ${plural(found.length, "comparison")}: ${parts.join(", ")}.${surprise}`
      + (flipped ? ` The order decided: whichever was shown ${places.has(true) ? "first" : "second"} won.` : "");
  };
  const show = () => {
    const [one, other] = ends(keys[at]);
    const found = pairs.get(keys[at]) ?? [];
    const alone = one === other;
    byId("reader-title").textContent = alone ? named(one) : `${named(one)} and ${named(other)}`;
    byId("reader-place").textContent = `Pair ${at + 1} of ${keys.length}`;
    byId("reader-outcome").textContent = found.length ? outcome(one, other, found)
      : `The page has no comparison of ${alone ? "it" : "these two"}.`;
    byId("reader-orders").replaceChildren(...(alone ? [] : [order(one, other, found), order(other, one, found)]));
    byId("reader-essays").replaceChildren(...(alone ? [essay(one)] : [essay(one), essay(other)]));
    for (const button of dialog.querySelectorAll("[data-step]")) {
      button.disabled = !keys[at + Number(button.dataset.step)];
    }
    dialog.scrollTop = 0;
  };
  const step = (by) => {
    if (keys[at + by] === undefined) return;
    at += by;
    show();
  };
  const open = (chosen, place = 0) => {
    if (!chosen.length) return;
    [keys, at] = [chosen, place];
    show();
    if (!dialog.open) dialog.showModal();
  };
  const follow = (link) => {
    const chosen = chosenBy(link);
    const around = link.closest("table, svg, ol, ul");
    const listed = chosen.length > 1 || !around ? [] : [...around.querySelectorAll('a[href^="#pair-"]')];
    const each = [...new Set(listed.filter((other) => !other.closest("[hidden]")).flatMap(chosenBy))];
    if (each.includes(chosen[0])) open(each, each.indexOf(chosen[0]));
    else open(chosen);
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(LINKS);
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link);
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog || "close" in event.target.dataset) dialog.close();
    else if (event.target.dataset.step) step(Number(event.target.dataset.step));
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!by || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    step(by);
  });
  const fromAddress = () => {
    const link = document.createElement("a");
    link.setAttribute("href", location.hash);
    if (link.matches(LINKS)) open(chosenBy(link));
  };
  window.addEventListener("hashchange", fromAddress);
  fromAddress();
})();
