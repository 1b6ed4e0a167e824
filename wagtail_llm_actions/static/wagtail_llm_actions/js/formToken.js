/** Names one opening of a form, so that its runs are known again when it is saved for the first time. */

/** The key in the posted form, and in the tab's storage. */
const KEY = 'llm-actions-form';

/** Makes the form post its name with everything else, to Wagtail's views as well as to ours. */
export function nameForm(form) {
  const name = nameOfRefused() ?? newName();
  form.addEventListener('formdata', ({ formData }) => formData.set(KEY, name));
  form.addEventListener('submit', () => sessionStorage.setItem(KEY, name));
}

/** A form that Wagtail refused to save comes back from its own address, and keeps its name. */
function nameOfRefused() {
  const name = sessionStorage.getItem(KEY);
  sessionStorage.removeItem(KEY);
  const address = window.location.href.split('#')[0];
  return document.referrer === address ? name : null;
}

/** `crypto.randomUUID` is missing on sites without TLS. */
function newName() {
  const numbers = crypto.getRandomValues(new Uint32Array(4));
  return [...numbers].map((number) => number.toString(36)).join('-');
}
