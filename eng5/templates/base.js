(() => {
  "use strict";
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };
  const compare = (left, right) => {
    if (left === "" || right === "") return (left === "") - (right === "");
    const [one, other] = [Number(left), Number(right)];
    return Number.isNaN(one) || Number.isNaN(other) ? left.localeCompare(right) : one - other;
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "sort";
      button.append(...[...head.childNodes].filter((node) => !node.matches?.(".term")));
      head.prepend(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") === "ascending";
        heads.forEach((other) => other.removeAttribute("aria-sort"));
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        const body = table.tBodies[0];
        const rows = [...body.rows].sort((one, other) => {
          const [left, right] = [key(one, column), key(other, column)];
          const order = compare(left, right);
          return left === "" || right === "" || !down ? order : -order;
        });
        body.append(...rows);
      });
    });
  }
  const LONG = 15;
  for (const table of document.querySelectorAll("table.sortable")) {
    const rows = [...table.tBodies[0].rows];
    if (rows.length <= LONG) continue;
    const [label, input, shown] = ["label", "input", "output"].map((tag) => document.createElement(tag));
    label.className = "filter";
    input.type = "search";
    label.append("Filter", input, shown);
    table.closest(".scroll").before(label);
    const texts = rows.map((row) => row.textContent.toLowerCase());
    input.addEventListener("input", () => {
      const words = input.value.toLowerCase().split(/\s+/);
      rows.forEach((row, place) => { row.hidden = !words.every((word) => texts[place].includes(word)); });
      shown.textContent = `${rows.filter((row) => !row.hidden).length} of ${rows.length} rows`;
    });
  }
  const reachable = () => {
    for (const box of document.querySelectorAll(".scroll")) {
      if (box.scrollWidth > box.clientWidth || box.scrollHeight > box.clientHeight) box.tabIndex = 0;
      else box.removeAttribute("tabindex");
    }
  };
  reachable();
  window.addEventListener("resize", reachable);
  document.addEventListener("toggle", reachable, true);
  // One stop of the Tab key for a plot or matrix; the arrow keys move within it.
  const MOVES = { ArrowLeft: [0, -1], ArrowRight: [0, 1], ArrowUp: [-1, 0], ArrowDown: [1, 0] };
  const beside = (link, links, [down, right]) => {
    let cell = link.closest("td");
    if (!cell) return links[links.indexOf(link) + down + right];
    const rows = [...link.closest("tbody").rows];
    let [row, column] = [rows.indexOf(cell.parentNode), cell.cellIndex];
    do {
      [row, column] = [row + down, column + right];
      cell = rows[row]?.cells[column];
    } while (cell && !cell.querySelector("a"));
    return cell?.querySelector("a");
  };
  for (const group of document.querySelectorAll("svg.plot, table.matrix")) {
    const links = [...group.querySelectorAll("a")];
    const stop = (at) => links.forEach((link) => link.setAttribute("tabindex", link === at ? 0 : -1));
    stop(links[0]);
    group.addEventListener("keydown", (event) => {
      const next = MOVES[event.key] && beside(document.activeElement, links, MOVES[event.key]);
      if (!next) return;
      event.preventDefault();
      stop(next);
      next.focus();
    });
  }
  const unfold = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    for (const fold of target ? [target.closest("details"), ...target.querySelectorAll(":scope > details")] : []) {
      if (fold) fold.open = true;
    }
  };
  window.addEventListener("hashchange", unfold);
  unfold();
  window.addEventListener("beforeprint", () => {
    for (const closed of document.querySelectorAll("details:not([open])")) closed.open = true;
  });
})();
