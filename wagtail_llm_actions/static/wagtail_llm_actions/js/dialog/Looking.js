/** Which text a person looks at, and what the field says to it. */
import { ApiError, fetchRun, nullIfUnanswered, presentRun } from '../api.js';
import { plural, text } from '../strings.js';
import { RunText } from './RunText.js';

export class Looking {
  /** @param {RunDialogController} dialog */
  constructor(dialog) {
    this.dialog = dialog;
  }

  /** Nothing of it is shown yet. */
  clear(runText) {
    const { box, feedbackTarget, notes } = this.dialog;
    this.dialog.shown = runText;
    box.clear();
    feedbackTarget.value = '';
    notes.clear();
  }

  /** Shows a text that was looked at before. */
  show(runText) {
    const { box } = this.dialog;
    runText.renew();
    this.clear(runText);
    box.limit = runText.limit;
    box.show(runText.output);
    return runText.isUnfit ? this.showUnfit() : this.check();
  }

  /** Keeps the text that has come, so that a person can come back to it, and checks it. */
  add(known) {
    const { box, shown, texts } = this.dialog;
    Object.assign(shown, known);
    box.show(shown.output);
    texts.add(shown);
    return this.check();
  }

  /** The text is offered once the form is known to take it. */
  async check() {
    const { dialog } = this;
    const { shown, signal } = dialog;
    if (shown.isChecking) return;
    shown.isChecking = true;
    dialog.say(text('checking'));
    try {
      const presentation = await this.present(signal);
      if (signal.aborted) return;
      if (shown.isOld) this.takeOld(presentation.output);
      this.showChecked(presentation);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      dialog.settle('unchecked', kept(error));
    } finally {
      if (!signal.aborted) shown.isChecking = false;
    }
  }

  /** Returns how the text, or what a person made of it, would stand in the form now. */
  present(signal) {
    const { address, control, form, shown } = this.dialog;
    return presentRun(shown.id, form, address, {
      mended: shown.mended,
      mode: shown.mode,
      restore: shown.isOld,
      contents: control.presentContents,
      signal,
    });
  }

  /** What stood there before comes with the first answer. */
  takeOld(output) {
    this.dialog.shown.output = output;
    this.dialog.box.show(output);
  }

  showChecked(presentation) {
    const { dialog } = this;
    const { box, notes, shown } = dialog;
    if (dialog.currentText === undefined)
      dialog.showCurrent(presentation.current);
    notes.add(presentation.notices ?? []);
    shown.otherMode = presentation.other_mode;
    if (presentation.errors.length) {
      this.refuse(presentation);
      return;
    }
    box.offer(presentation.kind);
    this.putOwn();
    dialog.settle(
      'succeeded',
      shown.isOld
        ? text('restoring', { when: shown.when })
        : plural('done', { count: box.length }),
    );
  }

  /** What a person wrote into the box stays there, also when it is refused again. */
  refuse({ errors, kind }) {
    const { box, notes, shown } = this.dialog;
    notes.refuse(errors);
    if (!box.isOffered) {
      box.offer(kind);
      this.putOwn();
    }
    this.dialog.settle(shown.isUnfit ? 'unfit' : 'refused', text('refused'));
  }

  // What failed

  fail(error) {
    const { dialog } = this;
    const { box, shown } = dialog;
    shown.id = error.runId ?? shown.id;
    if (!(error instanceof ApiError)) reportError(error);
    const isFinal = error instanceof ApiError && !error.retryable;
    dialog.counterTarget.textContent = '';
    dialog.messageTarget.textContent =
      error instanceof ApiError ? error.message : text('server');
    if (error.code === 'sources_cut') this.askToCut(error.reasons);
    else if (error.code === 'invalid_output') this.takeUnfit(error);
    else
      dialog.settle(
        isFinal ? 'ended' : 'failed',
        text(box.isBegun ? 'incomplete' : 'failed'),
      );
    this.update();
  }

  /** The sources are too long for the model: says what would be left out, before anything is sent. */
  askToCut(reasons) {
    this.dialog.notes.refuse(reasons);
    this.dialog.settle('cut', text('sources_cut'));
  }

  /** An answer that does not fit is there to be mended; without one there is nothing to come back to. */
  takeUnfit(problem) {
    const { box, shown, texts } = this.dialog;
    shown.problem = problem;
    if (problem.answer) {
      shown.output = problem.answer;
      box.show(problem.answer);
      texts.add(shown);
    }
    this.showUnfit();
  }

  showUnfit() {
    const { box, messageTarget, notes, shown } = this.dialog;
    const { message, reasons } = shown.problem;
    messageTarget.textContent = message;
    notes.refuse(reasons);
    box.offer(shown.kind);
    this.putOwn();
    this.dialog.settle('unfit', text('unfit'));
  }

  /** The field's control tells of a run that failed. */
  async update() {
    const { control, shown } = this.dialog;
    const run = shown.id && (await fetchRun(shown.id).catch(nullIfUnanswered));
    if (run) control.runValue = run;
  }

  // Turning to another one

  /** Shows another of the texts, with what the person has made of it. */
  choose(index) {
    this.keepOwn();
    const runText = this.dialog.texts.choose(index);
    this.dialog.begin();
    this.dialog.compare();
    return this.show(runText);
  }

  /** Keeps what a person has made of the text that is shown, and what they want otherwise. */
  keepOwn() {
    const { box, feedbackTarget, texts } = this.dialog;
    if (box.isOffered) texts.keep(box.own, feedbackTarget.value);
  }

  /** Puts it back, once the text can be changed. */
  putOwn() {
    const { box, feedbackTarget, shown } = this.dialog;
    const { own, wish } = shown;
    if (own !== undefined && box.isOffered) box.put(own);
    if (wish && !feedbackTarget.value) feedbackTarget.value = wish;
  }

  /** Shows the output of an earlier run that nobody has decided on. */
  async review(id) {
    const { dialog } = this;
    const signal = dialog.begin();
    this.clear(new RunText({ id }));
    dialog.go('running', text('checking'));
    try {
      const [run, presentation] = await Promise.all([
        fetchRun(id),
        this.present(signal),
      ]);
      if (signal.aborted) return;
      dialog.showCurrent(presentation.current);
      dialog.shown.output = run.output;
      dialog.box.show(run.output);
      dialog.texts.add(dialog.shown);
      this.showChecked(presentation);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  /** Shows the text of an earlier run among the others, to be used again. */
  showPast({ id, output, model, decision }) {
    const past = { id, model, output, isOfHistory: true };
    const isOpen = decision === 'pending';
    return this.showKnown(new RunText(isOpen ? past : { ...past, decision }));
  }

  /** Shows what stood in the field before an earlier run, to be put there again. */
  restorePast({ id, when }) {
    const name = text('text_before', { when });
    const known = { id, when, name, decision: 'old', isOld: true };
    return this.showKnown(new RunText(known));
  }

  /** Shows a text that is not of a run of now; one that is there already is not added again. */
  async showKnown(runText) {
    const { dialog } = this;
    const index = dialog.texts.all.findIndex((one) => one.isSame(runText));
    if (index >= 0) {
      await this.choose(index);
      dialog.textListTarget.querySelector(':checked')?.focus();
      return;
    }
    this.keepOwn();
    const signal = dialog.begin();
    this.clear(runText);
    await this.add({});
    if (signal.aborted) return;
    const { box, mendedTarget, resultTarget } = dialog;
    (box.isOffered ? mendedTarget : resultTarget).focus();
  }
}

/** What a person has before them stays, whatever was refused. */
export const kept = (error) => text('kept', { reason: error.message });
