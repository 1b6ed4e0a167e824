import { ApiError } from '../api.js';
import { lengthText } from '../dialog/count.js';
import { element } from '../dialog/prompt.js';
import { fillList, PromptView } from '../dialog/PromptView.js';
import { Latest } from '../Latest.js';
import { text } from '../strings.js';
import { fetchResult, previewTrial, streamTrial } from './builderApi.js';

/**
 * Shows what the action would send for an object, as its form stands, and tests it there.
 *
 * Nothing of it belongs to the form: what is chosen here is no change of the action.
 */
export class TrialController extends window.StimulusModule.Controller {
  static targets = [
    'object',
    'show',
    'test',
    'cancel',
    'problem',
    'facts',
    'notices',
    'prompt',
    'result',
    'status',
    'output',
    'length',
    'checks',
    'before',
    'current',
    'link',
  ];

  static values = { runsUrl: String };

  connect() {
    this.form = this.element.closest('form');
    this.view = new PromptView({
      problem: this.problemTarget,
      facts: this.factsTarget,
      notices: this.noticesTarget,
      prompt: this.promptTarget,
    });
    this.latest = new Latest(this.element, {
      show: (preview) => this.view.show(preview),
      refuse: (error) => this.view.refuse(error),
    });
    this.onChange = (event) => this.follow(event.target);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.offer({ detail: { parts: null } });
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
    this.latest.forget();
    this.running?.abort();
  }

  /** Offers objects of the chosen type. */
  offer({ detail: { parts } }) {
    this.cancel();
    this.clear();
    this.resultTarget.hidden = true;
    const children = parts?.object.children ?? [hint(text('type_first'))];
    this.objectTarget.replaceChildren(...children);
    const { chooserOptions } = parts?.object.dataset ?? {};
    if (chooserOptions) startChooser(this.input, JSON.parse(chooserOptions));
    // Without a name it is not posted, and no change of the form.
    this.input?.removeAttribute('name');
    this.enable();
  }

  choose() {
    this.cancel();
    this.resultTarget.hidden = true;
    this.enable();
    if (this.key) this.show();
    else this.clear();
  }

  /** The prompt follows what is changed in the form, once it is asked for, also after a problem. */
  follow(changed) {
    if (this.element.contains(changed) || !this.isFollowing) return;
    this.latest.askSoon((signal) => this.fetch(signal));
  }

  show() {
    this.isFollowing = true;
    return this.latest.ask((signal) => this.fetch(signal));
  }

  fetch(signal) {
    return previewTrial(this.form, this.key, signal);
  }

  clear() {
    this.isFollowing = false;
    this.latest.forget();
    this.view.clear();
  }

  /** Runs the action once, and shows what comes of it. */
  async test() {
    this.running = new AbortController();
    const { signal } = this.running;
    this.begin();
    try {
      for await (const event of streamTrial(this.form, this.key, signal))
        await this.handle(event);
    } catch (error) {
      if (!signal.aborted && !(error instanceof ApiError)) throw error;
      const message = signal.aborted ? text('test_cancelled') : error.message;
      this.fail({ message });
      if (error.runId) this.linkTo(error.runId);
    } finally {
      this.end();
    }
  }

  cancel() {
    this.running?.abort();
  }

  begin() {
    this.resultTarget.hidden = false;
    this.statusTarget.textContent = text('testing');
    this.outputTarget.textContent = '';
    this.outputTarget.hidden = false;
    this.lengthTarget.textContent = '';
    fillList(this.checksTarget, []);
    this.beforeTarget.hidden = true;
    this.linkTarget.hidden = true;
    this.testTarget.hidden = true;
    this.cancelTarget.hidden = false;
    this.cancelTarget.focus();
    this.resultTarget.setAttribute('aria-busy', 'true');
  }

  end() {
    const hadFocus = document.activeElement === this.cancelTarget;
    this.running = null;
    this.testTarget.hidden = false;
    this.cancelTarget.hidden = true;
    if (hadFocus) this.testTarget.focus();
    this.resultTarget.removeAttribute('aria-busy');
  }

  async handle(event) {
    const { type } = event;
    if (type === 'delta') this.outputTarget.append(event.text);
    if (type === 'restarted') {
      this.outputTarget.textContent = '';
      this.statusTarget.textContent = event.message;
    }
    if (type === 'failed') this.fail(event);
    if (type === 'succeeded') await this.finish(event.text);
    if (type === 'started') this.linkTo(event.run_id);
  }

  /** Leads to all that was sent and came back. */
  linkTo(id) {
    this.runId = id;
    this.linkTarget.href = `${this.runsUrlValue}${id}/`;
    this.linkTarget.hidden = false;
  }

  /** Asks what the field says to the output; the output stays where nobody answers. */
  async finish(output) {
    this.outputTarget.textContent = output;
    const { signal } = this.running;
    try {
      const result = await fetchResult(this.runId, signal);
      if (!signal.aborted) this.judge(result);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const reason = error.message;
      this.statusTarget.textContent = text('test_unchecked', { reason });
    }
  }

  /** Shows an output with what the field says to it. */
  judge({ output, length, errors, notices, max_length: limit, current }) {
    this.outputTarget.textContent = output;
    this.lengthTarget.textContent = lengthText(length, limit);
    let verdict = 'test_fits';
    if (notices.length) verdict = 'test_removes';
    if (errors.length) verdict = 'test_refused';
    this.statusTarget.textContent = text(verdict);
    fillList(this.checksTarget, [...errors, ...notices]);
    this.beforeTarget.hidden = !current;
    this.currentTarget.textContent = current;
  }

  /** Says why there is no output; an answer that does not fit is shown all the same. */
  fail({ message, answer }) {
    this.statusTarget.textContent = message;
    this.outputTarget.textContent = answer ?? '';
    this.outputTarget.hidden = !answer;
  }

  enable() {
    this.showTarget.disabled = !this.key;
    this.testTarget.disabled = !this.key;
  }

  get input() {
    return document.getElementById('llm-trial-object');
  }

  get key() {
    return this.input?.value ?? '';
  }
}

/** Wagtail starts a chooser by a script beside it, which is not executed in what is fetched. */
function startChooser(input, options) {
  return new window.PageChooser(input.id, options);
}

const hint = (textContent) =>
  element('p', { className: 'w-help-text', textContent });
