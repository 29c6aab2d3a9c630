// Server-sent events with what browsers leave out: a stream that is open only while its page is seen (a browser has six connections to a
// server, for all its pages), and that goes on after the server was away.

/**
 * @param address gives the address at every (re)connection
 * @param handlers by name of the event; "reopened" is called after a gap, "state" with true or false
 * @returns object with reopen(), and rest(): connected, but what is shown does not move any more
 */
export function openStream(address, handlers) {
  const lamp = document.getElementById('live');
  let source = null;
  let timer = 0;
  let wasOpen = false;

  function show(isOn) {
    if (!lamp) return;
    lamp.classList.toggle('on', isOn);
    lamp.textContent = isOn ? lamp.dataset.on : lamp.dataset.off;
  }
  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
    show(false);
  }
  function open() {
    close();
    source = new EventSource(address());
    source.addEventListener('ready', () => {
      show(true);
      if (wasOpen) handlers.reopened?.();
      wasOpen = true;
    });
    source.addEventListener('error', () => {
      close();
      timer = setTimeout(open, 2000);
    });
    for (const [name, handler] of Object.entries(handlers)) {
      if (name !== 'reopened') source.addEventListener(name, (event) => handler(JSON.parse(event.data)));
    }
  }
  document.addEventListener('visibilitychange', () => (document.hidden ? close() : open()));
  window.addEventListener('pagehide', close);
  window.addEventListener('pageshow', (event) => event.persisted && open());
  if (!document.hidden) open();
  function rest() {
    lamp.classList.remove('on');
    lamp.textContent = lamp.dataset.rest;
  }
  return { reopen: open, rest };
}

/** Remembers what has the focus in a part of the page that is about to be replaced; call the result afterwards. */
export function keepFocus(part) {
  const active = document.activeElement;
  if (!part.contains(active)) return () => {};
  const name = active.getAttribute('formaction') ?? active.getAttribute('href') ?? active.getAttribute('aria-label');
  return () => {
    const same = [...part.querySelectorAll('a, button, summary')].find(
      (each) => name !== null && [each.getAttribute('formaction'), each.getAttribute('href'), each.getAttribute('aria-label')].includes(name));
    same?.focus({ preventScroll: true });
  };
}
