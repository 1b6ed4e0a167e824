/**
 * Which forms of the admin hold content.
 *
 * A form with an edit handler is a page, a snippet or a setting. The forms of images and documents
 * have none: they are known by where they are saved to. The page that they are uploaded on has one
 * form for each, and gets them while it is open.
 */
import { editorPath } from './form.js';
import { config } from './strings.js';

/** Returns the element that all edited forms are in, or null where nothing is edited. */
export function editorRoot() {
  const form = document.querySelector('form[data-edit-form]');
  if (!form) return document.getElementById('upload-list');
  return hasPanels() || isMediaForm(form) ? form : null;
}

/** Returns the forms that are edited now. */
export function editedForms() {
  const root = editorRoot();
  if (!root || root.matches('form')) return root ? [root] : [];
  return [...root.querySelectorAll('form')].filter(isMediaForm);
}

/** Returns whether an image or document is edited in the form. */
function isMediaForm(form) {
  const [path] = editorPath(form).split('?');
  return config()
    .mediaUrls.split(' ')
    .some(
      (start) =>
        start &&
        path.startsWith(start) &&
        /^\d+\/$/.test(path.slice(start.length)),
    );
}

const hasPanels = () => document.getElementById('w-edit-handler-data') !== null;
