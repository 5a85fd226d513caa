// A person's chat with the bot, and a channel seen as one of its members.
import { renderCard, markdown, safeLinks } from "./cards.js";
import { day, get, h, hour, initials, post, tint } from "./dom.js";

export function showChat(main, at, tools) {
  const view = new Chat(main, at, tools);
  view.build();
  return view;
}

class Chat {
  constructor(main, at, tools) {
    Object.assign(this, { main, tools, nodes: new Map(), notes: new Map(), thread: "", loaded: false, acting: false });
    this.channel = at.canal && tools.state().channels.find((c) => c.key === at.canal);
    this.unknown = Boolean(at.canal) && !this.channel;
    const key = at.persona ?? this.channel?.members[0];
    this.person = tools.state().people.find((p) => p.key === key);
    this.where = this.channel ? `channel:${this.channel.key}` : `person:${key}`;
  }

  build() {
    if (!this.person || this.unknown) {
      this.main.replaceChildren(h("p", { class: "empty" }, "Esa conversación no existe en la Sala."));
      return;
    }
    this.stream = h("div", { class: "stream" });
    this.log = h("div", { class: "log", tabindex: 0, role: "region", "aria-label": "Mensajes", "data-testid": "log" }, this.stream);
    // The view follows what arrives until the reader moves it; a tall card shown from its top is still being followed.
    this.follows = true;
    for (const move of ["wheel", "touchmove", "keydown", "pointerdown"])
      this.log.addEventListener(move, () => { this.follows = false; }, { passive: true });
    this.main.replaceChildren(this.heading(), this.log, this.composer());
    if (!this.channel) post("open", { person: this.person.key }).catch((error) => this.tools.toast(error.message, true));
  }

  heading() {
    const back = h("a", { class: "back", href: this.channel ? "#canales" : "#personas", "aria-label": "Volver a la lista" }, "‹");
    const shape = `avatar ${tint(this.channel?.key ?? this.person.key)}${this.channel ? " square" : ""}`;
    const avatar = h("span", { class: shape, "aria-hidden": "true" }, initials(this.channel?.name ?? this.person.name));
    return this.channel ? this.channelHeading(back, avatar) : this.personHeading(back, avatar);
  }

  personHeading(back, avatar) {
    this.blocker = h("button", { type: "button", class: "plain", "data-testid": "bloquear", onclick: () => this.block() });
    return h("div", { class: "bar" }, back, avatar, h("div", { class: "grow" }, h("h2", { tabindex: -1, "data-testid": "titulo" }, this.person.name),
      h("p", { class: "sub" }, this.person.role, h("span", { class: "wide" }, ` · chat con ${this.tools.state().bot}`))), this.blocker);
  }

  channelHeading(back, avatar) {
    const members = this.tools.state().people.filter((p) => this.channel.members.includes(p.key));
    const choice = h("select", { id: "acting", "data-testid": "actuar-como",
      onchange: (event) => { location.hash = this.tools.hash({ canal: this.channel.key, persona: event.target.value }); } },
    members.map((p) => h("option", { value: p.key, selected: p.key === this.person.key }, `${p.name} (${p.role})`)));
    return h("div", { class: "bar" }, back, avatar, h("div", { class: "grow" }, h("h2", { tabindex: -1, "data-testid": "titulo" }, this.channel.name),
      h("p", { class: "sub" }, "Canal de Microsoft Teams")), h("div", { class: "acting" }, h("label", { for: "acting" }, "Usted es"), " ", choice));
  }

  composer() {
    this.answering = h("div", { class: "answering", hidden: true });
    this.input = h("textarea", { rows: 1, id: "write", "data-testid": "escribir", placeholder: this.placeholder(),
      onkeydown: (event) => this.key(event) });
    this.button = h("button", { class: "send", "data-testid": "enviar" }, "Enviar");
    const chips = h("div", { class: "chips", role: "group", "aria-label": "Órdenes sugeridas" }, this.person.suggestions.map((text) =>
      h("button", { type: "button", onclick: () => this.send(text) }, text)));
    return h("form", { class: "composer", onsubmit: (event) => { event.preventDefault(); this.send(this.input.value); } },
      this.person.suggestions.length ? chips : null, this.answering,
      h("div", { class: "write" }, h("label", { class: "hidden", for: "write" }, "Mensaje"), this.input, this.button));
  }

  placeholder() {
    return this.channel ? `Mensaje a @${this.tools.state().bot} en el canal` : `Mensaje a ${this.tools.state().bot}`;
  }

  key(event) {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send(this.input.value);
  }

