const rows = [1, 2, 3, 4, 5, 6, 8, 10];
const wall = document.getElementById("wall");
const says = document.getElementById("says");

function tell() {
  const parts = [...wall.children].map((row) => {
    const painted = row.querySelectorAll('[aria-pressed="true"]').length;
    return painted ? `${painted}/${row.children.length}` : "";
  }).filter(Boolean);
  says.textContent = parts.length ? "涂了：" + parts.join("，") : "还没有涂色。";
}

for (const count of rows) {
  const row = document.createElement("div");
  row.className = "row";
  for (let k = 0; k < count; k += 1) {
    const piece = document.createElement("button");
    piece.type = "button";
    piece.textContent = count === 1 ? "1" : `1/${count}`;
    piece.setAttribute("aria-pressed", "false");
    piece.addEventListener("click", () => {
      piece.setAttribute("aria-pressed", piece.getAttribute("aria-pressed") === "true" ? "false" : "true");
      tell();
    });
    row.append(piece);
  }
  wall.append(row);
}

document.getElementById("clear").addEventListener("click", () => {
  for (const piece of wall.querySelectorAll("button")) piece.setAttribute("aria-pressed", "false");
  tell();
});
