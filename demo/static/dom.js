// Small helpers: elements are built from text, never from markup, so nothing that people write can become code.

export function h(tag, attrs = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attrs)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "class") element.className = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

export const byId = (id) => document.getElementById(id);

const ZONE = "America/Bogota";
const DAY = new Intl.DateTimeFormat("es-CO", { weekday: "long", day: "numeric", month: "long", year: "numeric", timeZone: ZONE });
const SHORT = new Intl.DateTimeFormat("es-CO", { day: "numeric", month: "short", timeZone: ZONE });
const HOUR = new Intl.DateTimeFormat("es-CO", { hour: "numeric", minute: "2-digit", timeZone: ZONE });

export const day = (iso) => DAY.format(new Date(iso)).replace(",", "");
export const shortDay = (iso) => SHORT.format(new Date(iso));
export const hour = (iso) => HOUR.format(new Date(iso));

export function initials(name) {
  const words = name.replace(/[^\p{L}\s]/gu, "").split(/\s+/).filter((w) => w.length > 2 || /^[A-ZÁÉÍÓÚÑ]/.test(w));
  return words.slice(0, 2).map((w) => w[0].toUpperCase()).join("") || "·";
}

export function tint(key) {
  let sum = 0;
  for (const letter of key) sum = (sum * 31 + letter.codePointAt(0)) % 997;
  return `tint-${sum % 6}`;
}

export async function get(path) {
  const answer = await fetch(`/sala/api/${path}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

export async function post(path, body) {
  const answer = await fetch(`/sala/api/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Sala": "1" },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await reason(answer));
  return answer.json();
}

async function reason(answer) {
  try {
    return (await answer.json()).error;
  } catch {
    return `La Sala no pudo atender la solicitud (respuesta ${answer.status}).`;
  }
}