  async send(text) {
    if (!text.trim() || this.button.disabled) return;
    this.button.disabled = true;
    this.input.value = "";
    try {
      // In a channel Teams sends a slash command so that only its sender and the bot see it.
      const targeted = Boolean(this.channel) && text.trimStart().startsWith("/");
      const body = { person: this.person.key, text, channel: this.channel?.key, reply_to: this.thread, targeted };
      const outcome = await post("say", body);
      this.answerIn("");
      if (outcome.kind === "error") this.tools.toast(outcome.text, true);
    } catch (error) {
      this.input.value = text;
      this.tools.toast(error.message, true);
    } finally {
      this.button.disabled = false;
      this.input.focus();
    }
    await this.refresh();
  }

  async block() {
    try {
      await post("block", { person: this.person.key, blocked: !this.person.blocked });
      await this.tools.refresh();
    } catch (error) {
      this.tools.toast(error.message, true);
    }
  }

  drawBlock() {
    this.person = this.tools.state().people.find((p) => p.key === this.person.key) ?? this.person;
    if (!this.blocker) return;
    this.blocker.replaceChildren(this.person.blocked ? "Desbloquear" : "Bloquear", h("span", { class: "wide" }, " al asistente"));
    this.blocker.classList.toggle("on", this.person.blocked);
  }

  async refresh() {
    if (!this.person || this.unknown) return;
    this.drawBlock();
    const query = new URLSearchParams({ person: this.person.key });
    if (this.channel) query.set("channel", this.channel.key);
    const { activities } = await get(`conversations?${query}`);
    const low = this.follows || this.log.scrollHeight - this.log.scrollTop - this.log.clientHeight < 80;
    const fresh = this.draw(activities);
    if (fresh.length) this.arrived(fresh, low);
    this.loaded = true;
    this.seen();
  }

  seen() {
    const rows = this.channel ? this.tools.state().channels : this.tools.state().people;
    const row = rows.find((r) => r.key === (this.channel ?? this.person).key);
    const onScreen = document.visibilityState === "visible" && this.log.offsetParent !== null;
    if (row?.unread && onScreen) post("seen", { what: this.where }).catch(() => {});
  }

  arrived(fresh, low) {
    const last = fresh.at(-1);
    if (this.loaded && !last.mine) this.tools.announce(`Mensaje nuevo de ${last.name}`);
    if (!this.loaded || fresh.some((a) => a.mine) || low) {
      this.follows = true;
      const node = this.nodes.get(last.id).node;
      const box = node.closest(".thread") ?? node;
      const above = box.getBoundingClientRect().top - this.log.getBoundingClientRect().top + this.log.scrollTop;
      this.log.scrollTop = box.offsetHeight > this.log.clientHeight ? above - 12 : this.log.scrollHeight;
    }
  }

  /** Draws what changed; a card that is being filled in stays as it is while others arrive. Returns the new ones. */
  draw(activities) {
    const fresh = activities.filter((a) => !this.nodes.has(a.id));
    for (const activity of activities) this.place(activity);
    const alive = new Set(activities.map((a) => a.id));
    for (const [id, { node }] of this.nodes) if (!alive.has(id)) { node.remove(); this.nodes.delete(id); }
    this.arrange(activities);
    return fresh;
  }

  place(activity) {
    const known = this.nodes.get(activity.id);
    if (known?.rev === activity.rev) return;
    const node = this.article(activity);
    if (known) {
      const focused = known.node.contains(document.activeElement);
      known.node.replaceWith(node);
      if (focused) node.focus();
    }
    this.nodes.set(activity.id, { rev: activity.rev, node });
  }

  arrange(activities) {
    const wanted = this.channel ? this.threads(activities) : this.days(activities);
    if (!wanted.length) wanted.push(this.empty());
    // Moving a node would take the focus and the scroll from whoever is in it: touch only what is out of place.
    wanted.forEach((node, n) => { if (this.stream.children[n] !== node) this.stream.insertBefore(node, this.stream.children[n] ?? null); });
    while (this.stream.children.length > wanted.length) this.stream.lastChild.remove();
  }

  empty() {
    this.blank ??= h("p", { class: "empty" }, h("b", {}, "Aún no hay mensajes"),
      this.channel ? "Las tarjetas de decisión aparecerán aquí cuando una alerta se eleve."
        : "Escriba al asistente o avance el reloj: lo que le envíe a esta persona aparecerá aquí.");
    return this.blank;
  }

  days(activities) {
    const nodes = [];
    let last = "";
    for (const activity of activities) {
      const label = day(activity.time);
      if (label !== last) nodes.push(this.divider(label));
      last = label;
      nodes.push(this.nodes.get(activity.id).node);
    }
    return nodes;
  }

  divider(label) {
    this.dividers ??= new Map();
    if (!this.dividers.has(label)) this.dividers.set(label, h("div", { class: "divider" }, label));
    return this.dividers.get(label);
  }

