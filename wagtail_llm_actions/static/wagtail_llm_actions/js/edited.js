/** Tells whether an accepted output still stands in its field. */
import { inputOf } from './addresses.js';

const TEXTS =
  '.w-field--char_field, .w-field--url_field, .w-field--email_field, .w-field--slug_field';

/** Returns whether the field holds a run's output as it was stored: as one text. */
export const isComparable = (field) =>
  field.matches(TEXTS) && field.querySelectorAll('[name]').length === 1;

/**
 * Returns whether a person has changed what `run` wrote into the field.
 *
 * @param {object} run - as the API describes it; `state` is what rich text was given.
 */
export function isEdited(field, { output, mode, state }) {
  const input = inputOf(field);
  const isRichText = input.type === 'hidden';
  if (isRichText && !(input.draftailEditor && state)) return false;
  const accepted = isRichText ? outlineOfState(state) : output.trim();
  const current = isRichText ? outlineOfEditor(input) : input.value.trim();
  return mode === 'append' ? !current.includes(accepted) : current !== accepted;
}

/** Draft.js reads and writes both alike, so that only differences that a person made are left. */
function outlineOfState(state) {
  const { convertFromRaw, convertToRaw } = window.DraftJS;
  return outline(convertToRaw(convertFromRaw(JSON.parse(state))));
}

function outlineOfEditor(input) {
  const { convertToRaw } = window.DraftJS;
  const content = input.draftailEditor.getEditorState().getCurrentContent();
  return outline(convertToRaw(content));
}

/**
 * Returns a line for each block that is not empty, with its text and styles.
 *
 * Links are left out: which of them the field was given depends on those that it had.
 */
const outline = ({ blocks }) =>
  blocks
    .filter(({ type, text }) => text.trim() || type === 'atomic')
    .map(({ type, depth, text, inlineStyleRanges }) =>
      JSON.stringify([
        type,
        depth,
        text.trimEnd(),
        inlineStyleRanges.map(({ offset, length, style }) => [
          style,
          offset,
          length,
        ]),
      ]),
    )
    .join('\n');
