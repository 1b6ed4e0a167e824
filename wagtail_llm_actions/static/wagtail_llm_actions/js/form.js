/** A form being edited: where it is saved, and what stands in it now. */

const RICH_TEXT = '[data-draftail-editor-wrapper]';

/** Milliseconds until the hidden input of rich text has surely followed, or never will. */
const SOON = 300;
const LATE = 2000;
let richTextChangedAt = -LATE;

/**
 * Returns the path that the form is saved to, which names the edited object; its query may name
 * the language of a new one.
 *
 * Read it when it is needed: autosave turns the path of a create form into that of an edit form.
 */
export function editorPath(form) {
  const action = form.getAttribute('action') ?? '';
  const { pathname, search } = new URL(action, window.location.href);
  return pathname + search;
}

/** Notes that rich text may have changed: its hidden input follows some 250 ms later. */
export function noteRichTextChange() {
  richTextChangedAt = performance.now();
}

/** For events within the form: notes those that may change rich text. */
export function noteIfRichText(event) {
  if (event.target.closest?.(RICH_TEXT)) noteRichTextChange();
}

/**
 * Returns what stands in the form now, without files.
 *
 * Its CSRF token may be older than the session: requests send theirs in a header.
 */
export async function formContents(form) {
  await richTextSaved(form);
  const contents = new FormData(form);
  const files = [...contents].filter(([, value]) => value instanceof File);
  contents.delete('csrfmiddlewaretoken');
  files.forEach(([name]) => contents.delete(name));
  return contents;
}

async function richTextSaved(form) {
  const age = () => performance.now() - richTextChangedAt;
  while (age() < SOON || (age() < LATE && isRichTextBehind(form))) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function isRichTextBehind(form) {
  return [...form.querySelectorAll(RICH_TEXT)].some((wrapper) => {
    const input = wrapper.parentElement.querySelector('input[type="hidden"]');
    if (!input?.draftailEditor) return false;
    const shown = input.draftailEditor.getEditorState().getCurrentContent();
    const saved = JSON.parse(input.value)?.blocks ?? [];
    return (
      shown.getPlainText('\n') !== saved.map((block) => block.text).join('\n')
    );
  });
}
