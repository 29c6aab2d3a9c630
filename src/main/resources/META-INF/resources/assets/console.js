// A terminal in a container: xterm.js joined with a web socket. Binary messages are keys and output, text messages are JSON.
const PASTE_BYTES = 16 * 1024;
const form = document.getElementById('console-form');
const value = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

function start(box) {
  const opener = document.getElementById('console-open');
  const closer = document.getElementById('console-close');
  const end = document.getElementById('console-end');
  const terminal = new window.Terminal({
    cursorBlink: true,
    fontFamily: value('--mono'),
    fontSize: 13,
    screenReaderMode: true,
    scrollback: 5000,
    theme: { background: value('--log-ground'), foreground: value('--log-text'), cursor: value('--log-text') },
  });
  const fit = new window.FitAddon.FitAddon();
  const encoder = new TextEncoder();
  let socket = null;

  terminal.loadAddon(fit);
  terminal.open(box);
  fit.fit();

  function say(text) {
    end.textContent = text;
    opener.disabled = false;
    closer.disabled = true;
    socket = null;
  }
  function sendBytes(bytes) {
    if (socket?.readyState !== WebSocket.OPEN) return;
    for (let at = 0; at < bytes.length; at += PASTE_BYTES) socket.send(bytes.subarray(at, at + PASTE_BYTES));
  }
  function open() {
    const fields = new FormData(form);
    const address = new URL(form.dataset.socket, window.location.href);
    address.protocol = address.protocol.replace('http', 'ws');
    address.search = new URLSearchParams({ command: fields.get('command'), user: fields.get('user'), rows: terminal.rows, columns: terminal.cols });
    const mine = new WebSocket(address);
    mine.binaryType = 'arraybuffer';
    socket = mine;
    opener.disabled = true;
    closer.disabled = false;
    end.textContent = '';
    terminal.reset();
    terminal.focus();
    mine.addEventListener('message', ({ data }) => {
      if (typeof data !== 'string') {
        terminal.write(new Uint8Array(data));
        return;
      }
      const last = JSON.parse(data);
      say(last.refused ?? form.dataset.ended.replace('%s', last.exit));
    });
    mine.addEventListener('close', () => {
      if (socket === mine) say(form.dataset.broken);
    });
  }

  terminal.onData((keys) => sendBytes(encoder.encode(keys)));
  terminal.onBinary((keys) => sendBytes(Uint8Array.from(keys, (key) => key.charCodeAt(0))));
  terminal.onResize(({ rows, cols }) => {
    if (socket?.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ rows, columns: cols }));
  });
  new ResizeObserver(() => fit.fit()).observe(box);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    if (!socket) open();
  });
  closer.addEventListener('click', () => socket?.close());
}

// The libraries are deferred scripts before this module, so they are there.
if (form) start(document.getElementById('console'));
