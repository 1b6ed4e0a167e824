import { text } from '../strings.js';
import { fillIn } from './controls.js';

const PREFIX = 'sources';
const PATHS = `input[name^="${PREFIX}-"][name$="-path"]`;

/**
 * Offers what an object of the chosen type has to read, and adds rows for it.
 *
 * The rows are Wagtail's own inline panel, which may be filled by hand as well.
 */
export class SourcesController extends window.StimulusModule.Controller {
  static targets = ['offer', 'button', 'status', 'paths'];

  connect() {
    this.form = this.element.closest('form');
    this.rows = document.getElementById(`id_${PREFIX}-FORMS`);
    this.onFocus = ({ target }) => this.suggest(target);
    this.onChange = () => this.mark();
    this.form.addEventListener('focusin', this.onFocus);
    this.form.addEventListener('change', this.onChange);
    // Wagtail says nothing when a row is deleted: it hides it.
    this.observer = new MutationObserver(this.onChange);
    this.observer.observe(this.rows, {
      childList: true,
      subtree: true,
      attributeFilter: ['class', 'style', 'hidden'],
    });
  }

  disconnect() {
    this.form.removeEventListener('focusin', this.onFocus);
    this.form.removeEventListener('change', this.onChange);
    this.observer.disconnect();
  }

  /** Shows what the chosen type has. */
  show({ detail: { parts } }) {
    this.element.hidden = !parts;
    this.offerTarget.replaceChildren(...(parts?.sources.children ?? []));
    this.pathsTarget.replaceChildren(
      ...this.buttonTargets.map(
        ({ dataset }) => new Option(dataset.label, dataset.path),
      ),
    );
    this.statusTarget.textContent = '';
    this.mark();
  }

  /** Adds a row for what a button stands for, once. */
  add({ currentTarget: button }) {
    const { path, label, name } = button.dataset;
    const names = this.namesByPath();
    if (names.has(path)) return;
    const free = freeName(name, new Set(names.values()));
    const number = this.control('TOTAL_FORMS').value;
    window.wagtail.editHandler.getPanelByName(PREFIX).addForm();
    fillIn(this.control(`${number}-name`), free);
    fillIn(this.control(`${number}-path`), path);
    this.statusTarget.textContent = text('source_added', {
      label,
      name: variable(free),
    });
  }

  /** Says at each button what is read already, and by which name. */
  mark() {
    const names = this.namesByPath();
    this.buttonTargets.forEach((button) => {
      const name = names.get(button.dataset.path);
      const use = name ? text('source_used', { name: variable(name) }) : '';
      const place = button.querySelector('[data-use]');
      if (place.textContent !== use) place.textContent = use;
      button.setAttribute('aria-disabled', `${Boolean(name)}`);
    });
  }

  /** The inputs of all rows, also of those that are added later, suggest what this type has. */
  suggest(input) {
    if (this.pathsTarget.children.length && input.matches(PATHS))
      input.setAttribute('list', this.pathsTarget.id);
  }

  /** What the rows that are not deleted read, and by which name: read once for all buttons. */
  namesByPath() {
    const rows = [...this.rows.querySelectorAll(PATHS)]
      .map((input) => ({ input, number: input.name.split('-')[1] }))
      .filter(({ number }) => !this.control(`${number}-DELETE`)?.value)
      .map(({ input, number }) => [
        input.value.trim(),
        this.control(`${number}-name`).value.trim() || input.value,
      ]);
    return new Map(rows.reverse());
  }

  control(name) {
    return document.getElementById(`id_${PREFIX}-${name}`);
  }
}

function freeName(name, taken) {
  let free = name;
  for (let number = 2; taken.has(free); number += 1) free = `${name}_${number}`;
  return free;
}

const variable = (name) => `{{ ${name} }}`;
