// Builds the Dockerfile of the editor, an archive with one, or what an address leads to. What the build says is shown as it comes, as text, never as HTML.
const form = document.querySelector('form[data-build]');
const box = document.getElementById('build-output');
const result = document.getElementById('build-result');
const [start, stop] = [document.getElementById('build-start'), document.getElementById('build-stop')];
const MAX_CHARACTERS = 2_000_000;
const CONTROLS = /\u001b\[[0-?]*[ -/]*[@-~]|[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
let running = null;

// One file is enough of an archive to write it by hand: a block with its name and size, its bytes, and zeros.
function archiveOf(name, text) {
  const bytes = new TextEncoder().encode(text);
  const block = new Uint8Array(512);
  const put = (at, value) => block.set(new TextEncoder().encode(value), at);
  put(0, name);
  put(100, '0000644\0' + '0000000\0' + '0000000\0' + bytes.length.toString(8).padStart(11, '0') + '\0' + '00000000000\0' + '        0');
  put(257, 'ustar\u000000');
  put(148, block.reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ');
  return new Blob([block, bytes, new Uint8Array((512 - (bytes.length % 512)) % 512 + 1024)]);
}

function query() {
  const values = new URLSearchParams();
  const set = (name, value) => value && values.append(name, value);
  set('reference', form.elements.reference.value.trim());
  set('target', form.elements.target.value.trim());
  const address = form.elements.remote.value.trim();
  set('remote', address);
  if (address || form.elements.archive.files[0]) set('file', form.elements.file.value.trim());
  if (form.elements.nocache.checked) set('noCache', 'true');
  for (const line of document.getElementById('arguments').value.split(/\r?\n/)) if (line.trim()) set('argument', line);
  return values;
}

function write(text, isBad = false) {
  const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < 40;
  const piece = document.createElement('span');
  if (isBad) piece.className = 'stderr';
  piece.textContent = text.replace(/\r\n/g, '\n').replace(CONTROLS, '');
  box.append(piece);
  while (box.textContent.length > MAX_CHARACTERS) box.firstChild.remove();
  if (atEnd) box.scrollTop = box.scrollHeight;
}

function take(line, found) {
  if (!line.trim()) return;
  const message = JSON.parse(line);
  if (message.stream) write(message.stream);
  if (message.status) write(`${message.id ? message.id + ': ' : ''}${message.status}\n`);
  if (message.aux?.ID) found.id = message.aux.ID;
  if (message.error) {
    write(message.error + '\n', true);
    found.failed = true;
  }
}

async function read(body, found) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop();
    for (const line of lines) take(line, found);
  }
  take(rest, found);
}

async function build() {
  const file = form.elements.archive.files[0];
  const found = { id: null, failed: false };
  box.replaceChildren();
  box.hidden = false;
  result.replaceChildren();
  running = new AbortController();
  start.disabled = true;
  stop.disabled = false;
  try {
    const answer = await fetch(`${form.dataset.build}?${query()}`, {
      method: 'POST',
      body: form.elements.remote.value.trim() ? '' : file ?? archiveOf('Dockerfile', document.getElementById('dockerfile').value),
      headers: { 'X-Form-Token': form.elements.csrf.value, 'HX-Request': 'true', 'Content-Type': 'application/octet-stream' },
      signal: running.signal,
    });
    if (answer.ok) await read(answer.body, found);
    else {
      write(new DOMParser().parseFromString(await answer.text(), 'text/html').body.textContent.trim(), true);
      found.failed = true;
    }
  } catch (error) {
    if (!running.signal.aborted) write(document.body.dataset.offline, true);
    found.failed = true;
  }
  start.disabled = false;
  stop.disabled = true;
  result.textContent = running.signal.aborted ? form.dataset.stopped : found.failed ? form.dataset.failed : '';
  if (!found.failed && found.id) {
    const link = document.createElement('a');
    link.className = 'button';
    link.href = `/ui/images/${found.id}`;
    link.textContent = form.dataset.done;
    result.append(link);
  }
}

form?.addEventListener('submit', (event) => {
  event.preventDefault();
  build();
});
stop?.addEventListener('click', () => running?.abort());
