"use strict";
(() => {
  const dialog = document.getElementById("zoom");
  const picture = dialog.querySelector("img");
  const text = document.getElementById("zoom-text");
  let group = [];
  let at = 0;

  const show = (place) => {
    at = (place + group.length) % group.length;
    const chosen = group[at].querySelector("img");
    picture.src = chosen.src;
    picture.alt = chosen.alt;
    text.textContent = `${chosen.alt} (${at + 1} of ${group.length})`;
  };

  for (const link of document.querySelectorAll("a.zoom")) {
    link.setAttribute("role", "button");
    link.setAttribute("aria-haspopup", "dialog");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      group = [...link.closest(".gallery").querySelectorAll("a.zoom")];
      show(group.indexOf(link));
      dialog.showModal();
    });
    link.addEventListener("keydown", (event) => {
      if (event.key === " ") {
        event.preventDefault();
        link.click();
      }
    });
  }

  dialog.querySelector(".previous").addEventListener("click", () => show(at - 1));
  dialog.querySelector(".next").addEventListener("click", () => show(at + 1));
  dialog.querySelector(".close").addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => group.length && group[at].focus());
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
    if (step) {
      event.preventDefault();
      show(at + step);
    }
  });

  // Paper has no way to open things; the numbers behind the curves would fill it.
  let opened = [];
  window.addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("details:not([open], figure *)")];
    for (const part of opened) part.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
})();