  threads(activities) {
    this.boxes ??= new Map();
    const roots = activities.filter((a) => a.root === a.id || !activities.some((b) => b.id === a.root));
    return roots.map((root) => {
      const box = this.box(root);
      const inner = activities.filter((a) => a.root === root.id).map((a) => this.nodes.get(a.id).node);
      const wanted = inner.length ? inner : [this.nodes.get(root.id).node];
      wanted.forEach((node, n) => {
        node.classList.toggle("inner", n > 0);
        if (box.children[n] !== node) box.insertBefore(node, box.children[n] ?? null);
      });
      return box;
    });
  }

  box(root) {
    if (!this.boxes.has(root.id)) {
      const reply = h("button", { type: "button", class: "plain reply", onclick: () => this.answerIn(root.id, root.name), hidden: root.targeted }, "Responder en este hilo");
      this.boxes.set(root.id, h("section", { class: "thread", "aria-label": `Hilo de ${root.name}, ${day(root.time)}` }, reply));
    }
    return this.boxes.get(root.id);
  }

  answerIn(root, name) {
    this.thread = root;
    this.answering.hidden = !root;
    this.answering.replaceChildren(...(root ? [h("span", {}, `Responde en el hilo de ${name}`),
      h("button", { type: "button", class: "plain", onclick: () => this.answerIn("") }, "Publicar aparte")] : []));
    if (root) this.input.focus();
  }

  article(activity) {
    const avatar = h("span", { class: `avatar ${activity.author ? tint(activity.author) : "bot"}`, "aria-hidden": "true" },
      initials(activity.name));
    const extra = [activity.edited && "actualizado", activity.targeted && "Solo usted puede ver este mensaje"].filter(Boolean).map((word) => ` · ${word}`);
    const when = this.channel ? `${day(activity.time)}, ${hour(activity.time)}` : hour(activity.time);
    const body = h("div", { class: "body" }, this.words(activity), activity.cards.map((card) => this.card(activity, card)));
    const note = this.notes.get(activity.id);
    if (note) body.append(note);
    return h("article", { class: activity.mine ? "post mine" : "post", tabindex: -1, "data-testid": `mensaje-${activity.id}`,
      "data-activity": activity.id, "aria-label": `${activity.name}, ${when}` },
    avatar, h("p", { class: "meta" }, activity.mine ? null : h("b", {}, activity.name), activity.mine ? "" : "  ", when, extra), body);
  }

  words(activity) {
    if (!activity.text) return null;
    if (activity.mine || activity.author || activity.format !== "markdown") return h("div", { class: "bubble pre" }, activity.text);
    const bubble = h("div", { class: "bubble" });
    bubble.innerHTML = markdown(activity.text); // markdown-it with html off: what people wrote arrives escaped
    safeLinks(bubble);
    return bubble;
  }

  card(activity, source) {
    const frame = h("div", { class: "card", "data-testid": `tarjeta-${activity.id}` });
    frame.append(renderCard(source, (action) => this.act(activity, frame, action)));
    return frame;
  }

  async act(activity, frame, { verb, data }) {
    if (frame.getAttribute("aria-busy") === "true") return;
    frame.setAttribute("aria-busy", "true");
    const pressed = this.nodes.get(activity.id)?.node;
    this.note(activity.id, null);
    try {
      const outcome = await post("submit", { person: this.person.key, activity_id: activity.id, verb, data });
      if (outcome.text) this.note(activity.id, outcome.text, outcome.kind === "error");
    } catch (error) {
      this.note(activity.id, error.message, true);
    } finally {
      frame.removeAttribute("aria-busy");
    }
    await this.refresh();
    const now = this.nodes.get(activity.id)?.node;
    if (now && now !== pressed) this.fromItsTop(now);
    this.bringIn(this.notes.get(activity.id));
  }

  /** The button stood at the foot of a tall card; what replaced it is read from its head. */
  fromItsTop(node) {
    const above = node.getBoundingClientRect().top - this.log.getBoundingClientRect().top;
    if (above < 0) this.log.scrollTop += above - 12;
  }

  /** What is said below a card is scrolled into sight, from its first line on. */
  bringIn(note) {
    if (!note?.isConnected) return;
    const [box, log] = [note.getBoundingClientRect(), this.log.getBoundingClientRect()];
    const below = Math.min(box.bottom - log.bottom, box.top - log.top) + 12;
    if (below > 0) this.log.scrollTop += below;
  }

  /** What the bot said about a click, under its card; it stays when the card is drawn anew. */
  note(id, text, bad) {
    this.notes.get(id)?.remove();
    this.notes.delete(id);
    if (!text) return;
    const note = h("p", { class: bad ? "said bad" : "said", role: bad ? "alert" : "status" }, text.replace(/\n+/g, "\n"));
    this.notes.set(id, note);
    this.nodes.get(id)?.node.querySelector(".body").append(note);
  }
}
