/** Asks for texts of a field's action, and follows each as it comes. */
import { ApiError, cancelRun, nullIfUnanswered, streamRun } from '../api.js';
import { text } from '../strings.js';
import { RunText } from './RunText.js';
import { MOST } from './Texts.js';

/** Has a text that a person may look at while the next one is asked for. */
const OFFERED = new Set(['succeeded', 'unchecked', 'refused', 'unfit']);
/** How many texts more are asked for at once. */
const ALTERNATIVES = 2;

export class Asking {
  /**
   * @param {RunDialogController} dialog
   * @param {Looking} looking - gets each text when it is there.
   */
  constructor(dialog, looking) {
    Object.assign(this, { dialog, looking });
    this.begin();
  }

  /** Begins anew for a field. */
  begin() {
    this.mayCut = false;
    this.wish = [];
  }

  /** `revision` is what is posted beside the form where an earlier output is to be revised. */
  async start(retryOf, revision = {}) {
    const { dialog } = this;
    const { control } = dialog;
    this.wish = [retryOf, revision];
    this.looking.keepOwn();
    const signal = dialog.begin();
    dialog.texts.leave();
    this.looking.clear(new RunText());
    dialog.go('running', text('generating'));
    control.setBusy(true);
    try {
      for await (const event of this.stream(signal))
        if (!signal.aborted) await this.receive(event);
    } catch (error) {
      if (!signal.aborted) this.looking.fail(error);
    } finally {
      if (dialog.signal === signal) {
        control.setBusy(false);
        dialog.request.followRun();
      }
    }
  }

  stream(signal) {
    const { address, control, form, request } = this.dialog;
    const [retryOf, revision] = this.wish;
    const { contents, ...options } = control.runOptions ?? {};
    return streamRun(form, address, {
      retryOf,
      acceptCut: this.mayCut,
      ...options,
      contents: { ...contents, ...request.contents, ...revision },
      signal,
    });
  }

  receive(event) {
    const { box } = this.dialog;
    const handlers = {
      started: () => this.receiveStart(event),
      delta: () => box.append(event.text),
      restarted: () => {
        box.show('');
        this.dialog.say(event.message);
      },
      succeeded: () => this.looking.add({ output: event.text }),
      failed: () => this.looking.fail(new ApiError(event.message, event)),
    };
    return handlers[event.type]?.();
  }

  receiveStart(event) {
    const { box, control, notes, shown } = this.dialog;
    shown.begin(event);
    box.limit = shown.limit;
    control.mode = event.mode;
    notes.begin(event.notices ?? []);
    this.dialog.showCurrent(event.current);
  }

  /** The person agrees that the sources are shortened. */
  cut() {
    this.mayCut = true;
    return this.start(...this.wish);
  }

  /** Stops the run; the server is told, and may come to its end all the same. */
  stop() {
    const { control, shown } = this.dialog;
    this.dialog.abort();
    control.setBusy(false);
    if (shown.id) cancelRun(shown.id).catch(nullIfUnanswered);
  }

  /** Asks for another text; those that are there stay. A revision that failed is asked for as it was. */
  again() {
    const { shown, stateValue } = this.dialog;
    const [, revision] = this.wish;
    const isOver = ['failed', 'stopped'].includes(stateValue);
    return isOver && revision?.['llm-feedback']
      ? this.start(...this.wish)
      : this.start(shown.id);
  }

  /** Asks for some texts more, one after the other, as long as they come. */
  async alternatives() {
    const { dialog } = this;
    for (let asked = 0; asked < ALTERNATIVES; asked += 1) {
      await this.again();
      if (!OFFERED.has(dialog.stateValue) || dialog.texts.count >= MOST) return;
    }
  }

  /** Asks the model to change its text, or what the person has made of it, as they say. */
  async revise() {
    const { box, feedbackTarget, shown } = this.dialog;
    const feedback = feedbackTarget.value.trim();
    if (!feedback) {
      feedbackTarget.focus();
      return;
    }
    const revision = { 'llm-feedback': feedback };
    if (box.isMended || shown.isOld) revision['llm-mended'] = box.value;
    feedbackTarget.value = '';
    await this.start(shown.id, revision);
  }
}
