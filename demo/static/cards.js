// Microsoft's own renderer, dressed as Teams dresses it, plus the Teams elements that it does not know.
import { h } from "./dom.js";

const AC = globalThis.AdaptiveCards;
const FONT = '"Segoe UI", -apple-system, Roboto, "Helvetica Neue", Arial, sans-serif';
const INK = { default: "#1b2433", subtle: "#475569" };
const tones = (ink) => ({
  default: ink, dark: INK, light: { default: "#475569", subtle: "#475569" },
  accent: { default: "#2451a6", subtle: "#2451a6" },
  good: { default: "#1b5e20", subtle: "#1b5e20" },
  warning: { default: "#6b4700", subtle: "#6b4700" },
  attention: { default: "#a1260d", subtle: "#a1260d" },
});
const box = (background, border) => ({ backgroundColor: background, borderColor: border, foregroundColors: tones(INK) });

const HOST = {
  supportsInteractivity: true,
  fontTypes: {
    default: { fontFamily: FONT, fontSizes: { small: 12, default: 14, medium: 16, large: 19, extraLarge: 24 },
      fontWeights: { lighter: 300, default: 400, bolder: 600 } },
    monospace: { fontFamily: 'ui-monospace, Consolas, "Liberation Mono", monospace',
      fontSizes: { small: 12, default: 14, medium: 16, large: 19, extraLarge: 24 },
      fontWeights: { lighter: 300, default: 400, bolder: 600 } },
  },
  spacing: { small: 6, default: 10, medium: 16, large: 22, extraLarge: 30, padding: 16 },
  separator: { lineThickness: 1, lineColor: "#d8dfea" },
  imageSizes: { small: 40, medium: 80, large: 160 },
  containerStyles: {
    default: box("#ffffff", "#d8dfea"),
    emphasis: box("#f0f4fa", "#d8dfea"),
    accent: box("#e8effb", "#b9ccef"),
    good: box("#e7f4e8", "#b5d8b8"),
    warning: box("#fff6d9", "#ecd68a"),
    attention: box("#fdebe8", "#f0beb4"),
  },
  actions: {
    maxActions: 6, spacing: "medium", buttonSpacing: 8, preExpandSingleShowCardAction: false,
    showCard: { actionMode: "inline", inlineTopMargin: 12, style: "emphasis" },
    actionsOrientation: "horizontal", actionAlignment: "left", iconPlacement: "leftOfTitle", iconSize: 16,
  },
  adaptiveCard: { allowCustomStyle: false },
  factSet: { title: { color: "default", size: "default", weight: "bolder", wrap: true, maxWidth: 180 },
    value: { color: "default", size: "default", weight: "default", wrap: true }, spacing: 12 },
  inputs: {
    label: { inputSpacing: "small", requiredInputs: { weight: "bolder", suffix: " *", suffixColor: "attention" },
      optionalInputs: { weight: "bolder" } },
    errorMessage: { color: "attention", spacing: "small", weight: "default" },
  },
  textBlock: { headingLevel: 3 },
  table: { cellSpacing: 8 },
};

