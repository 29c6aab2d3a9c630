// The page of one container: its log as it grows, its use of CPU and memory as curves.
import { openStream } from './live.js';
import { charts } from './charts.js';
import { LogView } from './log.js';

const part = document.getElementById('container');
const isRemoved = 'removed' in part.dataset;
const log = new LogView(document.getElementById('log'));
const curves = isRemoved ? null : charts();
const head = document.getElementById('head');
let hasEnded = false;

function refreshHead() {
  // A button that was pressed says so until its answer leads to the next page.
  if (head.querySelector('form[data-sent]')) return;
  window.htmx.ajax('GET', head.dataset.refresh, { target: head, swap: 'innerHTML' });
}

if (isRemoved) {
  log.note(log.box.dataset.empty);
} else {
  const stream = openStream(() => `${part.dataset.stream}?after=${encodeURIComponent(log.lastTime)}`, {
    log: (piece) => log.add(piece.t, piece.e),
    stats: (sample) => curves.add(sample),
    end: () => {
      hasEnded = true;
      log.ended();
      stream.rest();
    },
    refused: (reason) => log.note(reason.why),
    change: (event) => {
      refreshHead();
      if (event.action === 'start' && hasEnded) {
        hasEnded = false;
        stream.reopen();
      }
    },
    reopened: refreshHead,
  });
}
