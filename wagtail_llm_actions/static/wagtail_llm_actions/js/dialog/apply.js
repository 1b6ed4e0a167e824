/**
 * Puts an output into a field, by the method that the server names.
 *
 * Texts go in as typing would put them, so that the browser's own undo takes them back; of every
 * other method we keep what takes it back. Slug, counters and autosave follow all of them.
 */
import { addRow, inputOf, locate } from '../addresses.js';
import { Role, setBlockState } from '../blocks.js';
import { noteRichTextChange } from '../form.js';

const METHODS = {
  text: applyText,
  rich_text: applyRichText,
  state: applyState,
  html: applyHtml,
  rows: applyRows,
};

/** Milliseconds that a widget of a new row may take until it is there. */
const PATIENCE = 5000;

/**
 * Writes into the field what the server prepared for its widget.
 *
 * @param {object} presentation - `method`, and its `state` or `html`.
 * @returns {Promise<?object>} `elements` that were changed, and `revert()`, which takes it back;
 *   null where the browser's own undo does.
 */
export async function apply(field, { method, state, html }) {
  return (await METHODS[method](field, { state, html })) ?? null;
}

/** `insertText` is deprecated, but nothing else keeps the browser's own undo. */
function applyText(field, { state }) {
  const input = inputOf(field);
  const before = input.value;
  input.focus({ preventScroll: true });
  if (document.activeElement === input) {
    input.select();
    document.execCommand('insertText', false, state);
  }
  const isTyped = input.value === state;
  if (!isTyped) input.value = state;
  tell([input]);
  input.blur();
  return isTyped ? null : revertible([field], () => setValue(input, before));
}

/** Pushing onto the editor's history keeps its undo, where setting a new state empties it. */
function applyRichText(field, { state }) {
  const { EditorState, convertFromRaw } = window.DraftJS;
  const editor = inputOf(field).draftailEditor;
  const content = convertFromRaw(
    typeof state === 'string' ? JSON.parse(state) : state,
  );
  noteRichTextChange();
  editor.onChange(
    EditorState.push(editor.getEditorState(), content, 'insert-fragment'),
  );
}

function applyState(field, { state }) {
  const { block, role, path } = locate(field);
  const widget = block ?? boundWidget(path);
  const before = widget.getState();
  const put = (value) => {
    noteRichTextChange();
    if (block) setBlockState(block, value);
    else widget.setState(value);
    tell(role === Role.FIELD ? valueInputs(field) : [field]);
  };
  put(state);
  return revertible([field], () => put(before));
}

/** Scripts in the fragment run where it is put in place: choosers and date pickers need theirs. */
function applyHtml(field, { html }) {
  const fragment = document.createRange().createContextualFragment(html);
  const after = fragment.firstElementChild;
  const before =
    document.getElementById(after.id) ?? field.closest('.w-field__wrapper');
  swap(before, after);
  return revertible([after], () => swap(after, before));
}

async function applyRows(field, { state }) {
  const rows = [];
  for (const values of state) {
    const row = addRow(field);
    rows.push(row);
    await fillRow(row, values);
  }
  return rows.length ? revertible(rows, () => rows.forEach(deleteRow)) : null;
}

/** Wagtail builds the widgets of a new row a moment after the row. */
async function fillRow(row, values) {
  for (const [name, { method, state, html }] of Object.entries(values)) {
    const field = row.querySelector(
      `[data-field][data-contentpath="${CSS.escape(name)}"]`,
    );
    if (method === 'text') setValue(inputOf(field), state);
    else {
      await until(() => isReady(field, method));
      await apply(field, { method, state, html });
    }
  }
}

function isReady(field, method) {
  if (method === 'rich_text') return inputOf(field).draftailEditor;
  return method === 'html' || locate(field)?.block;
}

/** Presses the row's own button: the row stays in the form, marked as deleted. */
function deleteRow(row) {
  const prefix = row.id.replace(/^inline_child_/, '');
  document.getElementById(`id_${prefix}-DELETE-button`).click();
}

/** Our control moves along with what it belongs to. */
function swap(before, after) {
  const control = before.querySelector('.llm-field');
  before.replaceWith(after);
  if (control) after.querySelector('[data-field]').append(control);
  const commentButton = after.querySelector('[data-comment-add]');
  if (commentButton) window.comments?.initAddCommentButton(commentButton);
  tell([after]);
}

function setValue(input, text) {
  input.value = text;
  tell([input]);
}

/** Says what typing and choosing would say; choosers tell of a choice themselves. */
function tell(elements) {
  for (const element of elements)
    for (const name of ['input', 'change'])
      element.dispatchEvent(new Event(name, { bubbles: true }));
}

const boundWidget = (name) =>
  window.wagtail.editHandler.getPanelByName(name).getBoundWidget();
const valueInputs = (field) => [
  ...field.querySelectorAll(
    'select[name], textarea[name], input[name]:not([type="hidden"], [type="radio"]:not(:checked))',
  ),
];
const revertible = (elements, revert) => ({ elements, revert });

async function until(condition) {
  const end = performance.now() + PATIENCE;
  while (!condition() && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 20));
}
