// Everything here is an extra: each page works without it.
const root = document.documentElement;
root.classList.add("js");

// Theme: the cookie is the server's too, so that the next page is right at once.
addEventListener("submit", (event) => {
  if (!("themeSwitch" in event.target.dataset)) return;
  event.preventDefault();
  const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
  root.dataset.theme = dark ? "light" : "dark";
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `fairway_theme=${root.dataset.theme}; path=/; max-age=31536000; samesite=lax${secure}`;
  dispatchEvent(new Event("themechange"));
});

// A link into what is folded unfolds it.
const unfold = () => {
  const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target?.tagName !== "DETAILS") return;
  target.open = true;
  target.scrollIntoView();
};
addEventListener("hashchange", unfold);
addEventListener("DOMContentLoaded", unfold);

const openPalette = (id) => {
  const dialog = document.getElementById(id);
  if (!dialog?.showModal) return false;
  dialog.showModal();
  dialog.querySelector("input")?.select();
  return true;
};

const copied = (button) => {
  const use = button.querySelector("use");
  if (!use) return;
  const before = use.getAttribute("href");
  use.setAttribute("href", before.replace("#copy", "#tick"));
  setTimeout(() => use.setAttribute("href", before), 1500);
};

addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener && openPalette(opener.dataset.open)) event.preventDefault();
  const button = event.target.closest("button");
  if (!button) return;
  if ("print" in button.dataset) print();
  if (button.dataset.copy) {
    await navigator.clipboard.writeText(button.dataset.copy);
    copied(button);
  }
  if (button.dataset.copySecret) {
    const answer = await fetch(button.dataset.copySecret, {
      method: "POST",
      headers: { "X-CSRF-Token": document.body.dataset.csrf, Accept: "application/json" },
    });
    if (!answer.ok) return;
    await navigator.clipboard.writeText((await answer.json())[button.dataset.field] ?? "");
    copied(button);
  }
});

addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "k" && openPalette("palette")) event.preventDefault();
  const list = event.target.closest?.("#palette");
  if (list && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
    event.preventDefault();
    const stops = [list.querySelector("input"), ...list.querySelectorAll("#hits a")];
    const next = stops.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
    stops[Math.max(0, Math.min(stops.length - 1, next))]?.focus();
  }
  if (list && event.key === "Enter" && event.target.matches("input")) {
    const first = list.querySelector("#hits a");
    if (first) {
      event.preventDefault();
      location.assign(first.href);
    }
  }
});

// Filters of a list: words in the text field, every one of them must be in the row.
const filter = (input) => {
  const table = document.getElementById(input.dataset.filters);
  if (!table) return;
  const words = input.value.toLowerCase().split(/\s+/);
  const rows = table.tBodies ? [...table.tBodies].flatMap((body) => [...body.rows]) : [...table.children];
  for (const row of rows) row.hidden = !words.every((word) => row.textContent.toLowerCase().includes(word));
  const count = document.getElementById(input.dataset.count);
  if (count) count.value = `${rows.filter((row) => !row.hidden).length} of ${rows.length}`;
};
addEventListener("input", (event) => event.target.dataset.filters && filter(event.target));

// A preview that shows the form as it was cannot be confirmed: its buttons wait for the one that is asked for next.
const changed = new WeakSet();
const previewButtons = (form, disabled) => {
  for (const button of form?.querySelectorAll("#preview button") ?? []) button.disabled = disabled;
};
addEventListener("change", (event) => {
  const form = event.target.closest("form[hx-trigger]");
  if (!form || event.target.closest("#preview")) return;
  changed.add(form);
  previewButtons(form, true);
});
addEventListener("htmx:beforeSend", (event) => changed.delete(event.detail.elt));
addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (changed.has(form)) previewButtons(form, true);
  else if (!event.detail.successful) previewButtons(form, false);
});

// Times are written in UTC by the server and in the reader's zone here.
const two = (number) => String(number).padStart(2, "0");
const localTime = (at) => {
  const now = new Date();
  const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
  if (at.toDateString() === now.toDateString()) return `${clock}:${two(at.getSeconds())}`;
  const age = (now - at) / 86400000;
  if (age > 0 && age < 6) return `${at.toLocaleDateString("en", { weekday: "short" })} ${clock}`;
  const day = `${at.getDate()} ${at.toLocaleDateString("en", { month: "short" })}`;
  return at.getFullYear() === now.getFullYear() ? day : `${day} ${at.getFullYear()}`;
};
const localise = (scope) => {
  for (const time of scope.querySelectorAll("time[datetime]:not([data-utc])")) {
    const at = new Date(time.dateTime);
    if (Number.isNaN(at.valueOf())) continue;
    time.textContent = "clock" in time.dataset ? `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}` : localTime(at);
  }
};

// The newest lines of a log are read, unless the reader has scrolled up.
const arrive = (scope) => {
  localise(scope);
  for (const input of document.querySelectorAll("[data-filters]")) if (input.value) filter(input);
  for (const log of scope.querySelectorAll("[data-follow]")) log.scrollTop = log.scrollHeight;
};
arrive(document);
document.querySelector("[data-focus]")?.focus();
const tabs = document.querySelector(".tabs");
const here = tabs?.querySelector("[aria-current]");
if (here) tabs.scrollLeft = here.offsetLeft - tabs.offsetLeft - (tabs.clientWidth - here.clientWidth) / 2;

// htmx: the session's token on every change, logs that stay at their end, and no swap on errors but form errors.
document.body.addEventListener("htmx:configRequest", (event) => {
  if (document.body.dataset.csrf) event.detail.headers["X-CSRF-Token"] = document.body.dataset.csrf;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status === 422) event.detail.shouldSwap = true;
});
const atEnd = (log) => log.scrollHeight - log.scrollTop - log.clientHeight < 40;
document.body.addEventListener("htmx:sseBeforeMessage", () => {
  for (const log of document.querySelectorAll("[data-follow]")) log.dataset.follow = atEnd(log) ? "yes" : "no";
});
document.body.addEventListener("htmx:afterSettle", (event) => {
  localise(event.target.parentElement ?? document);
  for (const input of document.querySelectorAll("[data-filters]")) if (input.value) filter(input);
});
document.body.addEventListener("htmx:sseMessage", () => {
  localise(document);
  for (const log of document.querySelectorAll("[data-most]")) while (log.children.length > log.dataset.most) log.firstElementChild.remove();
  for (const input of document.querySelectorAll("[data-filters]")) if (input.value) filter(input);
  for (const log of document.querySelectorAll('[data-follow="yes"]')) log.scrollTop = log.scrollHeight;
});
