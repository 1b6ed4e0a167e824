/**
 * Starts the field controls on Wagtail's edit forms; inserted by `insert_editor_js`, and by
 * `uploads.js` on the pages that images and documents are uploaded on.
 *
 * Wagtail renders that hook on every generic form of the admin, also the ones for users and
 * tokens: what is content, `forms.js` knows.
 */
import { EditorController } from './EditorController.js';
import { FieldControlController } from './FieldControlController.js';
import { editedForms, editorRoot } from './forms.js';
import { SelectionController } from './SelectionController.js';
import { nameForm } from './formToken.js';
import { config } from './strings.js';

function boot() {
  const root = editorRoot();
  if (!root || document.body.classList.contains('content-locked')) return;
  editedForms().forEach(nameForm);
  document.head.append(stylesheet());
  window.wagtail.app.register('llm-editor', EditorController);
  window.wagtail.app.register('llm-field', FieldControlController);
  window.wagtail.app.register('llm-selection', SelectionController);
  root.after(rootElement());
}

/** Wagtail has no hook for the styles of edit forms alone. */
function stylesheet() {
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = config().cssUrl;
  return link;
}

/** Our own root: Wagtail rewrites the form's `data-controller` while it initialises. */
function rootElement() {
  const root = document.createElement('div');
  root.className = 'w-sr-only';
  root.setAttribute('role', 'status');
  root.dataset.controller = 'llm-editor';
  return root;
}

if (document.readyState === 'complete') boot();
else document.addEventListener('DOMContentLoaded', boot);
