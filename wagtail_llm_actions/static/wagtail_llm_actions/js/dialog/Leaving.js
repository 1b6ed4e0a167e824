/** Asks before something is lost when the dialog is closed. */
import { text } from '../strings.js';

const UNDECIDED = new Set([
  'running',
  'succeeded',
  'unchecked',
  'refused',
  'conflict',
  'gone',
]);

export class Leaving {
  /**
   * @param {RunDialogController} dialog
   * @param {Asking} asking - is stopped.
   * @param {Deciding} deciding - records that nothing was used.
   */
  constructor(dialog, asking, deciding) {
    Object.assign(this, { dialog, asking, deciding });
    /** The state to go back to. */
    this.before = '';
  }

  /** Keeps the dialog open while something would be lost, and asks. */
  guard(event) {
    const isAsking = this.dialog.stateValue === 'leaving';
    if (this.dialog.stateValue === 'idle' || !(isAsking || this.isAtStake))
      return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) this.stay();
    else this.ask();
  }

  /** Whether there is a text, here or before, that nobody has decided on, or what was changed. */
  get isAtStake() {
    return this.isUndecided || this.dialog.request.isChanged;
  }

  get isUndecided() {
    const { box, feedbackTarget, shown, stateValue, texts } = this.dialog;
    const isTyped = box.isMended || feedbackTarget.value !== '';
    return (
      this.isOpenIn(stateValue) ||
      ((shown.isPast || stateValue === 'unfit') && isTyped) ||
      texts.others.length > 0 ||
      texts.isChanged
    );
  }

  isOpenIn(state) {
    return UNDECIDED.has(state) && !this.dialog.shown.isPast;
  }

  ask() {
    const question = this.isUndecided ? 'leave_undecided' : 'leave_request';
    this.before = this.dialog.stateValue;
    this.dialog.leavingTarget.textContent = text(
      this.before === 'running' ? 'leave_running' : question,
    );
    this.dialog.go('leaving');
  }

  stay() {
    this.dialog.go(this.before);
  }

  leave() {
    const { dialog } = this;
    const isRunning = this.before === 'running';
    dialog.queue.clear();
    if (isRunning) this.asking.stop();
    if (!isRunning && this.isOpenIn(this.before))
      this.deciding.record('rejected');
    else this.deciding.rejectOthers();
    dialog.close();
    dialog.announce(text(isRunning ? 'cancelled' : 'discarded'));
  }

  /** Closes if nothing would be lost; else asks first. */
  dismiss() {
    const { queue } = this.dialog;
    if (this.isAtStake) {
      this.ask();
      return;
    }
    this.dialog.close();
    this.dialog.advance(queue);
  }

  /** The dialog closes when the action of its field is moved or deleted: no text may be lost by that. */
  allowMove(event) {
    if (this.dialog.stateValue !== 'running' && !this.isUndecided) return;
    event.preventDefault();
    this.dialog.request.refuse({ detail: { message: text('decide_first') } });
  }
}
