import {
  ApiError,
  cancelRun,
  decideRun,
  fetchRun,
  nullIfUnanswered,
  presentRun,
  streamRun,
} from '../api.js';
import { plural, text } from '../strings.js';
import { characters, lengthText } from './count.js';
import { difference } from './difference.js';

const UNDECIDED = new Set([
  'running',
  'succeeded',
  'unchecked',
  'refused',
  'conflict',
  'gone',
]);
/** Kinds whose output a person can write: all others are chosen, or made of several values. */
const WRITTEN = new Set([
  'text',
  'rich_text',
  'integer',
  'number',
  'date',
  'time',
  'datetime',
  'url',
  'email',
  'slug',
]);

/**
 * One run of a field's action: asks for it, shows the text as it comes, and what to do with it.
 *
 * What shows in which state stands in the template: an element with `data-states` is hidden in
 * all other states. The states are `prepared` (nothing is sent yet), `running`, `succeeded`, `unchecked` (the form could not be asked),
 * `refused` (the form would not take the text), `unfit` (the model's answer was no value for the field), `conflict` (the field changed
 * meanwhile), `cut` (the sources are too long: asks whether to shorten them), `failed`, `ended`
 * (failed, and trying again would not help), `stopped` (cancelled), `gone` (the field was
 * deleted) and `leaving` (asking whether to close).
 *
 * @fires llm-run-dialog:applied - when the text stands in the field; `detail.runId`.
 */
export class RunDialogController extends window.StimulusModule.Controller {
  static targets = [
    'status',
    'message',
    'reasons',
    'notices',
    'mended',
    'mend',
    'feedback',
    'result',
    'current',
    'changes',
    'difference',
    'counter',
    'leaving',
    'request',
  ];

  static values = { state: { type: String, default: 'idle' } };

  connect() {
    this.dialog = this.element.closest('.w-dialog');
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

  open({ control, retryOf, review, isPreparing }) {
    this.control = control;
    this.form = control.form;
    this.address = control.address;
    this.titleElement('title-text').textContent = control.labelValue;
    this.titleElement('subtitle').textContent = control.actionValue;
    this.mayCut = false;
    this.wish = [];
    this.showCurrent('');
    this.dialog.dispatchEvent(new CustomEvent('w-dialog:show'));
    this.request.begin(control);
    if (isPreparing) this.prepare();
    else if (review) this.review(review);
    else this.start(retryOf);
  }

  get request() {
    return this.application.getControllerForElementAndIdentifier(
      this.requestTarget,
      'llm-request',
    );
  }

  /** Shows what would be sent, before anything is. */
  prepare() {
    this.abort();
    this.reset();
    this.go('prepared', text('prepared'));
    return this.request.unfold();
  }

  generate() {
    return this.start();
  }

  /** Keeps the dialog open while something would be lost, and asks. */
  guard(event) {
    const isAsking = this.stateValue === 'leaving';
    const isTyped = this.isMended || this.feedbackTarget.value !== '';
    const isMended = this.stateValue === 'unfit' && isTyped;
    const isAtStake =
      UNDECIDED.has(this.stateValue) || isMended || this.request.isChanged;
    if (this.stateValue === 'idle' || (!isAtStake && !isAsking)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isAsking) this.stay();
    else this.ask();
  }

  ask() {
    this.stateBefore = this.stateValue;
    this.leavingTarget.textContent = text(this.question);
    this.go('leaving');
  }

  get question() {
    if (this.stateBefore === 'running') return 'leave_running';
    const isOpen = UNDECIDED.has(this.stateBefore) || this.isMended;
    return isOpen ? 'leave_undecided' : 'leave_request';
  }

  stay() {
    this.go(this.stateBefore);
  }

  leave() {
    if (this.stateBefore === 'running') this.stop();
    else if (UNDECIDED.has(this.stateBefore)) this.decide('rejected');
    this.close();
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
    this.reset();
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
        if (!abort.signal.aborted) this.receive(event);
    } catch (error) {
      if (!abort.signal.aborted) this.fail(error);
    } finally {
      if (this.abortController === abort) this.control.setBusy(false);
    }
  }

  reset() {
    this.runId = null;
    this.limit = null;
    this.kind = '';
    this.mendedText = undefined;
    this.showBox(null);
    this.isUnfit = false;
    this.mayForget = false;
    this.feedbackTarget.value = '';
    this.resultTarget.textContent = '';
    this.reasonsTarget.replaceChildren();
    this.showNotices([]);
    this.counterTarget.textContent = '';
    this.go('running', text('generating'));
  }

  receive(event) {
    const handlers = {
      started: () => this.begin(event),
      delta: () => this.append(event.text),
      restarted: () => this.restart(event.message),
      succeeded: () => this.succeed(event.text),
      failed: () => this.fail(new ApiError(event.message, event)),
    };
    handlers[event.type]?.();
  }

  begin(event) {
    this.runId = event.run_id;
    this.limit = event.max_length;
    this.kind = event.kind;
    this.control.mode = event.mode;
    this.showNotices(event.notices ?? []);
    this.showCurrent(event.current);
  }

