/** The new text, which a person may change, beside the current one. */
import { text } from '../strings.js';
import { changesIn, difference, textWithout } from './difference.js';
import { characters, lengthText } from './count.js';

/** Kinds whose output a person can write: all others are chosen, or made of several values. */
const WRITTEN = new Set([
  'text',
  'rich_text',
  'integer',
  'number',
  'date',
  'time',
  'datetime',
  'url',
  'email',
  'slug',
]);

/** Shows texts; knows nothing of runs. */
export class TextBox {
  /**
   * @param {object} elements - `result`, where a text streams in; `mended`, the box it can be
   *   changed in; `current`; `changes` and `difference`; `counter`.
   */
  constructor(elements) {
    Object.assign(this, elements);
    this.limit = null;
  }

  /** Empties everything but the current text. */
  clear() {
    this.limit = null;
    this.result.textContent = '';
    this.fill(null);
    this.counter.textContent = '';
  }

  append(delta) {
    this.result.append(delta);
    this.count();
  }

  show(output) {
    this.result.textContent = output;
    if (this.limit) this.count();
    else this.counter.textContent = '';
  }

  get isBegun() {
    return this.result.textContent !== '';
  }

  /** Code points of the text as it came. */
  get length() {
    return characters(this.result.textContent);
  }

  /** Lets a person change the text, if it is of a kind that is written. */
  offer(kind) {
    this.fill(WRITTEN.has(kind) ? this.result.textContent : null);
  }

  /** Whether there is a box to change the text in. */
  get isOffered() {
    return !this.mended.hidden;
  }

  fill(content) {
    const box = this.mended;
    box.defaultValue = content ?? '';
    box.value = content ?? '';
    box.hidden = content === null;
    this.result.hidden = !box.hidden;
    this.changes.hidden = box.hidden || !this.other;
    this.showChanges();
  }

  /** Puts into the box what a person has made of the text before. */
  put(content) {
    this.mended.value = content;
    this.edited();
  }

  /** What stands there as the new text. */
  get value() {
    return this.isOffered ? this.mended.value : this.result.textContent;
  }

  /** What a person has made of the text; undefined where they have not. */
  get own() {
    const { value, defaultValue } = this.mended;
    return this.isOffered && value !== defaultValue ? value : undefined;
  }

  get isMended() {
    return this.own !== undefined;
  }

  edited() {
    this.count();
    this.showChanges();
  }

  /** Shows what the new text is beside: the current one, another new one, or what is not known yet. */
  compare(other) {
    this.other = other;
    this.current.textContent = other === '' ? text('empty') : (other ?? '');
    this.current.classList.toggle('llm-dialog__text--empty', other === '');
    this.changes.hidden = !this.isOffered || !other;
    this.showChanges();
  }

  /** Shows, where that is asked for, what the new text changes of the other. */
  showChanges() {
    if (this.changes.hidden || !this.changes.open) return;
    const parts = changesIn(difference(this.other, this.mended.value));
    const refused = new Set();
    this.difference.replaceChildren(
      ...parts.map((part, at) =>
        part.same === undefined
          ? changeButton(part, (isMade) => {
              if (isMade) refused.delete(at);
              else refused.add(at);
              this.mended.value = textWithout(parts, refused);
              this.count();
            })
          : element('span', part.same),
      ),
    );
  }

  count() {
    const count = characters(this.value);
    this.counter.textContent = lengthText(count, this.limit);
    this.counter.classList.toggle(
      'llm-dialog__counter--over',
      this.limit && count > this.limit,
    );
  }

  /** The clipboard's own interface is missing on sites without TLS; returns whether it worked. */
  copy() {
    const focused = document.activeElement;
    if (this.isOffered) this.mended.select();
    else window.getSelection().selectAllChildren(this.result);
    const isCopied = document.execCommand('copy');
    // To select what stands in a box focuses it.
    focused.focus();
    return isCopied;
  }
}

/** A change that a person can refuse and make again; `choose` is called with whether it is made. */
function changeButton({ removed, added }, choose) {
  const button = element('button', '');
  button.type = 'button';
  button.className = 'llm-change';
  button.ariaPressed = 'true';
  button.ariaLabel = text(nameOfChange(removed, added), { removed, added });
  if (removed) button.append(element('del', removed));
  if (added) button.append(element('ins', added));
  button.addEventListener('click', () => {
    const isMade = button.ariaPressed !== 'true';
    button.ariaPressed = `${isMade}`;
    choose(isMade);
  });
  return button;
}

function nameOfChange(removed, added) {
  if (!removed) return 'change_add';
  return added ? 'change_replace' : 'change_remove';
}

const element = (name, textContent) =>
  Object.assign(document.createElement(name), { textContent });
