import { isGone, locate, panelAround } from './addresses.js';
import { ApiError, cancelRun, fetchRun, nullIfUnanswered } from './api.js';
import { Role } from './blocks.js';
import { generateButton, smallButton } from './decorate.js';
import { isComparable, isEdited } from './edited.js';
import { text } from './strings.js';

/** What tells of a change: typing and undoing, or a widget's own code; rich text tells nothing. */
const CHANGES = ['input', 'change', 'keyup', 'focusout'];
const ACTIVE = new Set(['queued', 'running']);
const FAILED = new Set(['failed', 'interrupted']);
const POLL = 2000;

/**
 * The control at one field: starts the field's action, and says what its last run came to.
 *
 * @example
 * <div data-controller="llm-field" data-llm-field-label-value="Title">
 *   <button type="button" data-action="llm-field#open" data-llm-field-target="button">…</button>
 *   <span data-llm-field-target="status"></span>
 * </div>
 */
export class FieldControlController extends window.StimulusModule.Controller {
  static targets = ['button', 'status'];

  static values = {
    label: String,
    action: String,
    role: { type: String, default: Role.FIELD },
    run: Object,
  };

  connect() {
    this.watched = this.field;
    this.compare = () => this.noticeChange();
    for (const name of CHANGES)
      this.watched.addEventListener(name, this.compare);
    if (this.runValue.id) this.show(this.runValue);
  }

  disconnect() {
    clearTimeout(this.timer);
    for (const name of CHANGES)
      this.watched.removeEventListener(name, this.compare);
  }

  /** The element of the field that this control belongs to; some outputs replace it. */
  get field() {
    return this.element.parentElement;
  }

  get isGone() {
    return !this.element.isConnected || isGone(this.field);
  }

  /** The form that the field is in. */
  get form() {
    return this.field.closest('form');
  }

  /** The field's address now: positions change when blocks are moved. */
  get address() {
    return locate(this.field).address;
  }

  open() {
    return this.openDialog({});
  }

  /** Shows what would be sent before anything is; a link keeps what it does in a new tab. */
  prepare(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return null;
    event.preventDefault();
    return this.openDialog({ isPreparing: true });
  }

  retry() {
    return this.openDialog({ retryOf: this.runValue.id });
  }

  review() {
    return this.openDialog({ review: this.runValue.id });
  }

  async cancel() {
    await cancelRun(this.runValue.id).catch(nullIfUnanswered);
    this.focus();
    await this.poll();
  }

  /** Puts an accepted output into the field, and offers to take it back. */
  async apply(presentation) {
    this.forgetUndo();
    // The dialog has them already.
    const { apply } = await import('./dialog/apply.js');
    const { Undo } = await import('./dialog/undo.js');
    const applied = await apply(this.field, presentation);
    if (!applied) return;
    this.applied = new Undo(applied);
    this.undoButton = smallButton('undo');
    this.undoButton.ariaLabel = text('undo_field', { label: this.labelValue });
    this.element.append(this.undoButton);
  }

  /** Takes the output back, unless a person has worked on since. */
  undo() {
    const { applied } = this;
    this.forgetUndo();
    this.focus();
    if (applied.isChanged) {
      this.announce(text('changed_since'));
      return;
    }
    this.undoneRun = this.runValue.id;
    applied.revert();
    this.focus();
    this.show(this.runValue);
    this.announce(text('undone_field', { label: this.labelValue }));
  }

  forgetUndo() {
    this.undoButton?.remove();
    this.undoButton = null;
    this.applied = null;
  }

  /** Focuses the button; of a deleted field, what folds the panel that the field was in. */
  focus() {
    if (this.isGone) panelAround(this.field)?.focus();
    else this.buttonTarget.focus();
  }

  /** A field that has got an action shows what all others with one show. */
  take(action) {
    this.actionValue = action.name;
    const button = generateButton(this.labelValue, action);
    this.buttonTarget.replaceWith(button);
  }

  setBusy(isBusy) {
    this.buttonTarget.setAttribute('aria-busy', isBusy);
  }

  runValueChanged(run) {
    if (this.watched && run.id) this.show(run);
  }

  async openDialog(options) {
    if (this.isOpening) return;
    this.isOpening = true;
    try {
      const { openRunDialog } = await import('./dialog/open.js');
      await openRunDialog(this, options);
    } catch (error) {
      if (!(error instanceof ApiError)) reportError(error);
      this.refuse(error instanceof ApiError ? error.message : text('server'));
    } finally {
      this.isOpening = false;
    }
  }

  refuse(message) {
    this.element.classList.add('llm-field--failed');
    this.statusTarget.textContent = message;
    this.announce(message);
  }

  announce(message) {
    document.dispatchEvent(
      new CustomEvent('llm-editor:announce', { detail: { message } }),
    );
  }

  show(run) {
    clearTimeout(this.timer);
    const isActive = ACTIVE.has(run.status);
    this.setBusy(isActive);
    this.element.classList.toggle('llm-field--failed', FAILED.has(run.status));
    this.statusTarget.replaceChildren(...this.describe(run));
    if (isActive) this.timer = setTimeout(() => this.poll(), POLL);
    this.showWhetherEdited();
  }

  describe(run) {
    if (ACTIVE.has(run.status)) return withButton(text('generating'), 'cancel');
    if (FAILED.has(run.status))
      return run.retryable ? withButton(run.label, 'retry') : [run.label];
    if (run.decision === 'pending') return withButton(run.label, 'review');
    if (run.id === this.undoneRun) return [text('undone')];
    return [run.label];
  }

  async poll() {
    const run = await fetchRun(this.runValue.id).catch(nullIfUnanswered);
    if (run) this.runValue = run;
  }

  noticeChange() {
    if (this.applied?.isChanged) this.forgetUndo();
    this.showWhetherEdited();
  }

  /** Says so when a person changed an accepted output. */
  showWhetherEdited() {
    const { decision, label, output } = this.runValue;
    const isText = this.roleValue === Role.FIELD && isComparable(this.field);
    const isUndone = this.runValue.id === this.undoneRun;
    if (decision !== 'accepted' || !output || !isText || isUndone) return;
    this.statusTarget.textContent = isEdited(this.field, this.runValue)
      ? text('edited_since')
      : label;
  }
}

const withButton = (sentence, name) => [sentence, ' ', smallButton(name)];
