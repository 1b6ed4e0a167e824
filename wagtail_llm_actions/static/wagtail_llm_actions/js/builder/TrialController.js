import { ApiError } from '../api.js';
import { lengthText, characters } from '../dialog/count.js';
import { element, factsOf, promptElements } from '../dialog/prompt.js';
import { text } from '../strings.js';
import { fetchResult, previewTrial, streamTrial } from './builderApi.js';

/** Milliseconds after a change until the prompt follows. */
const QUIET = 300;

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
    this.onChange = (event) => this.follow(event.target);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.offer({ detail: { parts: null } });
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
    clearTimeout(this.timer);
    this.asked?.abort();
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

  /** The prompt follows what is changed in the form, once it is shown. */
  follow(changed) {
    if (this.element.contains(changed) || this.promptTarget.hidden) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.show(), QUIET);
  }

  async show() {
    clearTimeout(this.timer);
    this.asked?.abort();
    this.asked = new AbortController();
    const { signal } = this.asked;
    this.element.setAttribute('aria-busy', 'true');
    try {
      const preview = await previewTrial(this.form, this.key, signal);
      if (!signal.aborted) this.put(preview);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.clear();
      this.problemTarget.textContent = error.message;
    } finally {
      if (!signal.aborted) this.element.removeAttribute('aria-busy');
    }
  }

  put(preview) {
    const { problem, cuts, notices } = preview;
    this.problemTarget.textContent = problem?.message ?? '';
    this.factsTarget.textContent = problem ? '' : factsOf(preview);
    fillList(this.noticesTarget, [...cuts, ...notices]);
    const shown = promptElements(preview);
    this.promptTarget.replaceChildren(...shown);
    this.promptTarget.hidden = !shown.length;
  }

  clear() {
    this.problemTarget.textContent = '';
    this.factsTarget.textContent = '';
    fillList(this.noticesTarget, []);
    this.promptTarget.replaceChildren();
    this.promptTarget.hidden = true;
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
    if (type === 'succeeded') this.judge(await fetchResult(this.runId));
    if (type === 'started') this.linkTo(event.run_id);
  }

  /** Leads to all that was sent and came back. */
  linkTo(id) {
    this.runId = id;
    this.linkTarget.href = `${this.runsUrlValue}${id}/`;
    this.linkTarget.hidden = false;
  }

  /** Shows an output with what the field says to it. */
  judge({ output, errors, notices, max_length: limit, current }) {
    this.outputTarget.textContent = output;
    this.lengthTarget.textContent = lengthText(characters(output), limit);
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

function fillList(list, sentences) {
  list.replaceChildren(
    ...sentences.map((textContent) => element('li', { textContent })),
  );
}
