/** Takes an output out of its field again, where the browser's own undo cannot. */

/** What was applied, as long as it stands there as it was applied. */
export class Undo {
  /** @param {object} applied - what `apply` returned. */
  constructor({ elements, revert }) {
    this.elements = elements;
    this.revert = revert;
    this.applied = contentsOf(elements);
  }

  /** Returns whether a person has changed it since: then taking it back would lose their work. */
  get isChanged() {
    return this.applied !== contentsOf(this.elements);
  }
}

const contentsOf = (elements) =>
  JSON.stringify(
    elements.flatMap((element) =>
      [...element.querySelectorAll('[name]')].map(valueOf),
    ),
  );

function valueOf(input) {
  if (input.draftailEditor) return contentOfEditor(input.draftailEditor);
  if (input.selectedOptions)
    return [...input.selectedOptions].map((option) => option.value);
  return ['checkbox', 'radio'].includes(input.type)
    ? input.checked
    : input.value;
}

/** The hidden input of rich text follows late. */
const contentOfEditor = (editor) =>
  window.DraftJS.convertToRaw(editor.getEditorState().getCurrentContent());
