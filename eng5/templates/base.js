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
      button.append(...head.childNodes);
      head.append(button);
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
  for (const box of document.querySelectorAll(".scroll")) {
    if (box.scrollWidth > box.clientWidth) box.tabIndex = 0;
  }
  window.addEventListener("beforeprint", () => {
    for (const closed of document.querySelectorAll("details:not([open])")) closed.open = true;
  });
})();
