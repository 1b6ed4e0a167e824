import { text } from '../strings.js';
import { Asking } from './Asking.js';
import { Deciding } from './Deciding.js';
import { Leaving } from './Leaving.js';
import { Looking } from './Looking.js';
import { Notes } from './Notes.js';
import { Queue } from './Queue.js';
import { RunText } from './RunText.js';
import { Stage } from './Stage.js';
import { TextBox } from './TextBox.js';
import { MOST, Texts } from './Texts.js';

/** Stands for the key in the address of a run. */
const NO_RUN = '00000000-0000-0000-0000-000000000000';
/** As in the stylesheet. */
const SIDE_BY_SIDE = '(width >= 62rem)';

/**
 * The dialog in which a field's action is run: shows the text as it comes, and what to do with it.
 *
 * It knows the state and the text that is shown, and leaves to its parts how texts are asked for
 * (`Asking`), looked at (`Looking`) and used (`Deciding`), and what is asked before it closes
 * (`Leaving`).
 *
 * What shows in which state stands in the template: an element with `data-states` is hidden in
 * all other states. The states are `prepared` (nothing is sent yet), `running`, `succeeded`,
 * `unchecked` (the form could not be asked), `refused` (the form would not take the text), `unfit`
 * (the model's answer was no value for the field), `conflict` (the field changed meanwhile), `cut`
 * (the sources are too long: asks whether to shorten them), `failed`, `ended` (failed, and trying
 * again would not help), `stopped` (cancelled), `gone` (the field was deleted) and `leaving`
 * (asking whether to close).
 *
 * @fires llm-run-dialog:applied - when the text stands in the field; `detail.runId`.
 */
export class RunDialogController extends window.StimulusModule.Controller {
  static targets = [
    'status',
    'message',
    'details',
    'reasons',
    'notices',
    'mended',
    'mend',
    'feedback',
    'heading',
    'result',
    'current',
    'changes',
    'difference',
    'counter',
    'leaving',
    'request',
    'texts',
    'textList',
    'blind',
    'beside',
    'more',
    'append',
    'instead',
    'history',
  ];

  static values = {
    state: { type: String, default: 'idle' },
    runUrl: String,
  };

  connect() {
    this.dialog = this.element.closest('.w-dialog');
    this.makeParts();
    this.queue = new Queue([]);
    this.shown = new RunText();
    this.onOpen = ({ detail }) => this.open(detail);
    this.onHide = (event) => this.leaving.guard(event);
    this.dialog.addEventListener('llm-run-dialog:open', this.onOpen);
    // Before Wagtail's own listener: a prevented hide must not run it.
    this.dialog.addEventListener('hide', this.onHide, true);
    this.dispatch('ready');
  }

  makeParts() {
    this.box = new TextBox({
      result: this.resultTarget,
      mended: this.mendedTarget,
      current: this.currentTarget,
      changes: this.changesTarget,
      difference: this.differenceTarget,
      counter: this.counterTarget,
    });
    this.texts = new Texts({
      group: this.textsTarget,
      list: this.textListTarget,
      blind: this.blindTarget,
      beside: this.besideTarget,
    });
    this.notes = new Notes({
      reasons: this.reasonsTarget,
      notices: this.noticesTarget,
    });
    this.stage = new Stage(this.element, this.dialog);
    this.looking = new Looking(this);
    this.asking = new Asking(this, this.looking);
    this.deciding = new Deciding(this, this.looking);
    this.leaving = new Leaving(this, this.asking, this.deciding);
  }

  disconnect() {
    this.dialog.removeEventListener('llm-run-dialog:open', this.onOpen);
    this.dialog.removeEventListener('hide', this.onHide, true);
    this.abort();
  }

  // Opening and closing

  open({ control, retryOf, review, isPreparing, queue = [] }) {
    this.queue = new Queue(queue);
    this.show(control);
    if (isPreparing) this.prepare();
    else if (review) this.looking.review(review);
    else this.asking.start(retryOf);
  }

  /** Shows the dialog for a field, without anything in it. */
  show(control) {
    this.control = control;
    this.form = control.form;
    this.address = control.address;
    this.titleElement('title-text').textContent = control.labelValue;
    this.titleElement('subtitle').textContent = this.queue.subtitle(
      control.actionValue,
    );
    this.asking.begin();
    this.texts.clear();
    this.showCurrent(undefined);
    this.dialog.dispatchEvent(new CustomEvent('w-dialog:show'));
    this.request.begin(control);
    this.history.begin(control);
  }

  /** Goes on with the next field of a queue, unless the dialog was opened for something else. */
  advance(queue) {
    if (this.queue !== queue || this.stateValue !== 'idle') return;
    const next = queue.next();
    if (next) {
      this.show(next);
      this.asking.start();
    } else if (queue.isLong) this.announce(text('queue_done'));
  }

  /** Closes without asking; the focus goes back to the field's button. */
  close() {
    this.abort();
    this.request.forget();
    this.history.forget();
    this.go('idle');
    this.dialog.dispatchEvent(new CustomEvent('w-dialog:hide'));
    this.control.focus();
  }

  /** Ends what is on its way, and returns the signal of what begins now. */
  begin() {
    this.abort();
    this.abortController = new AbortController();
    return this.signal;
  }

  /** Of what is on its way: aborted as soon as its answer would be for nothing. */
  get signal() {
    return this.abortController?.signal;
  }

