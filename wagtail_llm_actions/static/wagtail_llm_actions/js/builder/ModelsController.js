import { ApiError } from '../api.js';
import { text } from '../strings.js';
import { fetchModels } from './builderApi.js';
import { controlOf, fillIn } from './controls.js';

/**
 * Offers the models that the chosen provider has now.
 *
 * The text input of the model's name stays what counts.
 */
export class ModelsController extends window.StimulusModule.Controller {
  static targets = ['picker', 'status'];

  connect() {
    this.form = this.element.closest('form');
    this.onChange = ({ target }) => this.follow(target.name);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.list();
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
    this.abort?.abort();
  }

  follow(name) {
    if (name === 'provider') this.list();
    if (name === 'model_name') this.reflect();
  }

  /** Asks the provider that is chosen now. */
  async list() {
    this.abort?.abort();
    this.abort = new AbortController();
    const { signal } = this.abort;
    this.offer([]);
    this.statusTarget.textContent = '';
    this.element.setAttribute('aria-busy', 'true');
    try {
      const { value } = controlOf(this.form, 'provider');
      const names = await fetchModels(value, signal);
      if (signal.aborted) return;
      this.offer(names);
      this.statusTarget.textContent = names.length ? '' : text('no_models');
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof ApiError)) throw error;
      this.statusTarget.textContent = text('models_failed', {
        reason: error.message,
      });
    } finally {
      if (!signal.aborted) this.element.removeAttribute('aria-busy');
    }
  }

  offer(names) {
    this.pickerTarget.replaceChildren(
      new Option(text('choose_model'), ''),
      ...names.map((name) => new Option(name, name)),
    );
    this.pickerTarget.disabled = !names.length;
    this.reflect();
  }

  choose() {
    const { value } = this.pickerTarget;
    if (value) fillIn(controlOf(this.form, 'model_name'), value);
  }

  /** Shows in the picker what stands in the text input, where the provider has it. */
  reflect() {
    const name = controlOf(this.form, 'model_name').value.trim();
    const options = [...this.pickerTarget.options];
    const isOffered = options.some(({ value }) => value === name);
    this.pickerTarget.value = isOffered ? name : '';
  }
}
