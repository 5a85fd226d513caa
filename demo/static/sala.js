// The page's frame: where the visitor is (the address's hash), the lists at the side, the clock, the live events.
import { showChat } from "./chat.js";
import { byId, get, h, initials, post, tint } from "./dom.js";
import { showMailbox } from "./mailbox.js";

const LISTS = ["personas", "canales", "buzones"];
let state = null;
let view = null;
let shown = "";

export function toast(text, bad = false) {
  const note = h("p", { class: bad ? "toast bad" : "toast", role: bad ? "alert" : "status" }, text);
  byId("toasts").append(note);
  setTimeout(() => note.remove(), 7000);
}

export const announce = (text) => { byId("live").textContent = text; };

function place() {
  const raw = location.hash.slice(1) || "inicio";
  const wanted = new URLSearchParams(raw);
  const list = LISTS.find((name) => wanted.has(name) && !wanted.get(name));
  return { list, persona: wanted.get("persona"), canal: wanted.get("canal"), buzon: wanted.get("buzon"), mensaje: wanted.get("mensaje") };
}

const narrow = () => matchMedia("(max-width: 760px)").matches;
const hash = (parts) => `#${new URLSearchParams(parts)}`;
const identity = (at) => [at.canal ?? "", at.buzon ?? "", at.buzon ? "" : at.persona ?? ""].join("|");

function item({ href, key, label, small, unread, current, square, testid }) {
  return h("li", {}, h("a", { href, "aria-current": current ? "page" : null, "data-testid": testid },
    h("span", { class: `avatar ${tint(key)}${square ? " square" : ""}`, "aria-hidden": "true" }, initials(label)),
    h("span", { class: "who" }, h("b", {}, label), h("small", {}, small)), counter(unread)));
}

function counter(unread) {
  if (!unread) return null;
  const words = unread === 1 ? "1 sin leer" : `${unread} sin leer`;
  return h("span", { class: "count" }, h("span", { "aria-hidden": "true" }, unread), h("span", { class: "hidden" }, words));
}

function fill(id, items, none) {
  // The list is drawn anew at each event: whoever walks it by keyboard must not lose the place.
  const list = byId(id);
  const focused = list.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
  list.replaceChildren(...(items.length ? items : [h("li", { class: "quiet" }, none)]));
  if (focused) list.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
}

function drawLists(at) {
  fill("people", state.people.map((p) => item({ href: hash({ persona: p.key }), key: p.key, label: p.name, small: p.role,
    unread: p.unread, current: !at.canal && at.persona === p.key, testid: `persona-${p.key}` })), "No hay personas.");
  fill("channels", state.channels.map((c) => item({ href: hash({ canal: c.key }), key: c.key, label: c.name,
    small: `${c.members.length} miembros`, unread: c.unread, current: at.canal === c.key, square: true,
    testid: `canal-${c.key}` })), "No hay canales.");
  const box = (b) => item({ href: hash({ buzon: b.address }), key: b.address, label: b.name, small: b.address,
    unread: b.unread, current: at.buzon === b.address, square: true, testid: `buzon-${b.address}` });
  fill("boxes", state.mailboxes.filter((b) => b.entity).map(box), "Aún no hay buzones.");
  const others = state.mailboxes.filter((b) => !b.entity);
  byId("other-boxes").hidden = !others.length;
  fill("others", others.map(box), "");
}

function drawTabs(at) {
  const sums = { personas: total(state.people), canales: total(state.channels), buzones: total(state.mailboxes) };
  const current = at.list ?? (at.canal ? "canales" : at.persona ? "personas" : at.buzon ? "buzones" : "inicio");
  for (const tab of byId("tabs").children) {
    const name = tab.dataset.tab;
    tab.toggleAttribute("aria-current", name === current);
    if (name === current) tab.setAttribute("aria-current", "page");
    tab.querySelector(".count")?.remove();
    const count = counter(sums[name]);
    if (count) tab.append(count);
  }
  byId("go-guide").toggleAttribute("aria-current", current === "inicio");
  if (current === "inicio") byId("go-guide").setAttribute("aria-current", "page");
}

const total = (rows) => rows.reduce((sum, row) => sum + row.unread, 0);

function drawClock() {
  const clock = state.clock;
  byId("today").textContent = clock ? clock.label : "…";
  const focused = document.activeElement?.dataset?.stop;
  byId("stops").replaceChildren(...(clock?.stops ?? []).map((stop) => h("button", { type: "button", "data-stop": stop.key,
    "data-testid": `avanzar-${stop.key}`, "aria-disabled": state.busy ? "true" : null, disabled: state.busy,
    onclick: () => advance(stop) }, stop.label)));
  byId("working").textContent = state.busy ? "El asistente recorre los días…" : "";
  if (focused && !state.busy) byId("stops").querySelector(`[data-stop="${CSS.escape(focused)}"]`)?.focus();
}