  abort() {
    this.abortController?.abort();
  }

  get request() {
    return this.controllerAt(this.requestTarget, 'llm-request');
  }

  get history() {
    return this.controllerAt(this.historyTarget, 'llm-past-runs');
  }

  controllerAt(element, name) {
    return this.application.getControllerForElementAndIdentifier(element, name);
  }

  /** Shows what would be sent, before anything is. */
  prepare() {
    this.begin();
    this.looking.clear(new RunText());
    this.go('prepared', text('prepared'));
    return this.request.unfold();
  }

  /**
   * Begins once it is known what would be sent: a quick hand is faster than the preview. On a narrow
   * screen the result would be far below the request.
   */
  async generate() {
    const { signal } = this;
    this.say(text('generating'));
    await this.request.previewed;
    if (this.stateValue !== 'prepared' || signal.aborted) return;
    if (!window.matchMedia(SIDE_BY_SIDE).matches) this.request.fold();
    await this.asking.start();
  }

  // What the buttons do

  stay() {
    this.leaving.stay();
  }

  leave() {
    this.leaving.leave();
  }

  dismiss() {
    this.leaving.dismiss();
  }

  allowMove(event) {
    this.leaving.allowMove(event);
  }

  cut() {
    return this.asking.cut();
  }

  cancel() {
    this.asking.stop();
    this.counterTarget.textContent = '';
    this.go('stopped', text('cancelled'));
  }

  again() {
    return this.asking.again();
  }

  alternatives() {
    return this.asking.alternatives();
  }

  revise() {
    return this.asking.revise();
  }

  check() {
    return this.looking.check();
  }

  choose({ target }) {
    return this.looking.choose(Number(target.value));
  }

  use() {
    return this.deciding.use();
  }

  useOtherwise() {
    return this.deciding.useOtherwise();
  }

  replace() {
    return this.deciding.replace();
  }

  discard() {
    return this.deciding.discard();
  }

  showPast({ detail: { run } }) {
    this.history.fold();
    return this.looking.showPast(run);
  }

  restorePast({ detail: { run } }) {
    this.history.fold();
    return this.looking.restorePast(run);
  }

  /** Runs what failed once more. */
  retryPast({ detail: { run } }) {
    this.history.fold();
    return this.asking.start(run.id);
  }

  /** Fields have got or lost their action: what they show is asked for anew. */
  renew({ detail: { isThis, ...detail } }) {
    const { field } = this.control;
    if (isThis) this.close();
    else this.request.say(detail.message);
    document.dispatchEvent(
      new CustomEvent('llm-editor:renew', {
        detail: { ...detail, focus: isThis ? field : null },
      }),
    );
  }

  /** Opens the request where another template or model can be chosen, to be compared with. */
  async compareAnother() {
    const { signal } = this;
    await this.request.unfold();
    if (signal.aborted) return;
    this.request.focusModel();
    this.say(text('compare_hint'));
  }

  /** Hides which text is of which model, or shows it again. */
  hideNames() {
    this.texts.arrange();
    this.compare();
  }

  /** For each change of the text in the box. */
  edit() {
    this.box.edited();
  }

  showChanges() {
    this.box.showChanges();
  }

  copy() {
    if (this.box.copy()) this.say(text('copied'));
  }

  // Showing

  say(status) {
    this.statusTarget.textContent = status;
  }

  /** Enters a state, also while the question whether to leave is being asked. */
  settle(state, status) {
    this.say(status);
    if (this.stateValue === 'leaving') this.leaving.before = state;
    else this.go(state);
  }

  /** Enters a state; the focus moves to what the state is about where it would be lost. */
  go(state, status) {
    this.stateValue = state;
    if (status !== undefined) this.say(status);
    this.stage.show(state);
    this.showDetails();
    this.hideUnsuited();
    const { isOld } = this.shown;
    this.headingTarget.textContent = text(isOld ? 'old_text' : 'new_text');
    this.textsTarget.disabled = state === 'running';
    if (state !== 'idle') this.stage.keepFocus(state);
  }

  /** Some things of a state are for some texts only. */
  hideUnsuited() {
    const { isOld, otherMode } = this.shown;
    if (!this.box.isOffered) this.mendTarget.hidden = true;
    if (this.texts.count >= MOST || isOld) this.moreTarget.hidden = true;
    if (otherMode !== 'append') this.appendTarget.hidden = true;
    if (otherMode !== 'replace') this.insteadTarget.hidden = true;
    // What was made for the whole field fits no selection; what is selected may be gone by now.
    if ('runOptions' in this.control) this.historyTarget.hidden = true;
  }

  /** Leads to all that was sent and came back, where there is a run. */
  showDetails() {
    const { id } = this.shown;
    this.detailsTarget.hidden = !id;
    this.detailsTarget.href = this.runUrlValue.replace(NO_RUN, id);
  }

  showCurrent(current) {
    this.currentText = current;
    this.compare();
  }

  /** Puts another text beside the chosen one. */
  compare() {
    this.box.compare(this.texts.compared ?? this.currentText);
  }

  announce(message) {
    document.dispatchEvent(
      new CustomEvent('llm-editor:announce', { detail: { message } }),
    );
  }

  titleElement(name) {
    return document.getElementById(`${name}-${this.dialog.id}`);
  }
}
