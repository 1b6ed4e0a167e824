import { Latest } from '../Latest.js';
import { fetchParts } from './builderApi.js';
import { controlOf, fillIn } from './controls.js';

/**
 * Offers the fields of the chosen content type, and says whom the action serves.
 *
 * The text input of the field stays what counts: a path can be typed that is not offered.
 *
 * @fires llm-destination:type - when another type is chosen; `detail.parts` is what it has, or
 *   null for none.
 */
export class DestinationController extends window.StimulusModule.Controller {
  static targets = ['picker', 'problem', 'serving'];

  static values = { fieldsUrl: String, servingUrl: String, action: String };

  connect() {
    this.form = this.element.closest('form');
    this.fields = new Latest(this.pickerTarget, {
      show: (parts) => this.show(parts),
      refuse: (error) => {
        this.show(null);
        this.say(error.message);
      },
    });
    this.served = new Latest(this.servingTarget, {
      show: (parts) => this.showServing(parts),
      refuse: (error) => this.say(error.message),
    });
    this.onChange = (event) => this.follow(event.target.name);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.offer();
    this.serve();
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
    this.fields.forget();
    this.served.forget();
  }

  follow(name) {
    if (name === 'destination_type') this.offer();
    if (name === 'destination_path') this.reflect();
    if (['destination_type', 'destination_path', 'site'].includes(name))
      this.serve();
  }

  /** Offers the fields of the type that is chosen now; without one, at once nothing. */
  offer() {
    const query = { destination_type: this.valueOf('destination_type') };
    this.say('');
    this.fields.forget();
    this.pickerTarget.disabled = true;
    if (!query.destination_type) {
      this.show(null);
      return;
    }
    this.fields.ask((signal) => fetchParts(this.fieldsUrlValue, query, signal));
  }

  show(parts) {
    this.pickerTarget.replaceChildren(...(parts?.destinations.children ?? []));
    this.pickerTarget.disabled = !parts;
    this.suggestPaths();
    this.reflect();
    this.dispatch('type', { detail: { parts } });
  }

  /** Puts what was picked into the text input, and names an action that has no name of its own. */
  choose() {
    const [option] = this.pickerTarget.selectedOptions;
    if (!option.value) return;
    const name = controlOf(this.form, 'name');
    if (name && ['', this.suggestedName].includes(name.value)) {
      this.suggestedName = option.dataset.name.slice(0, name.maxLength);
      fillIn(name, this.suggestedName);
    }
    fillIn(controlOf(this.form, 'destination_path'), option.value);
  }

  /** Shows in the picker what stands in the text input, where it is offered. */
  reflect() {
    const path = this.valueOf('destination_path');
    const isOffered = this.options.some(({ value }) => value === path);
    this.pickerTarget.value = isOffered ? path : '';
  }

  /** Says whom the action serves, once it is known which field of what it is for. */
  serve() {
    const query = Object.fromEntries(
      ['destination_type', 'destination_path', 'site'].map((name) => [
        name,
        this.valueOf(name),
      ]),
    );
    this.say('');
    this.served.forget();
    if (!query.destination_type || !query.destination_path) {
      this.showServing(null);
      return;
    }
    const all = { ...query, action: this.actionValue };
    this.served.ask((signal) => fetchParts(this.servingUrlValue, all, signal));
  }

  showServing(parts) {
    this.servingTarget.replaceChildren(...(parts?.serving.children ?? []));
  }

  say(problem) {
    this.problemTarget.textContent = problem;
  }

  suggestPaths() {
    const list = controlOf(this.form, 'destination_path')?.list;
    list?.replaceChildren(
      ...this.options
        .filter(({ value }) => value)
        .map(({ value, dataset }) => new Option(dataset.label, value)),
    );
  }

  get options() {
    return [...this.pickerTarget.options];
  }

  valueOf(name) {
    return controlOf(this.form, name)?.value.trim() ?? '';
  }
}
