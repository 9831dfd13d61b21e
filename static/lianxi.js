// Comforts on top of pages that work without them.

// A form is sent once: the second click of a double click is dropped.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    event.stopImmediatePropagation();
    return;
  }
  form.dataset.sent = "yes";
  form.setAttribute("aria-busy", "true");
  // After this event: a disabled button would not send its own name and value.
  setTimeout(() => setButtons(form, true));
}, true);

function setButtons(form, disabled) {
  const outside = form.id ? document.querySelectorAll(`button[form="${form.id}"]`) : [];
  for (const button of [...form.querySelectorAll("button"), ...outside]) button.disabled = disabled;
}

function release(root) {
  for (const form of root.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    setButtons(form, false);
  }
}

// Back from the browser's own cache, or after a request that failed: the form can be sent again.
window.addEventListener("pageshow", (event) => event.persisted && release(document));
document.addEventListener("htmx:error", () => release(document));

// A long list of choices gets a box that shortens it.
function addFilter(select) {
  const box = document.createElement("input");
  box.type = "search";
  box.className = "form-control filter";
  box.placeholder = select.dataset.filter;
  box.setAttribute("aria-label", select.dataset.filter);
  box.autocomplete = "off";
  const all = [...select.options];
  box.addEventListener("input", () => {
    const words = box.value.trim().toLowerCase();
    const chosen = select.value;
    const kept = all.filter((option) => !option.value || option.text.toLowerCase().includes(words));
    select.replaceChildren(...kept);
    select.value = kept.some((option) => option.value === chosen) ? chosen : "";
    if (words && kept.length === 2) select.value = kept[1].value;
  });
  box.addEventListener("keydown", (event) => event.key === "Enter" && event.preventDefault());
  select.before(box);
  delete select.dataset.filter;
}

function prepare(root) {
  root.querySelectorAll("select[data-filter]").forEach(addFilter);
  root.querySelector("[data-focus]")?.focus();
}

prepare(document);

// After a part of the page was exchanged, go on reading where it begins.
document.addEventListener("htmx:after:swap", () => {
  const main = document.getElementById("main");
  prepare(main);
  if (!main.contains(document.activeElement)) main.focus({ preventScroll: true });
});

// The menu closes when one looks elsewhere.
document.addEventListener("click", (event) => {
  const menu = document.querySelector("details.me[open]");
  if (menu && !menu.contains(event.target)) menu.open = false;
});
