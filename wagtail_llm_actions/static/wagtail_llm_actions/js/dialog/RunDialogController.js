import {
  ApiError,
  cancelRun,
  fetchRun,
  nullIfUnanswered,
  presentRun,
  streamRun,
} from '../api.js';
import { plural, text } from '../strings.js';
import { Notes } from './Notes.js';
import { Stage } from './Stage.js';
import { TextBox } from './TextBox.js';
import { MOST, Texts } from './Texts.js';
import { record, reject } from './decisions.js';

const UNDECIDED = new Set([
  'running',
  'succeeded',
  'unchecked',
  'refused',
  'conflict',
  'gone',
]);
/** Has a text that a person may look at while the next one is asked for. */
const OFFERED = new Set(['succeeded', 'unchecked', 'refused', 'unfit']);
/** How many texts more are asked for at once. */
const ALTERNATIVES = 2;
/** Stands for the key in the address of a run. */
const NO_RUN = '00000000-0000-0000-0000-000000000000';
/** As in the stylesheet. */
const SIDE_BY_SIDE = '(width >= 62rem)';

/**
 * One run of a field's action: asks for it, shows the text as it comes, and what to do with it.
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
    this.onOpen = ({ detail }) => this.open(detail);
    this.onHide = (event) => this.guard(event);
    this.dialog.addEventListener('llm-run-dialog:open', this.onOpen);
    // Before Wagtail's own listener: a prevented hide must not run it.
    this.dialog.addEventListener('hide', this.onHide, true);
    this.dispatch('ready');
  }

  disconnect() {
    this.dialog.removeEventListener('llm-run-dialog:open', this.onOpen);
    this.dialog.removeEventListener('hide', this.onHide, true);
    this.abort();
  }

  // Opening and closing

  open({ control, retryOf, review, isPreparing, queue = [] }) {
    this.queue = queue;
    this.queued = queue.length;
    this.show(control);
    if (isPreparing) this.prepare();
    else if (review) this.review(review);
    else this.start(retryOf);
  }

  /** Shows the dialog for a field, without anything in it. */
  show(control) {
    this.control = control;
    this.form = control.form;
    this.address = control.address;
    this.titleElement('title-text').textContent = control.labelValue;
    this.titleElement('subtitle').textContent = this.queued
      ? text('queue', {
          number: this.queued + 1 - this.queue.length,
          count: this.queued + 1,
          name: control.actionValue,
        })
      : control.actionValue;
    this.mayCut = false;
    this.wish = [];
    this.texts.clear();
    this.showCurrent(undefined);
    this.dialog.dispatchEvent(new CustomEvent('w-dialog:show'));
    this.request.begin(control);
    this.history.begin(control);
  }

  /** Goes on with the next field, where several are to be filled. */
  advance() {
    const next = this.queue.shift();
    if (next) {
      this.show(next);
      this.start();
    } else if (this.queued) this.announce(text('queue_done'));
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
    this.abort();
    this.reset();
    this.go('prepared', text('prepared'));
    return this.request.unfold();
  }

  /**
   * Begins once it is known what would be sent: a quick hand is faster than the preview. On a narrow
   * screen the result would be far below the request.
   */
  async generate() {
    const { control } = this;
    this.statusTarget.textContent = text('generating');
    await this.request.previewed;
    if (this.stateValue !== 'prepared' || this.control !== control) return;
    if (!window.matchMedia(SIDE_BY_SIDE).matches) this.request.fold();
    await this.start();
  }

  /** Keeps the dialog open while something would be lost, and asks. */
  guard(event) {
    const isAsking = this.stateValue === 'leaving';
    const isAtStake = this.isUndecided || this.request.isChanged;
    if (this.stateValue === 'idle' || (!isAtStake && !isAsking)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) this.stay();
    else this.ask();
  }

  /** Whether there is a text, here or before, that nobody has decided on. */
  get isUndecided() {
    const isTyped = this.box.isMended || this.feedbackTarget.value !== '';
    const isOpen = UNDECIDED.has(this.stateValue) && !this.isPast;
    return (
      isOpen ||
      (this.isPast && isTyped) ||
      this.texts.others.length > 0 ||
      this.texts.isChanged ||
      (this.stateValue === 'unfit' && isTyped)
    );
  }

  /** What was made for the whole field fits no selection; what is selected may be gone by now. */
  get isOfSelection() {
    return 'runOptions' in this.control;
  }

  /** Whether the text that is shown is of before the dialog was opened. */
  get isPast() {
    const { decision, isOfHistory } = this.texts.chosen ?? {};
    return Boolean(decision || isOfHistory);
  }

  ask() {
    const question = this.isUndecided ? 'leave_undecided' : 'leave_request';
    this.stateBefore = this.stateValue;
    this.leavingTarget.textContent = text(
      this.stateBefore === 'running' ? 'leave_running' : question,
    );
    this.go('leaving');
  }

  stay() {
    this.go(this.stateBefore);
  }

  leave() {
    this.queue = [];
    const isOpen = UNDECIDED.has(this.stateBefore) && !this.isPast;
    if (this.stateBefore === 'running') this.stop();
    if (isOpen && this.stateBefore !== 'running') this.record('rejected');
    else reject(this.texts.others);
    this.close();
    this.announce(
      text(this.stateBefore === 'running' ? 'cancelled' : 'discarded'),
    );
  }

  /** The dialog closes when the action of its field is moved or deleted: no text may be lost by that. */
  allowMove(event) {
    if (this.stateValue !== 'running' && !this.isUndecided) return;
    event.preventDefault();
    this.request.refuse({ detail: { message: text('decide_first') } });
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

  /** Closes if nothing would be lost; else asks first. */
  dismiss() {
    if (this.isUndecided || this.request.isChanged) this.ask();
    else {
      this.close();
      this.advance();
    }
  }

  /** Closes without asking; the focus goes back to the field's button. */
  close() {
    this.go('idle');
    this.dialog.dispatchEvent(new CustomEvent('w-dialog:hide'));
    this.control.focus();
  }

  // Running

  /** `revision` is what is posted beside the form where an earlier output is to be revised. */
  async start(retryOf, revision = {}) {
    this.abort();
    this.wish = [retryOf, revision];
    const abort = new AbortController();
    this.abortController = abort;
    this.keepOwn();
    this.texts.leave();
    this.reset();
    this.go('running', text('generating'));
    this.control.setBusy(true);
    try {
      const { contents, ...options } = this.control.runOptions ?? {};
      const events = streamRun(this.form, this.address, {
        retryOf,
        acceptCut: this.mayCut,
        ...options,
        contents: { ...contents, ...this.request.contents, ...revision },
        signal: abort.signal,
      });
      for await (const event of events)
        if (!abort.signal.aborted) await this.receive(event);
    } catch (error) {
      if (!abort.signal.aborted) this.fail(error);
    } finally {
      if (this.abortController === abort) this.control.setBusy(false);
    }
  }

  reset() {
    this.runId = null;
    this.kind = '';
    this.mendedText = undefined;
    this.mode = undefined;
    this.otherMode = '';
    this.isUnfit = false;
    this.isOld = false;
    this.isChecking = false;
    this.box.clear();
    this.feedbackTarget.value = '';
    this.notes.clear();
  }

  receive(event) {
    const handlers = {
      started: () => this.begin(event),
      delta: () => this.box.append(event.text),
      restarted: () => this.restart(event.message),
      succeeded: () => this.succeed(event.text),
      failed: () => this.fail(new ApiError(event.message, event)),
    };
    return handlers[event.type]?.();
  }

  begin(event) {
    this.runId = event.run_id;
    this.box.limit = event.max_length;
    this.kind = event.kind;
    this.model = event.model;
    this.template = event.template;
    this.control.mode = event.mode;
    this.notes.begin(event.notices ?? []);
    this.showCurrent(event.current);
  }

  restart(message) {
    this.box.show('');
    this.statusTarget.textContent = message;
  }

  succeed(output) {
    this.box.show(output);
    this.addText(output, () => this.check());
    return this.check();
  }

  /** Keeps a text, so that a person can come back to it when they have asked for another. */
  addText(output, show, more = {}) {
    const { runId: id, kind, model, template } = this;
    const { limit } = this.box;
    this.texts.add({ id, output, kind, model, template, limit, show, ...more });
  }

  /** The output is offered once the form is known to take it. */
  async check() {
    const { signal } = this.abortController;
    this.isChecking = true;
    this.statusTarget.textContent = text('checking');
    try {
      const presentation = await this.present();
      if (signal.aborted) return;
      if (this.isOld) this.takeOld(presentation.output);
      this.showChecked(presentation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!signal.aborted) this.settle('unchecked', kept(error));
    } finally {
      if (!signal.aborted) this.isChecking = false;
    }
  }

  /** What stood there before comes with the first answer. */
  takeOld(output) {
    this.texts.chosen.output = output;
    this.box.show(output);
  }

  showChecked(presentation) {
    if (this.currentText === undefined) this.showCurrent(presentation.current);
    this.notes.add(presentation.notices ?? []);
    this.otherMode = presentation.other_mode;
    if (presentation.errors.length) {
      this.refuse(presentation);
      return;
    }
    this.box.offer(presentation.kind);
    this.putOwn();
    this.settle(
      'succeeded',
      this.isOld
        ? text('restoring', { when: this.texts.chosen.when })
        : plural('done', { count: this.box.length }),
    );
  }

  fail(error) {
    this.runId = error.runId ?? this.runId;
    if (!(error instanceof ApiError)) reportError(error);
    const isFinal = error instanceof ApiError && !error.retryable;
    this.counterTarget.textContent = '';
    this.messageTarget.textContent =
      error instanceof ApiError ? error.message : text('server');
    if (error.code === 'sources_cut') this.askToCut(error.reasons);
    else if (error.code === 'invalid_output') this.showUnfit(error);
    else
      this.settle(
        isFinal ? 'ended' : 'failed',
        text(this.box.isBegun ? 'incomplete' : 'failed'),
      );
    this.update();
  }

  /** Leads to all that was sent and came back, where there is a run. */
  showDetails() {
    this.detailsTarget.hidden = !this.runId;
    this.detailsTarget.href = this.runUrlValue.replace(NO_RUN, this.runId);
  }

  /** The sources are too long for the model: says what would be left out, before anything is sent. */
  askToCut(reasons) {
    this.notes.refuse(reasons);
    this.settle('cut', text('sources_cut'));
  }

  cut() {
    this.mayCut = true;
    return this.start(...this.wish);
  }

  showUnfit(error) {
    const { reasons, answer, message } = error;
    this.messageTarget.textContent = message;
    this.notes.refuse(reasons);
    if (answer) this.box.show(answer);
    if (answer && !this.texts.chosen)
      this.addText(answer, () => this.showUnfit(error), { isUnfit: true });
    this.isUnfit = true;
    this.box.offer(this.kind);
    this.putOwn();
    this.settle('unfit', text('unfit'));
  }

  /** Enters a state, also while the question whether to leave is being asked. */
  settle(state, status) {
    this.statusTarget.textContent = status;
    if (this.stateValue === 'leaving') this.stateBefore = state;
    else this.go(state);
  }

  cancel() {
    this.stop();
    this.counterTarget.textContent = '';
    this.go('stopped', text('cancelled'));
  }

  stop() {
    this.abort();
    this.control.setBusy(false);
    if (this.runId) cancelRun(this.runId).catch(nullIfUnanswered);
  }

  abort() {
    this.abortController?.abort();
  }

  /** Asks for another text; those that are there stay. A revision that failed is asked for as it was. */
  again() {
    const [, revision] = this.wish;
    const isOver = ['failed', 'stopped'].includes(this.stateValue);
    return isOver && revision?.['llm-feedback']
      ? this.start(...this.wish)
      : this.start(this.runId);
  }

  /** Asks for some texts more, one after the other, as long as they come. */
  async alternatives() {
    for (let asked = 0; asked < ALTERNATIVES; asked += 1) {
      await this.again();
      if (!OFFERED.has(this.stateValue) || this.texts.count >= MOST) return;
    }
  }

  /** Asks the model to change its text, or what the person has made of it, as they say. */
  async revise() {
    const feedback = this.feedbackTarget.value.trim();
    if (!feedback) {
      this.feedbackTarget.focus();
      return;
    }
    const revision = { 'llm-feedback': feedback };
    if (this.box.isMended || this.isOld)
      revision['llm-mended'] = this.box.value;
    this.feedbackTarget.value = '';
    await this.start(this.runId, revision);
  }

  /** Shows another of the texts, with what the person has made of it. */
  async choose({ target }) {
    this.keepOwn();
    const entry = this.texts.choose(Number(target.value));
    this.abort();
    this.abortController = new AbortController();
    const { id, kind, model, limit, output, show, isOld = false } = entry;
    this.reset();
    Object.assign(this, { runId: id, kind, model, isOld });
    this.box.limit = limit;
    this.box.show(output);
    await show();
  }

  /** Keeps what a person has made of the text that is shown, and what they want otherwise. */
  keepOwn() {
    if (!this.box.isOffered) return;
    this.texts.keep(this.box.own, this.feedbackTarget.value);
  }

  /** Puts it back, once the text can be changed. */
  putOwn() {
    const { own, wish } = this.texts.chosen ?? {};
    if (own !== undefined && this.box.isOffered) this.box.put(own);
    if (wish && !this.feedbackTarget.value) this.feedbackTarget.value = wish;
  }

  /** Hides which text is of which model, or shows it again. */
  hideNames() {
    this.texts.arrange();
    this.compare();
  }

  /** Opens the request where another template or model can be chosen, to be compared with. */
  async compareAnother() {
    await this.request.unfold();
    this.request.focusModel();
    this.statusTarget.textContent = text('compare_hint');
  }

  /** Puts another text beside the chosen one. */
  compare() {
    this.box.compare(this.texts.compared ?? this.currentText);
  }

  /** Shows the output of an earlier run that nobody has decided on. */
  async review(id) {
    this.abort();
    this.abortController = new AbortController();
    const { signal } = this.abortController;
    this.reset();
    this.go('running', text('checking'));
    this.runId = id;
    try {
      const [run, presentation] = await Promise.all([
        fetchRun(id),
        this.present(),
      ]);
      if (signal.aborted) return;
      this.showCurrent(presentation.current);
      this.box.show(run.output);
      this.addText(run.output, () => this.check());
      this.showChecked(presentation);
    } catch (error) {
      if (!signal.aborted) this.fail(error);
    }
  }

  /** Shows the text of an earlier run among the others, to be used again. */
  showPast({ detail: { run } }) {
    const { id, output, model, decision } = run;
    const isOpen = decision === 'pending';
    return this.showKnown(run, {
      id,
      model,
      output,
      isOfHistory: true,
      ...(isOpen ? {} : { decision }),
    });
  }

  /** Shows what stood in the field before an earlier run, to be put there again. */
  restorePast({ detail: { run } }) {
    const { id, when } = run;
    const name = text('text_before', { when });
    return this.showKnown(run, {
      id,
      when,
      name,
      output: '',
      decision: 'old',
      isOld: true,
    });
  }

  /** Runs what failed once more. */
  async retryPast({ detail: { run } }) {
    this.history.fold();
    await this.start(run.id);
  }

  /** Shows a text that is not of a run of now; one that is there already is not added again. */
  async showKnown({ id }, { output, ...more }) {
    this.history.fold();
    const known = this.texts.all.findIndex(
      (entry) =>
        entry.id === id && Boolean(entry.isOld) === Boolean(more.isOld),
    );
    if (known >= 0) {
      await this.choose({ target: { value: known } });
      this.textListTarget.querySelector(':checked')?.focus();
      return;
    }
    this.keepOwn();
    this.abort();
    this.abortController = new AbortController();
    this.reset();
    const { model, isOld = false } = more;
    Object.assign(this, { runId: id, model, template: undefined, isOld });
    this.box.show(output);
    this.addText(output, () => this.check(), more);
    await this.check();
    (this.box.isOffered ? this.mendedTarget : this.resultTarget).focus();
  }

  // Deciding

  /** Uses the output, or what a person made of it, if it fits now. */
  use() {
    // A text that was refused is mended to be used as it was meant to be.
    if (this.stateValue === 'succeeded') this.mode = undefined;
    return this.offer((presentation) => this.take(presentation));
  }

  /** Uses it in the other way than the action says: behind what is there, or instead of it. */
  useOtherwise() {
    this.mode = this.otherMode;
    return this.offer((presentation) => this.take(presentation));
  }

  take(presentation) {
    if (presentation.errors.length) this.refuse(presentation);
    else if (presentation.changed_meanwhile)
      this.showConflict(presentation.current);
    else this.accept(presentation);
  }

  /** Returns how the output, or what a person made of it, would stand in the form now. */
  present() {
    return presentRun(this.runId, this.form, this.address, {
      mended: this.mendedText,
      mode: this.mode,
      restore: this.isOld,
      contents: this.control.presentContents,
    });
  }

  /** The person has seen that the field changed, and wants the new text all the same. */
  replace() {
    return this.offer((presentation) => {
      if (presentation.errors.length) this.refuse(presentation);
      else this.accept(presentation);
    });
  }

  /** An answer that comes after the person has turned to something else is for nothing. */
  async offer(proceed) {
    if (this.isOffering || this.isChecking) return;
    this.isOffering = true;
    const { runId, control, stateValue } = this;
    const mended = this.isUnfit ? this.box.value : this.box.own;
    this.mendedText = mended;
    try {
      if (control.isGone) {
        this.go('gone', text('gone'));
        return;
      }
      const presentation = await this.present();
      const isSame =
        this.runId === runId &&
        this.control === control &&
        this.stateValue === stateValue;
      if (isSame && this.isAsOffered(mended)) proceed(presentation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.statusTarget.textContent = kept(error);
    } finally {
      this.isOffering = false;
    }
  }

  isAsOffered(mended) {
    return (this.isUnfit ? this.box.value : this.box.own) === mended;
  }

  /** What a person wrote into the box stays there, also when it is refused again. */
  refuse({ errors, kind }) {
    this.notes.refuse(errors);
    if (!this.box.isOffered) {
      this.box.offer(kind);
      this.putOwn();
    }
    this.settle(this.isUnfit ? 'unfit' : 'refused', text('refused'));
  }

  /** For each change of the text in the box. */
  edit() {
    this.box.edited();
  }

  showChanges() {
    this.box.showChanges();
  }

  showConflict(current) {
    this.texts.forgetCompared();
    this.showCurrent(current);
    this.go('conflict', text('conflict'));
  }

  /**
   * The dialog closes first: it would take the focus back from the field. From then on it may be
   * opened for another field, so that all that is needed is taken along.
   */
  async accept(presentation) {
    const decision = this.mendedText === undefined ? 'accepted' : 'edited';
    const { control, runId } = this;
    const taken = this.decision(decision);
    const done = this.isOld ? 'restored' : 'applied';
    this.close();
    try {
      await control.apply(presentation);
    } catch (error) {
      reportError(error);
      control.refuse(text('not_applied'));
      this.queue = [];
      return;
    }
    control.focus();
    this.announce(text(done, { label: control.labelValue }));
    this.dispatch('applied', { detail: { runId } });
    await taken();
    this.advance();
  }

  async discard() {
    if (this.isOffering) return;
    this.isOffering = true;
    try {
      await this.record('rejected');
      this.close();
    } finally {
      this.isOffering = false;
    }
    this.announce(text('discarded'));
    this.advance();
  }

  record(decision) {
    return this.decision(decision)();
  }

  /** Returns a function that records what became of the text that is shown now. */
  decision(decision) {
    const { control, texts, mode, isUnfit, isOld } = this;
    const { others } = texts;
    const shown = {
      id: this.runId,
      decision: texts.chosen?.decision,
      isUnfit,
      isOld,
    };
    const mended = decision === 'edited' ? this.mendedText : '';
    return async () => {
      try {
        const run = await record(shown, decision, { mended, mode }, others);
        if (run) control.runValue = run;
      } catch (error) {
        control.refuse(unrecorded(error));
      }
    };
  }

  async update() {
    const run =
      this.runId && (await fetchRun(this.runId).catch(nullIfUnanswered));
    if (run) this.control.runValue = run;
  }

  copy() {
    if (this.box.copy()) this.statusTarget.textContent = text('copied');
  }

  // Showing

  /** Enters a state; the focus moves to what the state is about where it would be lost. */
  go(state, status) {
    this.stateValue = state;
    if (status !== undefined) this.statusTarget.textContent = status;
    this.stage.show(state);
    this.showDetails();
    if (!this.box.isOffered) this.mendTarget.hidden = true;
    if (this.texts.count >= MOST || this.isOld) this.moreTarget.hidden = true;
    if (this.isOfSelection) this.historyTarget.hidden = true;
    this.headingTarget.textContent = text(this.isOld ? 'old_text' : 'new_text');
    if (this.otherMode !== 'append') this.appendTarget.hidden = true;
    if (this.otherMode !== 'replace') this.insteadTarget.hidden = true;
    this.textsTarget.disabled = state === 'running';
    if (state !== 'idle') this.stage.keepFocus(state);
  }

  showCurrent(current) {
    this.currentText = current;
    this.compare();
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

/** What a person has before them stays, whatever was refused. */
const kept = (error) => text('kept', { reason: error.message });

/** Says why a decision is not on record; the field itself is not concerned. */
function unrecorded(error) {
  if (!(error instanceof ApiError)) throw error;
  const isLate = error.code === 'invalid_transition';
  return text(isLate ? 'decided_before' : 'not_recorded');
}