  append(delta) {
    this.resultTarget.append(delta);
    this.count();
  }

  restart(message) {
    this.resultTarget.textContent = '';
    this.counterTarget.textContent = '';
    this.statusTarget.textContent = message;
  }

  succeed(output) {
    this.showOutput(output);
    return this.check();
  }

  /** The output is offered once the form is known to take it. */
  async check() {
    const { signal } = this.abortController;
    this.statusTarget.textContent = text('checking');
    try {
      const presentation = await this.present();
      if (!signal.aborted) this.showChecked(presentation);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!signal.aborted) this.settle('unchecked', error.message);
    }
  }

  showChecked(presentation) {
    const count = characters(this.resultTarget.textContent);
    this.addNotices(presentation.notices ?? []);
    if (presentation.errors.length) {
      this.refuse(presentation);
      return;
    }
    this.offerMending(presentation.kind);
    this.settle('succeeded', plural('done', { count }));
  }

  showOutput(output) {
    this.resultTarget.textContent = output;
    if (this.limit) this.count();
    else this.counterTarget.textContent = '';
  }

  fail(error) {
    this.runId = error.runId ?? this.runId;
    if (!(error instanceof ApiError)) reportError(error);
    const isFinal = error instanceof ApiError && !error.retryable;
    const isBegun = this.resultTarget.textContent !== '';
    this.counterTarget.textContent = '';
    this.messageTarget.textContent =
      error instanceof ApiError ? error.message : text('server');
    if (error.code === 'sources_cut') this.askToCut(error.reasons);
    else if (error.code === 'invalid_output') this.showUnfit(error);
    else
      this.settle(
        isFinal ? 'ended' : 'failed',
        text(isBegun ? 'incomplete' : 'failed'),
      );
    this.update();
  }

  /** The sources are too long for the model: says what would be left out, before anything is sent. */
  askToCut(reasons) {
    this.showReasons(reasons);
    this.settle('cut', text('sources_cut'));
  }

  cut() {
    this.mayCut = true;
    return this.start(...this.wish);
  }

  showUnfit({ reasons, answer }) {
    this.showReasons(reasons);
    if (answer) this.showOutput(answer);
    this.isUnfit = true;
    this.offerMending(this.kind);
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

  /** What a person made of an output is forgotten only when they ask for it twice. */
  async again() {
    const [, revision] = this.wish;
    if (this.isOver && revision?.['llm-feedback']) {
      await this.start(...this.wish);
      return;
    }
    if (this.isMended && !this.mayForget) {
      this.mayForget = true;
      this.statusTarget.textContent = text('again_mended');
      return;
    }
    await this.follow({});
  }

  /** Whether a run has ended without a text: a revision is asked for again as it was. */
  get isOver() {
    return ['failed', 'stopped'].includes(this.stateValue);
  }

  /** Asks the model to change its text, or what the person has made of it, as they say. */
  async revise() {
    const feedback = this.feedbackTarget.value.trim();
    if (!feedback) {
      this.feedbackTarget.focus();
      return;
    }
    const revision = { 'llm-feedback': feedback };
    if (this.isMended) revision['llm-mended'] = this.mendedTarget.value;
    await this.follow(revision);
  }

  /** Puts another run into the place of this one. */
  async follow(revision) {
    const before = this.runId;
    if (UNDECIDED.has(this.stateValue)) await this.decide('rejected');
    await this.start(before, revision);
  }

  /** Shows the output of an earlier run that nobody has decided on. */
  async review(id) {
    this.abort();
    this.abortController = new AbortController();
    this.reset();
    this.runId = id;
    try {
      const [run, presentation] = await Promise.all([
        fetchRun(id),
        this.present(),
      ]);
      this.showCurrent(presentation.current);
      this.showOutput(run.output);
      this.showChecked(presentation);
    } catch (error) {
      this.fail(error);
    }
  }

  // Deciding

  /** Uses the output, or what a person made of it, if it fits now. */
  use() {
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
    return presentRun(
      this.runId,
      this.form,
      this.address,
      this.mendedText,
      this.control.presentContents,
    );
  }

  get isMended() {
    const { hidden, value, defaultValue } = this.mendedTarget;
    return !hidden && value !== defaultValue;
  }

  /** The person has seen that the field changed, and wants the new text all the same. */
  replace() {
    return this.offer((presentation) => {
      if (presentation.errors.length) this.refuse(presentation);
      else this.accept(presentation);
    });
  }

  async offer(proceed) {
    if (this.isOffering) return;
    this.isOffering = true;
    try {
      const isOwn = this.isMended || this.isUnfit;
      this.mendedText = isOwn ? this.mendedTarget.value : undefined;
      if (this.control.isGone) this.go('gone', text('gone'));
      else proceed(await this.present());
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.statusTarget.textContent = error.message;
    } finally {
      this.isOffering = false;
    }
  }

  /** What a person wrote into the box stays there, also when it is refused again. */
  refuse({ errors, kind }) {
    this.showReasons(errors);
    if (this.mendedTarget.hidden) this.offerMending(kind);
    this.settle(this.isUnfit ? 'unfit' : 'refused', text('refused'));
  }

  /** What the editor should know of the sources and of the output. */
  showNotices(notices) {
    this.noticesTarget.replaceChildren();
    this.addNotices(notices);
  }

  addNotices(notices) {
    const known = [...this.noticesTarget.children].map(
      (item) => item.textContent,
    );
    const items = notices
      .filter((notice) => !known.includes(notice))
      .map((notice) =>
        Object.assign(document.createElement('li'), { textContent: notice }),
      );
    this.noticesTarget.append(...items);
  }

  showReasons(reasons) {
    const items = reasons.map((reason) =>
      Object.assign(document.createElement('li'), { textContent: reason }),
    );
    this.reasonsTarget.replaceChildren(...items);
  }

  /** A text stands in a box, where a person may change it before they use it. */
  offerMending(kind) {
    this.showBox(WRITTEN.has(kind) ? this.resultTarget.textContent : null);
  }

  showBox(text) {
    const box = this.mendedTarget;
    box.defaultValue = text ?? '';
    box.value = text ?? '';
    box.hidden = text === null;
    this.resultTarget.hidden = !box.hidden;
    this.changesTarget.hidden = box.hidden || !this.currentText;
    this.showChanges();
  }

  /** For each change of the text in the box. */
  edit() {
    this.count();
    this.showChanges();
  }

  /** Shows, where that is asked for, what the new text changes of the current one. */
  showChanges() {
    if (this.changesTarget.hidden || !this.changesTarget.open) return;
    const elements = { added: 'ins', removed: 'del', same: 'span' };
    const parts = difference(this.currentText, this.mendedTarget.value);
    this.differenceTarget.replaceChildren(
      ...parts.map(({ kind, text: textContent }) =>
        Object.assign(document.createElement(elements[kind]), { textContent }),
      ),
    );
  }

  /** What stands in the dialog as the new text. */
  get newText() {
    return this.mendedTarget.hidden
      ? this.resultTarget.textContent
      : this.mendedTarget.value;
  }

  showConflict(current) {
    this.showCurrent(current);
    this.showChanges();
    this.go('conflict', text('conflict'));
  }

  /** The dialog closes first: it would take the focus back from the field. */
  async accept(presentation) {
    const decision = this.mendedText === undefined ? 'accepted' : 'edited';
    this.close();
    try {
      await this.control.apply(presentation);
    } catch (error) {
      reportError(error);
      this.control.refuse(text('not_applied'));
      return;
    }
    this.control.focus();
    this.announce(text('applied', { label: this.control.labelValue }));
    this.dispatch('applied', { detail: { runId: this.runId } });
    await this.decide(decision);
  }

  async discard() {
    await this.decide('rejected');
    this.close();
    this.announce(text('discarded'));
  }

  /** Records what became of the output; the field itself is not concerned if that fails. */
  async decide(decision) {
    if (this.isUnfit && decision === 'rejected') return;
    const mended = decision === 'edited' ? this.mendedText : '';
    const run = await decideRun(this.runId, decision, mended).catch(
      nullIfUnanswered,
    );
    if (run) this.control.runValue = run;
    else this.announce(text('not_recorded'));
  }

  async update() {
    const run =
      this.runId && (await fetchRun(this.runId).catch(nullIfUnanswered));
    if (run) this.control.runValue = run;
  }

  /** The clipboard's own interface is missing on sites without TLS. */
  copy() {
    if (this.mendedTarget.hidden)
      window.getSelection().selectAllChildren(this.resultTarget);
    else this.mendedTarget.select();
    if (document.execCommand('copy'))
      this.statusTarget.textContent = text('copied');
  }

  // Showing

  /** Enters a state; the focus moves to what the state is about where it would be lost. */
  go(state, status) {
    this.stateValue = state;
    if (status !== undefined) this.statusTarget.textContent = status;
    this.element.querySelectorAll('[data-states]').forEach((element) => {
      element.hidden = !element.dataset.states.split(' ').includes(state);
    });
    if (this.mendedTarget.hidden) this.mendTarget.hidden = true;
    if (state !== 'idle') this.keepFocus(state);
  }

  /** A button that turns into another under the finger would be pressed by mistake. */
  keepFocus(state) {
    const focused = document.activeElement;
    const isInside =
      this.dialog.contains(focused) && !focused.closest('[hidden]');
    const isKept = state === 'running' || focused !== this.dialog;
    if (isInside && isKept && state !== 'leaving') return;
    const named = [...this.element.querySelectorAll('[data-focus-in]')];
    named
      .find(
        ({ hidden, dataset }) =>
          !hidden && dataset.focusIn.split(' ').includes(state),
      )
      ?.focus();
  }

  showCurrent(current) {
    this.currentText = current;
    this.currentTarget.textContent = current || text('empty');
    this.currentTarget.classList.toggle('llm-dialog__text--empty', !current);
  }

  count() {
    const count = characters(this.newText);
    this.counterTarget.textContent = lengthText(count, this.limit);
    this.counterTarget.classList.toggle(
      'llm-dialog__counter--over',
      this.limit && count > this.limit,
    );
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
