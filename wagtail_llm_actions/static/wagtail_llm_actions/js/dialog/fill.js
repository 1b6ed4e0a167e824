/** Runs the actions of all empty fields, one after the other, each with a decision. */
import { inputOf, locate } from '../addresses.js';
import { ApiError } from '../api.js';
import { Role } from '../blocks.js';
import { text } from '../strings.js';
import { openRunDialog } from './open.js';

/** Sources that read the fields of the page, whatever they are. */
const READS_ALL = '@content';

/** Opens the dialog for the first empty field, and after each decision for the next. */
export async function fillEmptyFields() {
  const waiting = inOrder(emptyControls());
  if (!waiting.length) {
    announce(text('nothing_to_fill'));
    return;
  }
  try {
    const [first, ...queue] = await Promise.all(waiting.map(controllerOf));
    await openRunDialog(first, { queue });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    announce(error.message);
  }
}

function emptyControls() {
  return [...document.querySelectorAll('.llm-field')].filter(
    (element) =>
      element.dataset.llmFieldRoleValue === Role.FIELD &&
      element.querySelector('.llm-field__button:enabled') &&
      isEmpty(element.parentElement),
  );
}

function isEmpty(field) {
  const input = inputOf(field);
  if (!input || field.querySelectorAll('[name]').length !== 1) return false;
  if (!input.draftailEditor) return input.type !== 'hidden' && !input.value;
  const content = input.draftailEditor.getEditorState().getCurrentContent();
  return !content.hasText();
}

/**
 * Returns the elements so that what another one reads comes before it, else as they stand in the
 * form; where they read each other in a circle, as they stand.
 */
export function inOrder(elements) {
  const rest = elements.map((element) => ({
    element,
    path: locate(element.parentElement).path,
    reads: (element.dataset.reads ?? '').split(' '),
  }));
  const ordered = [];
  while (rest.length) {
    const free = rest.findIndex(
      (one) => !rest.some((other) => needs(one, other)),
    );
    const [next] = rest.splice(Math.max(free, 0), 1);
    ordered.push(next.element);
  }
  return ordered;
}

const needs = (one, other) =>
  one !== other &&
  one.reads.some(
    (path) =>
      path === other.path ||
      path === READS_ALL ||
      other.path.startsWith(`${path}.`),
  );

/** A control has its controller a moment after it was given its name. */
async function controllerOf(element) {
  element.dataset.controller = 'llm-field';
  const find = () =>
    window.wagtail.app.getControllerForElementAndIdentifier(
      element,
      'llm-field',
    );
  while (!find()) await new Promise((resolve) => setTimeout(resolve));
  return find();
}

const announce = (message) =>
  document.dispatchEvent(
    new CustomEvent('llm-editor:announce', { detail: { message } }),
  );
