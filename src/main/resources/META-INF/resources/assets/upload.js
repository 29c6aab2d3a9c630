// Sends an archive as the body of a request, so that the server reads it as it comes instead of storing a form first.
function imageTarget(form) {
  const query = new URLSearchParams({ reference: form.elements.reference?.value ?? '', command: form.elements.command?.value ?? '' });
  return form.elements.kind.value === 'load' ? '/ui/images/load' : `/ui/images/import?${query}`;
}

for (const form of document.querySelectorAll('form[data-upload]')) {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const file = form.elements.archive.files[0];
    const error = form.querySelector('[data-upload-error]');
    if (!file) {
      error.textContent = form.dataset.missing;
      error.hidden = false;
      form.elements.archive.focus();
      return;
    }
    // The field of the form that names what is made; without one it is the file that has a name.
    const named = form.elements[form.dataset.uploadField]?.value.trim();
    const limit = form.elements.limit?.value.trim();
    const target = named !== undefined ? `${form.dataset.upload}?${new URLSearchParams(limit ? { name: named, size: limit } : { name: named })}` : form.dataset.upload ? `${form.dataset.upload}&${new URLSearchParams({ name: file.name })}` : imageTarget(form);
    const bar = form.querySelector('progress');
    const button = form.querySelector('button:not([type])');
    const request = new XMLHttpRequest();
    request.open('POST', target);
    request.setRequestHeader('X-Form-Token', form.elements.csrf.value);
    request.setRequestHeader('HX-Request', 'true');
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.upload.addEventListener('progress', (step) => {
      if (step.lengthComputable) bar.value = step.loaded / step.total;
    });
    const fail = (text) => {
      error.textContent = text;
      error.hidden = false;
      bar.hidden = true;
      button.disabled = false;
    };
    request.addEventListener('load', () => {
      const next = request.getResponseHeader('HX-Redirect');
      if (next) window.location.assign(next);
      else fail(new DOMParser().parseFromString(request.responseText, 'text/html').body.textContent.trim() || document.body.dataset.offline);
    });
    request.addEventListener('error', () => fail(document.body.dataset.offline));
    error.hidden = true;
    bar.hidden = false;
    button.disabled = true;
    request.send(file);
  });
  const show = () => {
    for (const part of form.querySelectorAll('[data-only]')) part.hidden = part.dataset.only !== form.elements.kind?.value;
  };
  form.addEventListener('change', show);
  show();
}
