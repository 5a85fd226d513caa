// One mailbox: the list of its messages, the message read, the answer in free text.
import { day, get, h, hour, post, shortDay } from "./dom.js";

export function showMailbox(main, at, tools) {
  const view = new Mailbox(main, at, tools);
  view.build();
  return view;
}

const MAX_FILE = 700 * 1024;
const CODE = /\b[A-Z]{2,4}-\d{2,3}\b/g;
const signed = (name) => `\n\nCordialmente,\n\nEnlace sectorial\n${name}`;

function examples(mail, name) {
  const codes = [...new Set((mail.text || "").match(CODE) ?? [])].slice(0, 3);
  const lines = (codes.length ? codes : ["la acción"]).map((code, n) =>
    n % 2 ? `${code}: 40 %. Se adelantan mesas técnicas y el documento sigue en revisión jurídica.`
      : `${code}: avance del 75 %. Se publicó el proyecto para comentarios y se atienden las observaciones recibidas.`);
  return [
    ["Reportar avance", `Respetados señores:\n\nCordial saludo. En atención a su solicitud, informamos:\n\n${lines.join("\n")}${signed(name)}`],
    ["Sin avance", `Respetados señores:\n\nNo se presentaron avances en el periodo. Se espera el concepto de la oficina jurídica.${signed(name)}`],
    ["Pedir más tiempo", `Respetados señores:\n\nSolicitamos un plazo de cinco días para remitir la información consolidada.${signed(name)}`],
    ["Acusar recibo", `Recibido, muchas gracias.${signed(name)}`],
  ];
}

class Mailbox {
  constructor(main, at, tools) {
    Object.assign(this, { main, tools, address: at.buzon, reading: null });
  }

  build() {
    const box = this.box() ?? { name: this.address };
    this.inbox = h("nav", { class: "inbox", "aria-label": `Mensajes de ${box.name}`, "data-testid": "inbox" });
    this.letter = h("div", { class: "letter", tabindex: 0, role: "region", "aria-label": "Mensaje", "data-testid": "letter" });
    this.back = h("a", { class: "back", href: "#buzones", "aria-label": "Volver" }, "‹");
    this.main.replaceChildren(h("div", { class: "bar" }, this.back, h("div", { class: "grow" }, h("h2", { tabindex: -1, "data-testid": "titulo" }, box.name),
      h("p", { class: "sub" }, h("span", { class: "wide" }, "Buzón de correo · "), this.address))), h("div", { class: "mail" }, this.inbox, this.letter));
  }

  box() {
    return this.tools.state().mailboxes.find((b) => b.address === this.address);
  }

  async refresh(at) {
    this.at = at ?? this.at;
    const box = await get(`mailboxes/${encodeURIComponent(this.address)}`);
    this.list(box.messages);
    this.back.href = this.at.mensaje ? this.tools.hash({ buzon: this.address }) : "#buzones";
    const wanted = this.at.mensaje;
    const known = box.messages.find((m) => m.id === wanted);
    if (!known) return this.nothing(box.messages.length);
    if (!known.read) post("seen", { mailbox: this.address, message_id: wanted }).catch(() => {});
    if (this.reading !== wanted) await this.read(wanted, box.name);
    this.sign(known);
    return null;
  }

  list(messages) {
    const focused = this.inbox.contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    this.inbox.replaceChildren(...messages.map((m) => h("a", { class: m.read ? "" : "unread", "data-testid": `correo-${m.id}`,
      href: this.tools.hash({ buzon: this.address, mensaje: m.id }), "aria-current": this.at.mensaje === m.id ? "page" : null },
    h("span", { class: "line" }, h("span", {}, sender(m.from)), h("span", {}, shortDay(m.date))),
    h("span", { class: "subject" }, m.subject), h("span", { class: "line" }, standing(m)))));
    if (focused) this.inbox.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  }

  nothing(count) {
    this.reading = null;
    this.letter.replaceChildren(count ? h("p", { class: "empty" }, h("b", {}, "Elija un mensaje"), "Podrá leerlo y contestarlo en texto libre.")
      : h("p", { class: "empty" }, h("b", {}, "El buzón está vacío"), "Avance el reloj hasta la próxima ventana: el asistente pedirá información a las entidades."));
    if (!count) this.inbox.replaceChildren(h("p", { class: "quiet" }, "Sin mensajes."));
    return null;
  }

  async read(id, name) {
    this.reading = id;
    const mail = await get(`${this.path(id)}`);
    if (this.reading !== id) return;
    this.letter.replaceChildren(h("h3", { tabindex: -1 }, mail.subject), heads(mail), this.tool(mail), this.files(mail),
      this.paper(mail), this.answer(mail, name));
    this.letter.scrollTop = 0;
  }

  path(id) {
    return `mailboxes/${encodeURIComponent(this.address)}/${id}`;
  }

