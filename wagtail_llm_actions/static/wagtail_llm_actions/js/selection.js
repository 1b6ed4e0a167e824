/** The selection of a rich text editor: what is in it, and putting something in its place. */
import { noteRichTextChange } from './form.js';

/**
 * Returns what is selected in an editor, also after the focus has left it, or null if nothing is.
 *
 * A selection that only touches a block at its end or beginning has nothing of it.
 */
export function selectedRange(editor) {
  const state = editor.getEditorState();
  const content = state.getCurrentContent();
  const selection = state.getSelection();
  let start = pointOf(selection, 'Start');
  let end = pointOf(selection, 'End');
  if (start.key !== end.key && end.offset === 0)
    end = endOf(content.getBlockBefore(end.key));
  const first = content.getBlockForKey(start.key);
  if (start.key !== end.key && start.offset === first.getLength())
    start = { key: content.getKeyAfter(start.key), offset: 0 };
  const isEmpty = start.key === end.key && start.offset >= end.offset;
  return isEmpty ? null : rangeOf(start, end);
}

/** Returns whether a block that the range begins or ends in is gone, or is shorter now. */
export function isRangeGone(editor, range) {
  const content = editor.getEditorState().getCurrentContent();
  return [pointOf(range, 'Start'), pointOf(range, 'End')].some(
    ({ key, offset }) =>
      !content.getBlockForKey(key) ||
      content.getBlockForKey(key).getLength() < offset,
  );
}

/** Returns the blocks of the range, cut to it, as Draft.js's raw content in JSON. */
export function selectedContent(editor, range) {
  const { ContentState } = window.DraftJS;
  const content = editor.getEditorState().getCurrentContent();
  const start = pointOf(range, 'Start');
  const end = pointOf(range, 'End');
  const blocks = content.getBlocksAsArray();
  const indexOf = (key) => blocks.findIndex((block) => block.getKey() === key);
  const cut = ContentState.createFromBlockArray(
    blocks.slice(indexOf(start.key), indexOf(end.key) + 1),
  );
  const endOfLast = endOf(content.getBlockForKey(end.key));
  const withoutEnd = removed(cut, rangeOf(end, endOfLast));
  return rawJson(
    removed(withoutEnd, rangeOf({ key: start.key, offset: 0 }, start)),
  );
}

/** Returns the content of the editor without the range, as Draft.js's raw content in JSON. */
export const contentWithout = (editor, range) =>
  rawJson(removed(editor.getEditorState().getCurrentContent(), range));

/**
 * Puts content into the place of the range, or behind it, as one step of the editor's undo.
 *
 * One paragraph goes into the block that is there, which stays what it is.
 *
 * @param {string} state - Draft.js's raw content in JSON.
 * @param {string} mode - `replace` or `append`.
 */
export function putInPlace(editor, range, state, mode) {
  const { ContentState, EditorState, Modifier, convertFromRaw, genKey } =
    window.DraftJS;
  const editorState = editor.getEditorState();
  let content = editorState.getCurrentContent();
  let target = range;
  const blocks = convertFromRaw(JSON.parse(state))
    .getBlocksAsArray()
    .map((block) => block.set('key', genKey()));
  if (mode === 'append') {
    ({ content, target } = behind(content, range, blocks[0].getText()));
  }
  const host = content.getBlockForKey(target.getStartKey());
  const fitting =
    blocks.length > 1
      ? blocks
      : [blocks[0].merge({ type: host.getType(), depth: host.getDepth() })];
  const fragment = ContentState.createFromBlockArray(fitting).getBlockMap();
  noteRichTextChange();
  editor.onChange(
    EditorState.push(
      editorState,
      Modifier.replaceWithFragment(content, target, fragment),
      'insert-fragment',
    ),
  );
}

/** Returns the place behind the range, with a space where the next sentence needs one. */
function behind(content, range, text) {
  const { Modifier } = window.DraftJS;
  const { key, offset } = pointOf(range, 'End');
  const before = content.getBlockForKey(key).getText().slice(0, offset);
  const end = rangeOf({ key, offset }, { key, offset });
  if (/\s$/.test(before) || /^[\s.,;:!?…)\]]/.test(text))
    return { content, target: end };
  const next = { key, offset: offset + 1 };
  return {
    content: Modifier.insertText(content, end, ' '),
    target: rangeOf(next, next),
  };
}

function removed(content, range) {
  const { Modifier } = window.DraftJS;
  return range.isCollapsed()
    ? content
    : Modifier.removeRange(content, range, 'forward');
}

function rangeOf(start, end) {
  return window.DraftJS.SelectionState.createEmpty(start.key).merge({
    anchorOffset: start.offset,
    focusKey: end.key,
    focusOffset: end.offset,
  });
}

const rawJson = (content) =>
  JSON.stringify(window.DraftJS.convertToRaw(content));
const pointOf = (selection, side) => ({
  key: selection[`get${side}Key`](),
  offset: selection[`get${side}Offset`](),
});
const endOf = (block) => ({ key: block.getKey(), offset: block.getLength() });
