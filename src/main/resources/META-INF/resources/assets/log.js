// Shows output of programs. It is set as text, never as HTML; of the terminal's control sequences only colours and bold are understood.
const MAX_LINES = 5000;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) /;
const ESCAPE = /\u001b\[([0-?]*)[ -/]*([@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]?/g;
const CONTROLS = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

export class LogView {
  constructor(box) {
    this.box = box;
    this.lastTime = '';
    this.rest = { out: '', err: '' };
    this.openLine = { out: null, err: null };
    this.style = { out: { bold: false, colour: null }, err: { bold: false, colour: null } };
    this.needle = '';
    this.count = 0;
    this.follow = document.getElementById('log-follow');
    this.listen();
  }

  listen() {
    const times = document.getElementById('log-times');
    const wrap = document.getElementById('log-wrap');
    const search = document.getElementById('log-search');
    const apply = () => {
      this.box.classList.toggle('timed', times.checked);
      this.box.classList.toggle('unwrapped', !wrap.checked);
    };
    times.addEventListener('change', apply);
    wrap.addEventListener('change', apply);
    this.follow.addEventListener('change', () => this.scroll());
    search.addEventListener('input', () => {
      this.needle = search.value.toLowerCase();
      for (const line of this.box.children) this.filter(line);
      this.scroll();
    });
    this.box.addEventListener('wheel', (event) => { if (event.deltaY < 0) this.follow.checked = false; }, { passive: true });
    this.box.addEventListener('keydown', (event) => { if (['ArrowUp', 'PageUp', 'Home'].includes(event.key)) this.follow.checked = false; });
    apply();
  }

  /** A piece of output: may begin and end anywhere, also inside a line. */
  add(text, isError) {
    const name = isError ? 'err' : 'out';
    this.box.querySelector('.note')?.remove();
    const lines = (this.rest[name] + text).split('\n');
    this.rest[name] = lines.pop();
    const fresh = document.createDocumentFragment();
    for (const line of lines) this.finish(name, line, fresh);
    if (this.rest[name]) this.show(name, this.rest[name], fresh);
    this.box.append(fresh);
    while (this.count > MAX_LINES) {
      this.box.firstElementChild.remove();
      this.count--;
    }
    this.scroll();
  }

  finish(name, line, fresh) {
    this.show(name, line, fresh);
    this.openLine[name] = null;
  }

  show(name, raw, fresh) {
    let line = this.openLine[name];
    if (!line) {
      line = document.createElement('div');
      line.className = name === 'err' ? 'line stderr' : 'line';
      fresh.append(line);
      this.openLine[name] = line;
      this.count++;
    }
    let text = raw;
    const stamp = TIME.exec(raw);
    line.replaceChildren();
    if (stamp) {
      if (stamp[1] > this.lastTime) this.lastTime = stamp[1];
      text = raw.slice(stamp[0].length);
      const at = document.createElement('span');
      at.className = 'at';
      at.textContent = stamp[1].slice(0, 23).replace('T', ' ');
      line.append(at);
    }
    const isComplete = this.rest[name] !== raw;
    this.paint(line, text.replace(/\r+$/, '').replace(/^.*\r/, ''), isComplete ? this.style[name] : { ...this.style[name] });
    this.filter(line);
  }

  paint(line, text, style) {
    let at = 0;
    for (const match of text.matchAll(ESCAPE)) {
      this.span(line, text.slice(at, match.index), style);
      at = match.index + match[0].length;
      if (match[2] === 'm') this.turn(style, match[1]);
    }
    this.span(line, text.slice(at), style);
  }

  span(line, raw, style) {
    const text = raw.replace(CONTROLS, '');
    if (!text) return;
    const part = document.createElement(style.bold ? 'b' : 'span');
    if (style.colour !== null) part.className = `f${style.colour}`;
    part.textContent = text;
    line.append(part);
  }

  /** ECMA-48 8.3.117, select graphic rendition. */
  turn(style, parameters) {
    for (const code of parameters.split(';').map(Number)) {
      if (code === 0) { style.bold = false; style.colour = null; }
      else if (code === 1) style.bold = true;
      else if (code === 22) style.bold = false;
      else if (code === 39) style.colour = null;
      else if (code >= 30 && code <= 37) style.colour = code - 30;
      else if (code >= 90 && code <= 97) style.colour = code - 90;
      else if (code === 38 || code === 48) break;
    }
  }

  filter(line) {
    line.hidden = this.needle !== '' && !line.textContent.toLowerCase().includes(this.needle);
  }

  /** Nothing more comes for now. */
  ended() {
    if (this.count === 0) this.note(this.box.dataset.empty);
  }

  note(text) {
    this.box.querySelector('.note')?.remove();
    const line = document.createElement('div');
    line.className = 'line note';
    line.textContent = text;
    this.box.append(line);
  }

  scroll() {
    if (this.follow.checked) this.box.scrollTop = this.box.scrollHeight;
  }
}