  tool(mail) {
    const toggle = h("button", { type: "button", class: "plain", "aria-pressed": "false", "data-testid": "ver-texto" }, "Ver como texto");
    toggle.addEventListener("click", () => {
      const plain = toggle.getAttribute("aria-pressed") !== "true";
      toggle.setAttribute("aria-pressed", String(plain));
      this.letter.querySelector("iframe.paper").hidden = plain;
      this.letter.querySelector("pre.paper").hidden = !plain;
    });
    return h("div", { class: "tools" }, mail.html && mail.text ? toggle : null,
      h("a", { class: "plain", href: `/sala/api/${this.path(mail.id)}/raw`, download: `${mail.id}.eml` }, "Descargar (.eml)"));
  }

  files(mail) {
    if (!mail.attachments.length) return "";
    return h("div", { class: "files" }, mail.attachments.map((file, n) =>
      h("a", { href: `/sala/api/${this.path(mail.id)}/attachments/${n}`, download: file.name }, `Adjunto: ${file.name}`)));
  }

  paper(mail) {
    const text = h("pre", { class: "paper", tabindex: 0, "data-testid": "texto", hidden: mail.html }, mail.text);
    if (!mail.html) return text;
    // Scripts stay forbidden (no allow-scripts); same-origin only lets this page measure the letter's height.
    const frame = h("iframe", { class: "paper", title: `Contenido del correo: ${mail.subject}`, "data-testid": "html",
      sandbox: "allow-same-origin allow-popups allow-popups-to-escape-sandbox", src: `/sala/api/${this.path(mail.id)}/html` });
    frame.addEventListener("load", () => fit(frame));
    const holder = h("div", {}, frame, text);
    return holder;
  }

  answer(mail, name) {
    const samples = examples(mail, name);
    const text = h("textarea", { id: "reply", "data-testid": "respuesta" });
    text.value = samples[0][1];
    const chosen = h("span", { class: "chosen" });
    const file = h("input", { type: "file", id: "reply-file", class: "hidden",
      onchange: () => { chosen.textContent = file.files[0]?.name ?? ""; } });
    const send = h("button", { class: "send", "data-testid": "responder" }, "Enviar respuesta");
    const chips = samples.map(([label, words]) => h("button", { type: "button", onclick: () => { text.value = words; text.focus(); } }, label));
    const away = h("button", { type: "button", class: "plain", "data-testid": "respuesta-automatica",
      onclick: () => this.send(mail, "", null, send, true) }, "Simular ausencia");
    return h("form", { class: "answer", onsubmit: (event) => { event.preventDefault(); this.send(mail, text.value, file.files[0], send, false); } },
      h("h4", {}, `Responder como ${name}`),
      h("p", { class: "help" }, "Escriba con sus propias palabras, como lo haría el enlace de la entidad. El ejemplo se puede cambiar por completo."),
      h("div", { class: "chips", role: "group", "aria-label": "Ejemplos de respuesta" }, chips),
      h("label", { class: "hidden", for: "reply" }, "Texto de la respuesta"), text,
      h("div", { class: "row" }, file, h("label", { class: "plain attach", for: "reply-file" }, "Adjuntar archivo"), chosen, away, send),
      h("p", { class: "fine", role: "status", "data-testid": "respondido" }));
  }

  async send(mail, text, file, button, auto) {
    if (file && file.size > MAX_FILE) return this.tools.toast("El adjunto supera los 700 kB que admite la Sala.", true);
    button.disabled = true;
    const away = "Me encuentro fuera de la oficina y regresaré el próximo lunes. Este es un mensaje automático.";
    try {
      const files = file ? [{ name: file.name, content: await base64(file) }] : [];
      await post("reply", { mailbox: this.address, message_id: mail.id, text: auto ? away : text, files, auto });
      this.tools.toast(auto ? "Se envió la respuesta automática." : "La respuesta salió por correo hacia el asistente.");
    } catch (error) {
      this.tools.toast(error.message, true);
    } finally {
      button.disabled = false;
    }
    return null;
  }

  sign(known) {
    const line = this.letter.querySelector('[data-testid="respondido"]');
    const words = known.answered ? "Ya se envió una respuesta a este mensaje. Puede enviar otra." : "";
    if (line && line.textContent !== words) line.textContent = words;
  }
}

const sender = (from) => from.replace(/\s*<[^>]*>\s*$/, "").replace(/^"|"$/g, "") || from;

function standing(mail) {
  if (mail.answered) return h("span", { class: "state" }, "Respondido");
  return mail.read ? h("span", {}, "Leído") : h("span", { class: "state new" }, "Sin leer");
}

function heads(mail) {
  const rows = [["De", mail.from], ["Para", mail.to], ["Copia", mail.cc], ["Fecha", `${day(mail.date)}, ${hour(mail.date)}`]];
  return h("dl", { class: "heads" }, rows.filter(([, value]) => value).flatMap(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));
}

function fit(frame) {
  const body = frame.contentDocument?.documentElement;
  if (body) frame.style.height = `${Math.min(body.scrollHeight + 4, 1600)}px`;
}

async function base64(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = "";
  for (const byte of bytes) text += String.fromCodePoint(byte);
  return btoa(text);
}
