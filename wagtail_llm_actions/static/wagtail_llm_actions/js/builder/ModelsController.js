import { Latest } from '../Latest.js';
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
    this.latest = new Latest(this.element, {
      show: (names) => this.show(names),
      refuse: ({ message: reason }) => {
        this.statusTarget.textContent = text('models_failed', { reason });
      },
    });
    this.onChange = ({ target }) => this.follow(target.name);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.list();
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
    this.latest.forget();
  }

  follow(name) {
    if (name === 'provider') this.list();
    if (name === 'model_name') this.reflect();
  }

  /** Asks the provider that is chosen now. */
  list() {
    this.offer([]);
    this.statusTarget.textContent = '';
    const { value } = controlOf(this.form, 'provider');
    return this.latest.ask((signal) => fetchModels(value, signal));
  }

  show(names) {
    this.offer(names);
    this.statusTarget.textContent = names.length ? '' : text('no_models');
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
