/**
 * Brings the field controls to the pages that images and documents are uploaded on.
 *
 * Wagtail calls `insert_editor_js` on edit forms only. This script stands on every page of the
 * admin, and does nothing on all others.
 */

/** Fetches what the hook gives to edit forms, and puts it into the page. */
async function bring() {
  const { assetsUrl } = document.getElementById('llm-actions-uploads').dataset;
  const answer = await fetch(assetsUrl, { redirect: 'manual' });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(
    await answer.text(),
    'text/html',
  );
  document.body.append(...[...page.querySelectorAll('script')].map(executable));
}

/** Returns a copy of a script: one that was parsed out of a text is not executed. */
function executable(parsed) {
  const script = document.createElement('script');
  [...parsed.attributes].forEach(({ name, value }) =>
    script.setAttribute(name, value),
  );
  script.textContent = parsed.textContent;
  return script;
}

if (document.getElementById('upload-list')) {
  if (document.readyState === 'complete') bring();
  else window.addEventListener('load', bring);
}