async function advance(stop) {
  const before = total(state.people) + total(state.channels) + total(state.mailboxes);
  state.busy = true;
  drawClock();
  try {
    await post("clock", { step: stop.key });
  } catch (error) {
    toast(error.message, true);
  }
  await refresh();
  byId("stops").querySelector(`[data-stop="${CSS.escape(stop.key)}"]`)?.focus();
  announceDay(total(state.people) + total(state.channels) + total(state.mailboxes) - before);
}

function announceDay(fresh) {
  const news = fresh > 0 ? `Hay ${fresh} ${fresh === 1 ? "mensaje nuevo" : "mensajes nuevos"}.` : "Sin mensajes nuevos.";
  toast(`${capital(state.clock?.label ?? "")}. ${news}`);
}
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);

function drawLinks() {
  byId("links").replaceChildren(...state.links.map((link) =>
    h("a", { href: link.url, target: "_blank", rel: "noopener" }, link.label)));
}

function showGuide(main) {
  const steps = state.guide.map((step) => h("li", {}, h("div", {}, h("h3", {}, step.title), h("p", {}, step.text),
    step.target && h("a", { href: `#${step.target}` }, step.link || "Abrir"))));
  main.replaceChildren(h("div", { class: "page", tabindex: 0, role: "region", "aria-label": "Guía" },
    h("div", { class: "guide-body", "data-testid": "guide" },
      h("h2", { tabindex: -1 }, "Cómo recorrer la demostración"),
      h("p", { class: "lead" }, "Aquí conviven el asistente, las personas que lo usan en Microsoft Teams y los buzones ",
        "de las entidades. Usted puede tomar el lugar de cada una y hacer pasar los días."),
      h("ol", { class: "steps" }, steps),
      h("p", { class: "fine" }, "Esta Sala funciona por completo en su equipo: los mensajes y los correos recorren los ",
        "mismos caminos que en Microsoft Teams y en el servidor de correo, pero no salen de aquí."))));
  return { refresh: async () => {}, concerns: () => false };
}

function mount(at) {
  const main = byId("main");
  const tools = { state: () => state, toast, announce, hash, refresh };
  if (at.canal || at.persona) return showChat(main, at, tools);
  if (at.buzon) return showMailbox(main, at, tools);
  return showGuide(main);
}

function mark(at) {
  const body = document.body;
  body.dataset.view = at.canal ? "canal" : at.persona ? "persona" : at.buzon ? "buzon" : "inicio";
  if (at.list) body.dataset.list = at.list;
  else delete body.dataset.list;
  // On a phone a list takes the whole screen: then it is the main content.
  byId("side").toggleAttribute("role", Boolean(at.list) && narrow());
  if (byId("side").hasAttribute("role")) byId("side").setAttribute("role", "main");
  if (at.mensaje) body.dataset.letter = at.mensaje;
  else delete body.dataset.letter;
}

async function draw() {
  if (!state) return;
  const at = place();
  mark(at);
  drawLists(at);
  drawTabs(at);
  drawClock();
  drawLinks();
  if (identity(at) !== shown || !view) {
    shown = identity(at);
    view = mount(at);
  }
  await view.refresh(at).catch((error) => toast(error.message, true));
}

/** Whoever opens a place goes on from its heading; who changed it from within, from the same field. */
function arrive(at, kept) {
  if (at.list && narrow()) return;
  const goal = (kept && byId(kept)) || byId("main").querySelector(at.mensaje ? ".letter h3" : "h2");
  goal?.focus({ preventScroll: true });
}

async function refresh() {
  state = await get("state");
  await draw();
}

function listen() {
  const events = new EventSource("/sala/api/events");
  let waiting = null;
  const soon = () => {
    waiting ??= setTimeout(() => { waiting = null; refresh().catch(() => {}); }, 120);
  };
  events.onmessage = soon;
  events.onopen = soon;
}

window.addEventListener("hashchange", async () => {
  const kept = byId("main").contains(document.activeElement) && document.activeElement.id;
  await draw();
  if (narrow()) scrollTo(0, 0);
  arrive(place(), kept);
});
byId("skip").addEventListener("click", (event) => { event.preventDefault(); byId("main").focus(); });
refresh().then(listen).catch((error) => toast(error.message, true));