const COLOURS = {
  good: "#2e7d32", warning: "#b8860b", attention: "#c62828", neutral: "#5b6b82", accent: "#3366cc",
  categoricalblue: "#3366cc", categoricalred: "#c62828", categoricalgreen: "#2e7d32", categoricalpurple: "#6a1b9a",
  categoricallime: "#6b8e23", categoricalteal: "#00796b", categoricalmarigold: "#b8860b", categoricallavender: "#7e6bb5",
};
const PALETTE = ["#3366cc", "#2e7d32", "#b8860b", "#c62828", "#6a1b9a", "#00796b", "#5b6b82"];
const colour = (name, n = 0) =>
  COLOURS[String(name ?? "").toLowerCase()] ?? (/^#[0-9a-f]{6}$/i.test(name ?? "") ? name : PALETTE[n % PALETTE.length]);
const number = (value) => new Intl.NumberFormat("es-CO", { maximumFractionDigits: 1 }).format(Number(value) || 0);

function custom(name, draw) {
  const Element = class extends AC.CardElement {
    getJsonTypeName() { return name; }
    internalParse(source, context) { super.internalParse(source, context); this.source = source; }
    internalRender() { return draw(this.source ?? {}); }
  };
  AC.GlobalRegistry.elements.register(name, Element);
}

function badge(source) {
  const style = String(source.style ?? "default").toLowerCase();
  const shade = String(source.appearance ?? "filled").toLowerCase();
  return h("div", { class: "x-badge-line" },
    h("span", { class: `x-badge x-${style} x-${shade}`, title: source.tooltip }, source.text ?? ""));
}

function progress(source) {
  const share = Math.max(0, Math.min(100, (100 * Number(source.value ?? 0)) / Number(source.max ?? 100)));
  const fill = h("span", { class: "x-fill" });
  fill.style.width = `${share}%`;
  fill.style.backgroundColor = colour(source.color ?? "accent");
  return h("div", { class: "x-progress", role: "progressbar", "aria-valuemin": 0, "aria-valuemax": 100,
    "aria-valuenow": Math.round(share), "aria-label": "Avance" }, fill);
}

const title = (source) => source.title && h("p", { class: "x-title" }, source.title);

function swatch(shade) {
  const dot = h("span", { class: "x-dot", "aria-hidden": "true" });
  dot.style.backgroundColor = shade;
  return dot;
}

function legend(rows) {
  return h("ul", { class: "x-legend" }, rows.map((row, n) =>
    h("li", {}, swatch(colour(row.color, n)), h("span", {}, row.legend ?? row.x ?? ""), h("b", {}, number(row.value ?? row.y)))));
}

function donut(source) {
  const rows = source.data ?? [];
  const total = rows.reduce((sum, row) => sum + Number(row.value), 0) || 1;
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("viewBox", "0 0 42 42");
  svg.setAttribute("aria-hidden", "true");
  let turned = 0;
  rows.forEach((row, n) => {
    const share = (100 * Number(row.value)) / total;
    const arc = document.createElementNS(ns, "circle");
    const values = { cx: 21, cy: 21, r: 15.9155, fill: "none", stroke: colour(row.color, n), "stroke-width": 6,
      "stroke-dasharray": `${share} ${100 - share}`, "stroke-dashoffset": 25 - turned };
    for (const [key, value] of Object.entries(values)) arc.setAttribute(key, value);
    svg.append(arc);
    turned += share;
  });
  return h("div", { class: "x-chart" }, title(source), h("div", { class: "x-donut" }, svg, legend(rows)));
}

function bars(source) {
  const rows = source.data ?? [];
  const most = Math.max(...rows.map((row) => Number(row.y)), 1);
  return h("div", { class: "x-chart" }, title(source), h("ul", { class: "x-bars" }, rows.map((row) => {
    const bar = h("span", { class: "x-bar", "aria-hidden": "true" });
    bar.style.width = `${(100 * Number(row.y)) / most}%`;
    bar.style.backgroundColor = colour(row.color ?? source.color, 0);
    return h("li", {}, h("span", { class: "x-label" }, row.x), h("span", { class: "x-track" }, bar), h("b", {}, number(row.y)));
  })));
}

function stacked(source) {
  const groups = source.data ?? [];
  return h("div", { class: "x-chart" }, title(source), groups.map((group) => {
    const rows = group.data ?? [];
    const total = rows.reduce((sum, row) => sum + Number(row.value), 0) || 1;
    const track = h("div", { class: "x-stack", "aria-hidden": "true" }, rows.map((row, n) => {
      const part = h("span", {});
      part.style.width = `${(100 * Number(row.value)) / total}%`;
      part.style.backgroundColor = colour(row.color, n);
      return part;
    }));
    return h("div", {}, h("p", { class: "x-label" }, group.title ?? ""), track, legend(rows));
  }));
}

function series(source) {
  const rows = source.data ?? [];
  const heads = [...new Set(rows.flatMap((row) => (row.values ?? []).map((v) => String(v.x))))];
  const cell = (row, x) => (row.values ?? []).find((v) => String(v.x) === x)?.y;
  return h("div", { class: "x-chart" }, title(source), h("table", { class: "x-series" },
    h("thead", {}, h("tr", {}, h("td"), heads.map((x) => h("th", { scope: "col" }, x)))),
    h("tbody", {}, rows.map((row, n) => h("tr", {},
      h("th", { scope: "row" }, swatch(colour(row.color, n)), row.legend ?? ""),
      heads.map((x) => h("td", {}, cell(row, x) === undefined ? "–" : number(cell(row, x)))))))));
}

function gauge(source) {
  const share = { value: source.value, max: source.max ?? 100, color: "accent" };
  return h("div", { class: "x-chart" }, title(source), progress(share), h("b", {}, number(source.value)));
}

function renderMarkdown() {
  const md = globalThis.markdownit({ html: false, breaks: true }).disable(["image", "heading", "lheading", "fence", "code", "table"]);
  return (text) => md.render(text);
}
export const markdown = renderMarkdown();

function prepare() {
  custom("Badge", badge);
  custom("ProgressBar", progress);
  custom("Icon", () => h("span", { class: "x-icon", "aria-hidden": "true" }));
  for (const name of ["Chart.Donut", "Chart.Pie"]) custom(name, donut);
  for (const name of ["Chart.HorizontalBar", "Chart.VerticalBar"]) custom(name, bars);
  custom("Chart.HorizontalBar.Stacked", stacked);
  for (const name of ["Chart.VerticalBar.Grouped", "Chart.Line"]) custom(name, series);
  custom("Chart.Gauge", gauge);
  AC.AdaptiveCard.onProcessMarkdown = (text, result) => {
    result.outputHtml = markdown(text);
    result.didProcess = true;
  };
  Object.assign(AC.Strings.defaults, { inlineActionTitle: () => "Acción", overflowButtonText: () => "…",
    overflowButtonTooltip: () => "Más opciones" });
}
prepare();

export function safeLinks(root) {
  for (const anchor of root.querySelectorAll("a[href]")) {
    anchor.target = "_blank";
    anchor.rel = "noopener noreferrer";
  }
}

function openLink(url) {
  const target = new URL(url, location.href);
  if (target.origin === location.origin && target.pathname === location.pathname && target.hash) return goTo(target.hash);
  if (["http:", "https:", "mailto:"].includes(target.protocol)) window.open(target, "_blank", "noopener");
}

/** A place of this very page is opened in it, and the visitor stays who they are. */
function goTo(hash) {
  const wanted = new URLSearchParams(hash.slice(1));
  const person = new URLSearchParams(location.hash.slice(1)).get("persona");
  if (person && !wanted.has("persona")) wanted.set("persona", person);
  location.hash = wanted;
}

/** A card as an element; `onAct({verb, data})` runs for Action.Execute and, without verb, for Action.Submit. */
export function renderCard(source, onAct) {
  const card = new AC.AdaptiveCard();
  card.hostConfig = new AC.HostConfig(HOST);
  card.onExecuteAction = (action) => {
    if (action instanceof AC.OpenUrlAction) openLink(action.url);
    else if (action instanceof AC.ExecuteAction) onAct({ verb: action.verb ?? "", data: action.data ?? {} });
    else if (action instanceof AC.SubmitAction) onAct({ verb: null, data: action.data ?? {} });
  };
  card.parse(source);
  const element = card.render() ?? h("p", {}, source.fallbackText ?? "Esta tarjeta no se puede mostrar.");
  mend(element);
  safeLinks(element);
  return element;
}

/** The renderer leaves some roles that assistive technology cannot use without their counterpart. */
function mend(element) {
  element.removeAttribute("tabindex");
  for (const bar of element.querySelectorAll('[role="menubar"]')) bar.removeAttribute("role");
  for (const item of element.querySelectorAll('[role="menuitem"]')) item.setAttribute("role", "button");
  ownIds(element);
  followFolds(element);
}

let drawn = 0;

/** Cards of a kind stand below each other and bring the same names along: in the page each is its own. */
function ownIds(element) {
  drawn += 1;
  for (const node of element.querySelectorAll("[id]:not([id^=__ac-])")) node.id += `-${drawn}`;
  for (const button of element.querySelectorAll("[aria-controls]"))
    button.setAttribute("aria-controls", controlled(button).map((id) => `${id}-${drawn}`).join(" "));
}

const controlled = (button) => button.getAttribute("aria-controls").split(" ");

/** The renderer marks as expanded what a button showed or hid; a screen reader looks for it at the button. */
function followFolds(element) {
  const mark = () => {
    for (const box of element.querySelectorAll("[aria-expanded]:not(button)")) box.removeAttribute("aria-expanded");
    for (const button of element.querySelectorAll("button[aria-controls]"))
      button.setAttribute("aria-expanded", controlled(button).some((id) => shown(element, id)));
    watch.takeRecords();
  };
  const watch = new MutationObserver(mark);
  mark();
  watch.observe(element, { subtree: true, attributeFilter: ["aria-expanded"] });
}

const shown = (element, id) => (element.querySelector(`#${CSS.escape(id)}`)?.style.display ?? "none") !== "none";
