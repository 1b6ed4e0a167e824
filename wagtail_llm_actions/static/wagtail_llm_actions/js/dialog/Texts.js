/** The texts that came since the dialog was opened: a person looks at one of them, and picks. */
import { text } from '../strings.js';

/** So many can be told apart. */
export const MOST = 5;
const FIRST_LETTER = 'A'.codePointAt(0);

export class Texts {
  /**
   * @param {HTMLElement} group - where they are chosen; hidden as long as there is no choice.
   * @param {HTMLElement} list - in it.
   * @param {HTMLInputElement} blind - whether it is hidden which model each one is of.
   * @param {HTMLSelectElement} beside - what the chosen one is compared with.
   */
  constructor({ group, list, blind, beside }) {
    Object.assign(this, { group, list, blind, beside });
    this.clear();
  }

  clear() {
    this.all = [];
    this.order = [];
    this.chosen = null;
    this.blind.checked = false;
    this.show();
  }

  get count() {
    return this.all.length;
  }

  /**
   * Adds a text, which is the chosen one now.
   *
   * @param {RunText} entry - `name` only where it is known by one.
   */
  add(entry) {
    this.order.push(this.all.length);
    this.all.push(entry);
    this.chosen = entry;
    this.show();
  }

  /** Puts them in an order that says nothing where it is hidden which is which. */
  arrange() {
    this.order = this.all.map((_, at) => at);
    if (this.blind.checked) shuffle(this.order);
    this.show();
  }

  /** Keeps what a person has made of the chosen one, and what they want otherwise in it. */
  keep(own, wish = '') {
    if (this.chosen) Object.assign(this.chosen, { own, wish });
    this.fillBeside();
  }

  /** Whether a person has made something of one that is not looked at. */
  get isChanged() {
    return this.all.some(
      (entry) =>
        entry !== this.chosen && (entry.own !== undefined || entry.wish),
    );
  }

  /** What it was compared with is no other text any more where it is chosen: then they change places. */
  choose(index) {
    const before = this.all.indexOf(this.chosen);
    const isSwapped = this.beside.value === `${index}` && before >= 0;
    this.chosen = this.all[index];
    this.list.querySelectorAll('input').forEach((input) => {
      input.checked = Number(input.value) === index;
    });
    this.group.hidden = this.count < 2;
    this.fillBeside(isSwapped ? `${before}` : this.beside.value);
    return this.chosen;
  }

  /** None is looked at: another one is on its way. */
  leave() {
    this.chosen = null;
    this.show();
  }

  /** The runs of now but the chosen one's that nobody has decided on. */
  get others() {
    return this.all.filter(
      (entry) =>
        entry !== this.chosen &&
        !entry.isUnfit &&
        !entry.decision &&
        !entry.isOfHistory,
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
    this.list.replaceChildren(...this.order.map((at) => this.option(at)));
    this.fillBeside();
  }

  /** Offers all texts but the chosen one to compare it with. */
  fillBeside(value = this.beside.value) {
    const others = this.order.filter((at) => this.all[at] !== this.chosen);
    this.beside.replaceChildren(
      new Option(text('current_text'), ''),
      ...others.map((at) => new Option(this.nameOf(at), at)),
    );
    const isOffered = others.some((at) => `${at}` === value);
    this.beside.value = isOffered ? value : '';
    this.beside.hidden = this.count < 2;
  }

  option(at) {
    const input = Object.assign(document.createElement('input'), {
      type: 'radio',
      name: 'llm-run-dialog-text',
      value: at,
      checked: this.all[at] === this.chosen,
    });
    const label = document.createElement('label');
    label.append(input, this.nameOf(at));
    return label;
  }

  /** What a text was made with is named where that tells texts apart. */
  nameOf(at) {
    if (this.blind.checked)
      return text('text_letter', {
        letter: String.fromCodePoint(FIRST_LETTER + this.order.indexOf(at)),
      });
    const entry = this.all[at];
    if (entry.name) return entry.name;
    const name = text('text_number', { number: at + 1 });
    const made = ['template', 'model']
      .filter((one) => this.isMixed(one))
      .map((one) => entry[one])
      .filter(Boolean);
    const detail = made.join(text('between_items'));
    return detail ? text('with_detail', { name, detail }) : name;
  }

  isMixed(name) {
    const entries = this.all.filter((entry) => !entry.name);
    return new Set(entries.map((entry) => entry[name])).size > 1;
  }
}

function shuffle(list) {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other], list[at]];
  }
}
