/** What becomes of the text that is shown: used, or not. */
import { ApiError } from '../api.js';
import { text } from '../strings.js';
import { record, reject } from './decisions.js';
import { kept } from './Looking.js';

export class Deciding {
  /**
   * @param {RunDialogController} dialog
   * @param {Looking} looking - asks how a text would stand in the form.
   */
  constructor(dialog, looking) {
    Object.assign(this, { dialog, looking });
  }

  /** Uses the output, or what a person made of it, if it fits now. */
  use() {
    const { shown, stateValue } = this.dialog;
    // A text that was refused is mended to be used as it was meant to be.
    if (stateValue === 'succeeded') shown.mode = undefined;
    return this.offer((presentation) => this.take(presentation));
  }

  /** Uses it in the other way than the action says: behind what is there, or instead of it. */
  useOtherwise() {
    const { shown } = this.dialog;
    shown.mode = shown.otherMode;
    return this.offer((presentation) => this.take(presentation));
  }

  /** The person has seen that the field changed, and wants the new text all the same. */
  replace() {
    return this.offer((presentation) => {
      if (presentation.errors.length) this.looking.refuse(presentation);
      else this.accept(presentation);
    });
  }

  take(presentation) {
    if (presentation.errors.length) this.looking.refuse(presentation);
    else if (presentation.changed_meanwhile)
      this.showConflict(presentation.current);
    else this.accept(presentation);
  }

  showConflict(current) {
    this.dialog.texts.forgetCompared();
    this.dialog.showCurrent(current);
    this.dialog.go('conflict', text('conflict'));
  }

  /** An answer that comes after the person has turned to something else is for nothing. */
  async offer(proceed) {
    const { dialog } = this;
    const { control, shown, signal, stateValue } = dialog;
    if (shown.isDeciding || shown.isChecking) return;
    if (control.isGone) {
      dialog.go('gone', text('gone'));
      return;
    }
    shown.isDeciding = true;
    shown.mended = this.written;
    try {
      const presentation = await this.looking.present(signal);
      const isSame = !signal.aborted && dialog.stateValue === stateValue;
      if (isSame && shown.mended === this.written) proceed(presentation);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      dialog.say(kept(error));
    } finally {
      shown.isDeciding = false;
    }
  }

  /** What a person wrote instead of the output; all of it where the output is no value. */
  get written() {
    const { box, shown } = this.dialog;
    return shown.isUnfit ? box.value : box.own;
  }

  /**
   * The dialog closes first: it would take the focus back from the field. From then on it may be
   * opened for another field, so that all that is needed is taken along.
   */
  async accept(presentation) {
    const { dialog } = this;
    const { control, queue, shown } = dialog;
    const decision = shown.mended === undefined ? 'accepted' : 'edited';
    const taken = this.decision(decision);
    dialog.close();
    try {
      await control.apply(presentation);
    } catch (error) {
      reportError(error);
      control.refuse(text('not_applied'));
      queue.clear();
      return;
    }
    control.focus();
    const done = shown.isOld ? 'restored' : 'applied';
    dialog.announce(text(done, { label: control.labelValue }));
    dialog.dispatch('applied', { detail: { runId: shown.id } });
    await taken();
    dialog.advance(queue);
  }

  async discard() {
    const { dialog } = this;
    const { queue, shown, signal } = dialog;
    if (shown.isDeciding) return;
    shown.isDeciding = true;
    try {
      await this.record('rejected');
    } finally {
      shown.isDeciding = false;
    }
    if (signal.aborted) return;
    dialog.close();
    dialog.announce(text('discarded'));
    dialog.advance(queue);
  }

  record(decision) {
    return this.decision(decision)();
  }

  /** Records that the others were not used. */
  rejectOthers() {
    return reject(this.dialog.texts.others);
  }

  /** Returns a function that records what became of the text that is shown now. */
  decision(decision) {
    const { control, shown, texts } = this.dialog;
    const { others } = texts;
    const { mode } = shown;
    const mended = decision === 'edited' ? shown.mended : '';
    return async () => {
      try {
        const run = await record(shown, decision, { mended, mode }, others);
        if (run) control.runValue = run;
      } catch (error) {
        control.refuse(unrecorded(error));
      }
    };
  }
}

/** Says why a decision is not on record; the field itself is not concerned. */
function unrecorded(error) {
  if (!(error instanceof ApiError)) throw error;
  const isLate = error.code === 'invalid_transition';
  return text(isLate ? 'decided_before' : 'not_recorded');
}
