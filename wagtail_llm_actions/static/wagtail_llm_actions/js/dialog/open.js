/** Fetches the dialog when it is first needed, and shows it. */
import { fetchDialog } from '../api.js';
import { addTexts } from '../strings.js';
// For the field's control, so that an output can be applied once it is there.
import './apply.js';
import { RequestController } from './RequestController.js';
import { PastRunsController } from './PastRunsController.js';
import { RunDialogController } from './RunDialogController.js';
import { SavingController } from './SavingController.js';
import './undo.js';

const ID = 'llm-run-dialog';
let loading = null;

/**
 * Opens the dialog for one field; does nothing while it is open.
 *
 * @param {FieldControlController} control - of the field.
 * @param {object} options - `retryOf`: the run to try again; `review`: the run to decide on;
 *   `isPreparing`: shows what would be sent, and runs nothing; `queue`: controls that come after.
 * @throws {ApiError} if the dialog cannot be had.
 */
export async function openRunDialog(control, options) {
  loading ??= load();
  const dialog = await loading.catch((error) => {
    loading = null;
    throw error;
  });
  if (dialog.getAttribute('aria-hidden') !== 'true') return;
  dialog.dispatchEvent(
    new CustomEvent('llm-run-dialog:open', { detail: { control, ...options } }),
  );
}

/** Appends the dialog to the body, outside the edit form; Wagtail's teleport puts it in place. */
async function load() {
  const page = new DOMParser().parseFromString(
    await fetchDialog(),
    'text/html',
  );
  const stylesheet = page.querySelector('link[rel="stylesheet"]');
  const ready = dialogReady();
  const { app } = window.wagtail;
  app.register('llm-saving', SavingController);
  app.register('llm-request', RequestController);
  app.register('llm-past-runs', PastRunsController);
  app.register('llm-run-dialog', RunDialogController);
  const styled = settled(stylesheet);
  document.head.append(stylesheet);
  document.body.append(...page.head.children, ...page.body.children);
  addTexts('llm-run-dialog-strings');
  await styled;
  return ready;
}

function dialogReady() {
  return new Promise((resolve) => {
    document.addEventListener(
      'llm-run-dialog:ready',
      ({ target }) => resolve(target.closest(`#${ID}`)),
      {
        once: true,
      },
    );
  });
}

function settled(link) {
  return new Promise((resolve) => {
    link.addEventListener('load', resolve, { once: true });
    link.addEventListener('error', resolve, { once: true });
  });
}
