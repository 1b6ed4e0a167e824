/** The texts that came since the dialog was opened: a person looks at one of them, and picks. */
import { text } from '../strings.js';

/** So many can be told apart. */
export const MOST = 5;

export class Texts {
  /**
   * @param {HTMLElement} group - where they are chosen; hidden as long as there is no choice.
   * @param {HTMLElement} list - in it.
   * @param {HTMLSelectElement} beside - what the chosen one is compared with.
   */
  constructor({ group, list, beside }) {
    Object.assign(this, { group, list, beside });
    this.clear();
  }

  clear() {
    this.all = [];
    this.chosen = null;
    this.show();
  }

  get count() {
    return this.all.length;
  }

  /**
   * Adds a text, which is the chosen one now.
   *
   * @param {object} entry - `id` of its run, `output`, `model`, and what `show` it again;
   *   `decision` of a run that was decided on before.
   */
  add(entry) {
    this.all.push(entry);
    this.chosen = entry;
    this.show();
  }

  /** Keeps what a person has made of the chosen one. */
  keep(own) {
    if (this.chosen) this.chosen.own = own;
    this.fillBeside();
  }

  choose(index) {
    this.chosen = this.all[index];
    this.show();
    return this.chosen;
  }

  /** None is looked at: another one is on its way. */
  leave() {
    this.chosen = null;
    this.show();
  }

  /** The runs of all texts but the chosen one that nobody has decided on. */
  get others() {
    return this.all.filter(
      (entry) => entry !== this.chosen && !entry.isUnfit && !entry.decision,
    );
  }

  /** The text to compare with; null for the current one. */
  get compared() {
    const entry = this.all[this.beside.value];
    return entry ? (entry.own ?? entry.output) : null;
  }

  /** Compares with the current text again. */
  forgetCompared() {
    this.beside.value = '';
  }

  show() {
    this.group.hidden = this.count < (this.chosen ? 2 : 1);
    this.list.replaceChildren(
      ...this.all.map((entry, at) => this.option(entry, at)),
    );
    this.fillBeside();
  }

  fillBeside() {
    const { value } = this.beside;
    this.beside.replaceChildren(
      new Option(text('current_text'), ''),
      ...this.all.map((entry, at) => new Option(this.nameOf(entry, at), at)),
    );
    this.beside.value = this.all[value] ? value : '';
    this.beside.hidden = this.count < 2;
  }

  option(entry, at) {
    const input = Object.assign(document.createElement('input'), {
      type: 'radio',
      name: 'llm-run-dialog-text',
      value: at,
      checked: entry === this.chosen,
    });
    const label = document.createElement('label');
    label.append(input, this.nameOf(entry, at));
    return label;
  }

  /** The model is named where it tells texts apart. */
  nameOf({ model }, at) {
    const isMixed = new Set(this.all.map((entry) => entry.model)).size > 1;
    const name = text('text_number', { number: at + 1 });
    return isMixed ? `${name} (${model})` : name;
  }
}
