import { inputOf, isGone, locate } from './addresses.js';
import { ApiError } from './api.js';
import {
  contentWithout,
  isRangeGone,
  putInPlace,
  selectedContent,
  selectedRange,
} from './selection.js';
import { text } from './strings.js';

/** Milliseconds until the editor knows of a selection that the browser tells of. */
const SOON = 50;
/** The editor hears of a selection made by mouse only when the mouse is let go. */
const SELECTING = ['selectionchange', 'mouseup', 'keyup', 'dragend'];
const USED = new Set(['accepted', 'edited']);

/**
 * The menu at a rich text field that runs a template on what is selected in it.
 *
 * @example
 * <span data-controller="llm-selection" data-llm-selection-label-value="Body">
 *   <button type="button" data-action="llm-selection#toggle" data-llm-selection-target="button" disabled>…</button>
 *   <span role="group" data-llm-selection-target="menu" hidden>
 *     <button type="button" data-action="llm-selection#run" data-llm-selection-slug-param="proofread">…</button>
 *   </span>
 *   <span data-llm-selection-target="status"></span>
 * </span>
 */
export class SelectionController extends window.StimulusModule.Controller {
  static targets = ['button', 'menu', 'status'];

  static values = { label: String };

  connect() {
    this.notice = () => {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.noticeSelection(), SOON);
    };
    for (const type of SELECTING) document.addEventListener(type, this.notice);
  }

  disconnect() {
    clearTimeout(this.timer);
    for (const type of SELECTING)
      document.removeEventListener(type, this.notice);
  }

  get wrapper() {
    return this.element.closest('.llm-field');
  }

  get field() {
    return this.wrapper.parentElement;
  }

  get editor() {
    return inputOf(this.field)?.draftailEditor;
  }

  /** The editor keeps its selection when the focus leaves it, and so does the menu. */
  noticeSelection() {
    const isIn = document.activeElement?.closest(
      '[data-draftail-editor-wrapper]',
    );
    if (!isIn || !this.field.contains(isIn)) return;
    this.buttonTarget.disabled = selectedRange(this.editor) === null;
    if (this.buttonTarget.disabled) this.fold();
  }

  toggle() {
    if (this.menuTarget.hidden) this.unfold();
    else this.fold();
  }

  unfold() {
    this.menuTarget.hidden = false;
    this.buttonTarget.ariaExpanded = 'true';
  }

  fold() {
    this.menuTarget.hidden = true;
    this.buttonTarget.ariaExpanded = 'false';
  }

  /** For Escape within the menu. */
  leave() {
    this.fold();
    this.buttonTarget.focus();
  }

  async run({ target, params }) {
    const range = selectedRange(this.editor);
    this.fold();
    this.buttonTarget.focus();
    if (!range || this.isOpening) return;
    this.isOpening = true;
    this.statusTarget.textContent = '';
    const name = target.textContent;
    try {
      const { openRunDialog } = await import('./dialog/open.js');
      await openRunDialog(new SelectedText(this, range, params.slug, name), {});
    } catch (error) {
      if (!(error instanceof ApiError)) reportError(error);
      this.refuse(error instanceof ApiError ? error.message : text('server'));
    } finally {
      this.isOpening = false;
    }
  }

  refuse(message) {
    this.statusTarget.textContent = message;
    document.dispatchEvent(
      new CustomEvent('llm-editor:announce', { detail: { message } }),
    );
  }
}

/** What the dialog of a run works on: one selection, as it was when the run was asked for. */
class SelectedText {
  constructor(menu, range, template, name) {
    this.menu = menu;
    this.range = range;
    this.template = template;
    this.labelValue = menu.labelValue;
    this.actionValue = name;
    /** Whether the output replaces the selection or comes behind it: the server says. */
    this.mode = 'replace';
  }

  get form() {
    return this.menu.field.closest('form');
  }

  get address() {
    return locate(this.menu.field).address;
  }

  get isGone() {
    const { element, field, editor } = this.menu;
    return (
      !element.isConnected || isGone(field) || isRangeGone(editor, this.range)
    );
  }

  get runOptions() {
    const contents = { 'llm-selection': this.content };
    return { template: this.template, contents };
  }

  /** The output is checked with the rest of the field, which it comes to stand in. */
  get presentContents() {
    const { field, editor } = this.menu;
    const contents = { 'llm-selection': this.content };
    if (this.mode === 'replace')
      contents[inputOf(field).name] = contentWithout(editor, this.range);
    return contents;
  }

  get content() {
    return selectedContent(this.menu.editor, this.range);
  }

  apply({ state }) {
    putInPlace(this.menu.editor, this.range, state, this.mode);
    this.isApplied = true;
  }

  /** Once the output stands in the editor, the editor's own undo is at hand. */
  focus() {
    if (this.isApplied) this.menu.editor.focus();
    else this.menu.buttonTarget.focus();
  }

  setBusy(isBusy) {
    this.menu.buttonTarget.setAttribute('aria-busy', isBusy);
  }

  refuse(message) {
    this.menu.refuse(message);
  }

  /** The field tells of a selection's run only when its output was used. */
  set runValue(run) {
    const { wrapper } = this.menu;
    if (!USED.has(run.decision) || !wrapper.querySelector('.llm-field__button'))
      return;
    wrapper.dataset.llmFieldRunValue = JSON.stringify(run);
    wrapper.dataset.controller = 'llm-field';
  }
}
