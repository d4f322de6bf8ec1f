// What makes the page handier and is not needed: refreshing what still runs, copying commands.
"use strict";

// Reads the page again while it shows something that runs, and leaves scrolling, focus and opened details alone.
function refresh() {
  const main = document.querySelector("main[data-live]");
  if (!main) return;
  setTimeout(async () => {
    const busy = String(getSelection()) !== "" || document.activeElement.matches("main input, main select");
    if (!document.hidden && !busy) {
      try {
        const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
        const read = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = read.querySelector("main");
        const closed = [...main.querySelectorAll("details")].map((details) => details.open);
        const scrolled = [...main.querySelectorAll(".scroll")].map((box) => box.scrollLeft);
        main.replaceWith(fresh);
        fresh.querySelectorAll("details").forEach((details, n) => { if (n in closed) details.open = closed[n]; });
        fresh.querySelectorAll(".scroll").forEach((box, n) => { box.scrollLeft = scrolled[n] || 0; });
        document.title = read.title;
        copies();
      } catch {
        // The server is gone; it may come back.
      }
    }
    refresh();
  }, 1000 * Number(main.dataset.live));
}

// Puts a button beside each command.
function copies() {
  if (!navigator.clipboard) return;
  for (const command of document.querySelectorAll("[data-copy]")) {
    if (command.querySelector("button")) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.dataset.copy);
      button.textContent = "Copied";
      setTimeout(() => { button.textContent = "Copy"; }, 1500);
    });
    command.append(button);
  }
}

copies();
refresh();
