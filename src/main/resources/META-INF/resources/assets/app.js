// What every page does beyond plain HTML: asks before it destroys, keeps lists alive, tells times in the reader's words, obeys the keyboard.
// Nothing here builds HTML from texts: they arrive as HTML from the server, or are set as text.
import { keepFocus, openStream } from './live.js';
import './upload.js';

const body = document.body;
const language = document.documentElement.lang;
const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];

// ---- times ------------------------------------------------------------------------------------------------------------------------
const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
const absolute = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
const UNITS = [['year', 31536000], ['month', 2592000], ['day', 86400], ['hour', 3600], ['minute', 60], ['second', 1]];

function sinceWhen(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const [unit, size] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ['second', 1];
  return relative.format(Math.trunc(seconds / size), unit);
}

export function showTimes(root = document) {
  for (const time of $$('time[datetime]', root)) {
    const date = new Date(time.dateTime);
    if (Number.isNaN(date.getTime())) continue;
    if (!time.title) time.title = time.textContent;
    time.textContent = time.hasAttribute('data-relative') ? sinceWhen(date) : absolute.format(date);
  }
}
showTimes();
setInterval(showTimes, 20000);
document.addEventListener('htmx:afterSwap', (event) => showTimes(event.target));

// ---- notices ----------------------------------------------------------------------------------------------------------------------
function notice(text) {
  const box = document.createElement('div');
  box.className = 'notice bad';
  box.setAttribute('role', 'alert');
  const line = document.createElement('p');
  line.textContent = text;
  box.append(line);
  $('#notices').replaceChildren(box);
}
document.addEventListener('htmx:beforeSwap', (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.target = $('#notices');
    event.detail.swapOverride = 'innerHTML';
  }
});
document.addEventListener('htmx:sendError', () => notice(body.dataset.offline));

// ---- forms ------------------------------------------------------------------------------------------------------------------------
function confirmed(button) {
  const dialog = $('#confirm');
  $('#confirm-text').textContent = button.dataset.confirm;
  $('#confirm-yes').textContent = button.dataset.confirmYes || button.textContent;
  dialog.returnValue = 'no';
  dialog.showModal();
  return new Promise((resolve) => dialog.addEventListener('close', () => resolve(dialog.returnValue === 'yes'), { once: true }));
}
let isConfirmed = false;
document.addEventListener('click', async (event) => {
  const button = event.target.closest('button[data-confirm]');
  if (!button || isConfirmed) return;
  event.preventDefault();
  const form = button.form;
  if (!(await confirmed(button))) {
    button.focus();
    return;
  }
  isConfirmed = true;
  form.requestSubmit(button);
  isConfirmed = false;
});

/** A second click does not send a form twice. */
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!form.hasAttribute('data-busy')) return;
  if (form.dataset.sent && !form.hasAttribute('hx-post')) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = 'yes';
  form.setAttribute('aria-busy', 'true');
  setTimeout(() => $$('button', form).forEach((button) => button.setAttribute('aria-disabled', 'true')));
  if (event.submitter) working(event.submitter);
});
/** Stopping takes up to ten seconds, and some browsers hardly show that a page is on its way. */
function working(button) {
  const label = [...button.childNodes].findLast((each) => each.nodeType === Node.TEXT_NODE && each.data.trim());
  button.classList.add('busy');
  if (!label) return;
  button.dataset.label = label.data;
  label.data = body.dataset.working;
}
function rested(button) {
  button.classList.remove('busy');
  if (!('label' in button.dataset)) return;
  [...button.childNodes].findLast((each) => each.nodeType === Node.TEXT_NODE && each.data.trim()).data = button.dataset.label;
  delete button.dataset.label;
}
function ready(form) {
  delete form.dataset.sent;
  form.removeAttribute('aria-busy');
  $$('button', form).forEach((button) => button.removeAttribute('aria-disabled'));
  $$('button.busy', form).forEach(rested);
}
window.addEventListener('pageshow', () => $$('form[data-sent]').forEach(ready));
document.addEventListener('htmx:afterRequest', (event) => {
  const form = event.target.closest?.('form[data-sent]');
  if (form) ready(form);
});
$('[data-focus]')?.focus();

// ---- menus, dialogs, copying ------------------------------------------------------------------------------------------------------
function closeMenus(except) {
  for (const menu of $$('details.menu[open]')) {
    if (!menu.contains(except)) menu.open = false;
  }
}
async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = 'value' in source ? source.value : source.textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers offer the clipboard only over https and on this machine; elsewhere the selection is copied.
    const selection = getSelection();
    if ('select' in source) source.select();
    else selection.selectAllChildren(source);
    document.execCommand('copy');
  }
  const label = $('span', button) ?? button;
  const before = label.textContent;
  label.textContent = body.dataset.copied;
  setTimeout(() => { label.textContent = before; }, 1600);
}
/** One more line of a list in a form, up to as many as it may have. Without scripts an empty line more comes with each save. */
function addLine(button) {
  const lines = document.getElementById(button.dataset.add);
  const line = lines.lastElementChild.cloneNode(true);
  for (const input of $$('input', line)) input.value = '';
  lines.append(line);
  $('input', line).focus();
  button.disabled = lines.childElementCount >= Number(lines.dataset.most);
}
document.addEventListener('click', (event) => {
  closeMenus(event.target);
  const target = event.target.closest('button');
  if (!target) return;
  if (target.dataset.dialog) document.getElementById(target.dataset.dialog).showModal();
  if ('dismiss' in target.dataset) target.closest('.notice').remove();
  if (target.dataset.copy) copy(target);
  if (target.dataset.add) addLine(target);
});
document.addEventListener('focusin', (event) => closeMenus(event.target));

// ---- keyboard ---------------------------------------------------------------------------------------------------------------------
let isGoing = false;
function moveRow(step) {
  const rows = $$('[data-row]');
  if (rows.length === 0) return;
  const at = rows.indexOf(document.activeElement.closest('tr')?.querySelector('[data-row]'));
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)].focus();
}
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape') {
    const menu = document.activeElement.closest('details.menu[open]');
    closeMenus(null);
    if (menu) $('summary', menu).focus();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('input, textarea, select') || $('dialog[open]')) return;
  const going = isGoing;
  isGoing = false;
  if (going) {
    $(`nav a[data-key="${CSS.escape(event.key)}"]`)?.click();
    return;
  }
  const search = $('[data-key-search]');
  switch (event.key) {
    case 'g': isGoing = true; break;
    case '/': if (search) { event.preventDefault(); search.focus(); search.select(); } break;
    case 'n': $('[data-key-new]')?.click(); break;
    case 'j': moveRow(1); break;
    case 'k': moveRow(-1); break;
    case '?': $('#keys')?.showModal(); break;
    default:
  }
});

// ---- live lists -------------------------------------------------------------------------------------------------------------------
const list = $('[data-live]');
if (list) {
  let timer = 0;
  const refresh = () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      if ($('details.menu[open], form[data-sent]', list) || $('dialog[open]')) {
        refresh();
        return;
      }
      const form = $(list.dataset.refreshInclude)?.form;
      const query = form ? new URLSearchParams(new FormData(form)) : '';
      const restore = keepFocus(list);
      window.htmx.ajax('GET', `${list.dataset.refresh}?${query}`, { target: list, swap: 'innerHTML' }).then(restore);
    }, 150);
  };
  openStream(() => list.dataset.live, { change: refresh, reopened: refresh });
}
