import { ApiError } from '../api.js';
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
    this.onChange = (event) => this.follow(event.target.name);
    this.form.addEventListener('change', this.onChange);
    this.element.hidden = false;
    this.offer();
    this.serve();
  }

  disconnect() {
    this.form.removeEventListener('change', this.onChange);
  }

  follow(name) {
    if (name === 'destination_type') this.offer();
    if (name === 'destination_path') this.reflect();
    if (['destination_type', 'destination_path', 'site'].includes(name))
      this.serve();
  }

  /** Offers the fields of the type that is chosen now. */
  async offer() {
    const type = this.valueOf('destination_type');
    const query = { destination_type: type };
    const parts = type ? await this.fetch('fields', query) : null;
    if (parts === undefined) return;
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

  async serve() {
    const query = Object.fromEntries(
      ['destination_type', 'destination_path', 'site'].map((name) => [
        name,
        this.valueOf(name),
      ]),
    );
    const isKnown = query.destination_type && query.destination_path;
    const parts = isKnown
      ? await this.fetch('serving', { ...query, action: this.actionValue })
      : null;
    if (parts === undefined) return;
    this.servingTarget.replaceChildren(...(parts?.serving.children ?? []));
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

  /** Returns the parts; undefined where something else was asked since, or nothing came. */
  async fetch(kind, query) {
    this.requests ??= {};
    this.requests[kind]?.abort();
    this.requests[kind] = new AbortController();
    const { signal } = this.requests[kind];
    const url = kind === 'fields' ? this.fieldsUrlValue : this.servingUrlValue;
    try {
      const parts = await fetchParts(url, query, signal);
      this.problemTarget.textContent = '';
      return signal.aborted ? undefined : parts;
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof ApiError)) throw error;
      this.problemTarget.textContent = error.message;
      return undefined;
    }
  }
}
